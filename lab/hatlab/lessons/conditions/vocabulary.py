"""The words of a line: a name, and after it words of which each means something in the lab.

    holds db2            advert db1 0            adverts db1 >= 3

`CONDITIONS` and `MEASURES` are tables of such names, as `hatlab.actions.VERBS` is of actions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Generic, TypeVar

from hatlab.actions import SERVICES, VERBS, resolve_address
from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.rules import codes_of
from hatlab.lessons.conditions.syntax import WordError
from hatlab.lessons.conditions.trace import Observation
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


class Vocabulary(dict[str, Entry[T]], Generic[T]):
    """The conditions, or the measures, by name.

    Args:
        noun: `condition` or `measure`, for messages.
    """

    def __init__(self, noun: str) -> None:
        super().__init__()
        self.noun = noun

    def define(
        self, usage: str, help: str, example: str, *, unit: str = "", history: bool = False
    ) -> Callable[[Callable[..., T]], Callable[..., T]]:
        """Return what makes a function an entry, as a decorator.

        Args:
            usage: the name and the kinds of the words after it, as in `state NODE STATE [INSTANCE]`.
            help, example, unit, history: as of an `Entry`.
        """
        name, *words = usage.split()
        kinds = tuple(WordKind[word.strip("[]")] for word in words)

        def add(ask: Callable[..., T]) -> Callable[..., T]:
            self[name] = Entry(name, kinds, usage.count("["), help, example, ask, unit, history)
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
    known = _known_words(kind, layout)
    if known is not None and word not in known:
        what = kind.name.lower()
        hint = f"use one of: {', '.join(known[:20])}" if known else f"the lab has no {what}"
        raise WordError(f"there is no {what} `{word}`{did_you_mean(word, known)}", hint)
    return word


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
            return tuple(verb.replace(" ", "-") for verb in VERBS)
        case _:
            return tuple(kind.split("|")) if "|" in kind else None
