"""The words of a line: a name, and after it words of which each means something in the lab.

    holds db2            advert db1 0            adverts db1 >= 3

`CONDITIONS` and `MEASURES` are tables of such names, as `hatlab.actions.VERBS` is of actions. Conditions of
extensions stand in the former, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite
from typing import Any, Generic, TypeVar

from hatlab.actions import SERVICES, VERBS, resolve_address
from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.rules import codes_of
from hatlab.lessons.conditions.syntax import COMBINATORS, WordError
from hatlab.lessons.conditions.trace import Observation
from hatlab.registry import Extension, Kind, Table, describe_error
from hatlab.registry.table import Unfit, require_name
from hatlab.state.derive import CONDITIONS
from hatlab.topology import Layout

T = TypeVar("T")
FIELDS = ("priority", "vrid", "version", "interval", "source", "destination", "auth", "address", "ttl")
"""Of an advert."""


class WordKind(StrEnum):
    """The kind of thing that a word names; one with bars is one of the words between them."""

    NODE = "NODE"
    NETWORK = "NETWORK"
    INSTANCE = "INSTANCE"
    CLIENT = "CLIENT"
    CHECK = "CHECK"
    VIP = "VIP"
    SERVICE = "|".join(SERVICES)
    PROCESS = "up|down|frozen"
    POWER = "on|off|paused"
    LINK = "up|down"
    STATE = "MASTER|BACKUP|FAULT|INIT|STOPPED"
    VERDICT = "ok|failed"
    CONDITION = "CONDITION"
    CODE = "CODE"
    FIELD = "FIELD"
    VERB = "VERB"
    NUMBER = "NUMBER"
    WORD = "WORD"


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One condition or measure."""

    name: str
    """Its first word."""
    kinds: tuple[WordKind, ...]
    """What the words after it name."""
    optional: int
    """How many of them may be left out, counted from the end."""
    help: str
    """What it means, one sentence."""
    example: str
    """A whole line."""
    ask: Callable[..., T]
    """Takes what is seen and the words; None stands for a word that was left out."""
    unit: str
    """Of a measure, for people."""
    history: bool
    """It asks what happened since the task began, not what is so now."""

    @property
    def usage(self) -> str:
        needed = len(self.kinds) - self.optional
        shown = [str(kind) if index < needed else f"[{kind}]" for index, kind in enumerate(self.kinds)]
        return " ".join([self.name, *shown])


def condition(
    usage: str, help: str, example: str, *, unit: str = "", history: bool = False
) -> Callable[[Callable[..., T]], Entry[T]]:
    """Return what makes a function a condition (or a measure), as a decorator.

    Args:
        usage: the name and the kinds of the words after it, as in `state NODE STATE [INSTANCE]`.
        help, example, unit, history: as of an `Entry`.

    Raises:
        ValueError: the usage names no kind of word.
    """
    name, *words = usage.split()
    if unknown := [word for word in words if word.strip("[]") not in WordKind.__members__]:
        raise ValueError(f"{unknown[0]} is no kind of word; there are {', '.join(WordKind.__members__)}")
    kinds = tuple(WordKind[word.strip("[]")] for word in words)

    def to_entry(ask: Callable[..., T]) -> Entry[T]:
        return Entry(name, kinds, usage.count("["), help, example, ask, unit, history)

    return to_entry


class Vocabulary(Table[Entry[T]], Generic[T]):
    """The conditions, or the measures, by name.

    Args:
        noun: `condition` or `measure`, for messages.
        kind: of the extensions that add to it; None for none.
    """

    def __init__(self, noun: str, kind: Kind | None = None) -> None:
        super().__init__(kind, {}, _fit)
        self.noun = noun

    def define(
        self, usage: str, help: str, example: str, *, unit: str = "", history: bool = False
    ) -> Callable[[Callable[..., T]], Callable[..., T]]:
        """Return what makes a function an entry here, as a decorator; it takes what `condition` does."""

        def add(ask: Callable[..., T]) -> Callable[..., T]:
            entry = condition(usage, help, example, unit=unit, history=history)(ask)
            self.add(entry.name, entry)
            return ask

        return add

    def resolve(self, words: Sequence[str], layout: Layout) -> Callable[[Observation], T]:
        """Return what a line's words ask in a lab.

        Raises:
            WordError: no such name, too few or too many words, or one that the lab has not.
        """
        name, *rest = words
        entry = self.get(name)
        if entry is None:
            guess = did_you_mean(name, self)
            raise WordError(f"unknown {self.noun} `{name}`{guess}", f"use one of: {', '.join(self)}")
        most = len(entry.kinds)
        if not most - entry.optional <= len(rest) <= most:
            wrong = "too many" if len(rest) > most else "too few"
            raise WordError(
                f"{wrong} words for `{name}`", f"write {entry.usage}, for example: {entry.example}"
            )
        values = [_resolve_word(word, kind, layout) for word, kind in zip(rest, entry.kinds, strict=False)]
        left_out = [None] * (most - len(values))
        return lambda seen: entry.ask(seen, *values, *left_out)


def _fit(entry: Entry[T], extension: Extension) -> Entry[T]:
    """Return the condition that an extension gives, as one that never raises.

    Raises:
        Unfit: it cannot be used.
    """
    if not isinstance(entry, Entry):
        raise Unfit(f"it is not made by `condition`, but is a {type(entry).__name__}")
    require_name(entry, "condition", extension)
    if entry.name in COMBINATORS:
        raise Unfit(f"`{entry.name}` is a word of hatlab's, which puts conditions together")
    if entry.example.split()[:1] != [entry.name]:
        raise Unfit(f"its example does not begin with {entry.name}")
    ask = entry.ask

    def ask_safely(*seen_and_words: Any) -> Any:
        try:
            return bool(ask(*seen_and_words))
        except Exception as error:  # noqa: BLE001  another's code can raise anything
            extension.report(f"failed, and counts as not true: {describe_error(error)}")
            return False

    return replace(entry, ask=ask_safely)


def parse_number(word: str) -> float | str:
    """Return a word as a number if it is a finite one."""
    try:
        number = float(word)
    except ValueError:
        return word
    return number if isfinite(number) else word


def _resolve_word(word: str, kind: WordKind, layout: Layout) -> str | float:
    if kind is WordKind.NUMBER:
        if isinstance(parse_number(word), str):
            raise WordError(f"`{word}` is not a number", "for example: 3 or 0.5")
        return float(word)
    if kind is WordKind.VIP:
        word = resolve_address(word, layout)
    if kind is WordKind.VERB and word in _dashed(VERBS.own):
        return word  # so no extension is looked for
    known = _known_words(kind, layout)
    if known is not None and word not in known:
        what = kind.name.lower()
        hint = f"use one of: {', '.join(known[:20])}" if known else f"the lab has no {what}"
        raise WordError(f"there is no {what} `{word}`{did_you_mean(word, known)}", hint)
    return word


def _dashed(verbs: Iterable[str]) -> tuple[str, ...]:
    """Return the names of verbs as one word each."""
    return tuple(verb.replace(" ", "-") for verb in verbs)


def _known_words(kind: WordKind, layout: Layout) -> tuple[str, ...] | None:
    """Return the words of a kind that a lab has; None if any will do."""
    match kind:
        case WordKind.NODE:
            return layout.node_names
        case WordKind.NETWORK:
            return layout.network_names
        case WordKind.INSTANCE:
            return tuple(layout.topology.instances)
        case WordKind.CLIENT:
            return layout.client_names
        case WordKind.CHECK:
            return tuple(layout.topology.checks)
        case WordKind.VIP:
            return layout.vip_addresses
        case WordKind.CONDITION:
            return CONDITIONS
        case WordKind.CODE:
            return codes_of("KA")
        case WordKind.FIELD:
            return FIELDS
        case WordKind.VERB:
            return _dashed(VERBS)
        case _:
            return tuple(kind.split("|")) if "|" in kind else None
