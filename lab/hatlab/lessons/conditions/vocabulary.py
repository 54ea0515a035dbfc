"""The words of a line: a name, and after it words of which each means something in the lab.

    holds db2            advert db1 0            adverts db1 >= 3

`CONDITIONS` and `MEASURES` are tables of such names, as `hatlab.actions.VERBS` is of actions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Generic, TypeVar

from hatlab.actions import SERVICES, VERBS, resolve_address
from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.rules import codes_of
from hatlab.lessons.conditions.syntax import WordError
from hatlab.state.derive import CONDITIONS
from hatlab.topology import Layout

T = TypeVar("T")
FIELDS = ("priority", "vrid", "version", "interval", "source", "destination", "auth", "address", "ttl")
"""Of an advert."""


class WordKind(StrEnum):
    """The kind of thing that a word names."""

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
    help: str
    """What it means, one sentence."""
    example: str
    """A whole line."""
    make: Callable[..., T]
    """Takes the words, and returns what asks the lab; None stands for a word that was left out."""
    optional: int = 0
    """How many words may be left out, counted from the end."""
    unit: str = ""
    """Of a measure, for people."""
    history: bool = False
    """It asks what happened since the task began, not what is so now."""

    @property
    def usage(self) -> str:
        needed = len(self.kinds) - self.optional
        shown = [str(kind) if index < needed else f"[{kind}]" for index, kind in enumerate(self.kinds)]
        return " ".join([self.name, *shown])


def entries_by_name(entries: Sequence[Entry[T]]) -> dict[str, Entry[T]]:
    """Return the entries as a table.

    Raises:
        ValueError: two have the same name.
    """
    table = {entry.name: entry for entry in entries}
    if len(table) != len(entries):
        raise ValueError("a name is used twice")
    return table


def resolve_words(words: Sequence[str], table: Mapping[str, Entry[T]], what: str, layout: Layout) -> T:
    """Return what words mean in a lab.

    Args:
        words: the name first.
        table: the names there are.
        what: `condition` or `measure`, for messages.
        layout: the lab.

    Raises:
        WordError: no such name, too few or too many words, or one that the lab has not.
    """
    name, *rest = words
    entry = table.get(name)
    if entry is None:
        raise WordError(f"unknown {what} `{name}`{did_you_mean(name, table)}", f"one of: {', '.join(table)}")
    most = len(entry.kinds)
    if not most - entry.optional <= len(rest) <= most:
        wrong = "too many" if len(rest) > most else "too few"
        raise WordError(f"{wrong} words for `{name}`", f"it is: {entry.usage}, as in: {entry.example}")
    values = [_resolve_word(word, kind, layout) for word, kind in zip(rest, entry.kinds, strict=False)]
    return entry.make(*values, *[None] * (most - len(values)))


def _resolve_word(word: str, kind: WordKind, layout: Layout) -> str | float:
    if kind is WordKind.NUMBER:
        try:
            number = float(word)
        except ValueError:
            number = float("nan")
        if not isfinite(number):
            raise WordError(f"`{word}` is no number", "as in: 3 or 0.5")
        return number
    if kind is WordKind.VIP:
        word = resolve_address(word, layout)
    known = _known_words(kind, layout)
    if known is not None and word not in known:
        what = kind.name.lower()
        hint = f"one of: {', '.join(known[:20])}" if known else f"the lab has no {what}"
        raise WordError(f"no {what} `{word}`{did_you_mean(word, known)}", hint)
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
        case (
            WordKind.SERVICE
            | WordKind.PROCESS
            | WordKind.POWER
            | WordKind.LINK
            | WordKind.STATE
            | WordKind.VERDICT
        ):
            return tuple(kind.value.split("|"))
        case _:
            return None
