"""How conditions and measures are written: a name and words, each of which means something in the lab.

    holds db2            advert db1 0            adverts db1 >= 3

`CONDITIONS` and `MEASURES` are tables of them, as `hatlab.actions.VERBS` is of actions.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Generic, TypeVar

from hatlab.actions import SERVICES, VERBS, resolve_address
from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.rules import codes_of
from hatlab.errors import UserError
from hatlab.state.derive import CONDITIONS
from hatlab.topology import Layout

T = TypeVar("T")
STATES = ("MASTER", "BACKUP", "FAULT", "INIT", "STOPPED")
FIELDS = ("priority", "vrid", "version", "interval", "source", "destination", "auth", "address", "ttl")
"""Of an advert."""
_LONGEST = 400


class WordError(UserError):
    """A condition or measure that says nothing, or names what the lab has not."""


class ArgKind(StrEnum):
    """What a word names."""

    NODE = "NODE"
    NETWORK = "NETWORK"
    INSTANCE = "INSTANCE"
    CLIENT = "CLIENT"
    CHECK = "CHECK"
    VIP = "VIP"
    SERVICE = "mysqld|keepalived"
    PROCESS = "up|down|frozen"
    POWER = "on|off|paused"
    LINK = "up|down"
    STATE = "|".join(STATES)
    VERDICT = "ok|failed"
    CONDITION = "CONDITION"
    CODE = "CODE"
    FIELD = "FIELD"
    VERB = "VERB"
    NUMBER = "NUMBER"
    WORD = "WORD"


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One condition or measure.

    Attributes:
        name: its first word.
        places: the words after it; `optional` of them, from the end, may be left out (None then).
        help: what it means, one sentence.
        example: as written.
        make: the words, then what is asked of the lab.
        unit: of a measure, for people.
        past: it asks what happened since the task began, not what is now.
    """

    name: str
    places: tuple[ArgKind, ...]
    help: str
    example: str
    make: Callable[..., T]
    optional: int = 0
    unit: str = ""
    past: bool = False

    @property
    def usage(self) -> str:
        needed = len(self.places) - self.optional
        shown = [str(p) if k < needed else f"[{p}]" for k, p in enumerate(self.places)]
        return " ".join([self.name, *shown])


def entries_by_name(entries: Sequence[Entry[T]]) -> dict[str, Entry[T]]:
    """The entries by name.

    Raises:
        ValueError: two have the same name.
    """
    found = {entry.name: entry for entry in entries}
    if len(found) != len(entries):
        raise ValueError("a name is used twice")
    return found


def tokenize(line: str) -> list[str]:
    """A line's words; quotes as in a shell.

    Raises:
        WordError: it has none, or a quote stays open.
    """
    if len(line) > _LONGEST:
        raise WordError(f"a line of {len(line)} characters", f"at most {_LONGEST}")
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise WordError(f"cannot read {line!r}: {error}", "close the quotes") from None
    if not words:
        raise WordError("nothing is asked", "as in: holds db2")
    return words


def resolve_words(words: Sequence[str], known: Mapping[str, Entry[T]], kind: str, layout: Layout) -> T:
    """What words mean in a lab.

    Args:
        words: name first.
        known: the table.
        kind: `condition` or `measure`, for messages.

    Raises:
        WordError: no such name, too few or too many words, or one that the lab has not.
    """
    name, *rest = words
    entry = known.get(name)
    if entry is None:
        raise WordError(f"unknown {kind} `{name}`{did_you_mean(name, known)}", f"one of: {', '.join(known)}")
    if not len(entry.places) - entry.optional <= len(rest) <= len(entry.places):
        wrong = "too many" if len(rest) > len(entry.places) else "too few"
        raise WordError(f"{wrong} words for `{name}`", f"it is: {entry.usage}, as in: {entry.example}")
    values = [_value(word, place, layout) for word, place in zip(rest, entry.places, strict=False)]
    return entry.make(*values, *[None] * (len(entry.places) - len(values)))


def _value(word: str, place: ArgKind, layout: Layout) -> str | float:
    if place is ArgKind.NUMBER:
        try:
            number = float(word)
        except ValueError:
            number = float("nan")
        if not isfinite(number):
            raise WordError(f"`{word}` is no number", "as in: 3 or 0.5")
        return number
    if place is ArgKind.VIP:
        word = resolve_address(word, layout)
    known = _known(place, layout)
    if known is not None and word not in known:
        what = place.name.lower()
        hint = f"one of: {', '.join(known[:20])}" if known else f"the lab has no {what}"
        raise WordError(f"no {what} `{word}`{did_you_mean(word, known)}", hint)
    return word


def _known(place: ArgKind, layout: Layout) -> tuple[str, ...] | None:
    """The words that may stand at a place; None for any."""
    match place:
        case ArgKind.NODE:
            return layout.node_names
        case ArgKind.NETWORK:
            return layout.network_names
        case ArgKind.INSTANCE:
            return tuple(layout.topology.instances)
        case ArgKind.CLIENT:
            return layout.client_names
        case ArgKind.CHECK:
            return tuple(layout.topology.checks)
        case ArgKind.VIP:
            return layout.vip_addresses
        case ArgKind.SERVICE:
            return SERVICES
        case ArgKind.STATE:
            return STATES
        case ArgKind.CONDITION:
            return CONDITIONS
        case ArgKind.CODE:
            return codes_of("KA")
        case ArgKind.FIELD:
            return FIELDS
        case ArgKind.VERB:
            return tuple(verb.replace(" ", "-") for verb in VERBS)
        case ArgKind.PROCESS | ArgKind.POWER | ArgKind.LINK | ArgKind.VERDICT:
            return tuple(place.value.split("|"))
        case _:
            return None
