"""A drill: what is broken, what it looks like, and how it is told from what else it could be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from hatlab.drills.places import Place
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.model import Lesson, SolutionStep
from hatlab.lessons.templates import render
from hatlab.topology import Topology

_MOST_NAMED = 3
"""As many causes are named when they are ruled out at once; of more, one."""
Level = Literal[1, 2, 3]
Written = str | Sequence["Written"] | Mapping[str, "Written | float"]
"""A condition as a lesson's YAML has it."""


class Kind(StrEnum):
    """What sort of fault a cause is, for the table of how one does."""

    NETWORK = "network"
    PROCESS = "process"
    CHECK = "check"
    MISMATCH = "mismatch"
    TIMERS = "timers"
    PREEMPTION = "preemption"
    ADDRESS = "address"
    RELOAD = "reload"
    REPLICATION = "replication"
    WRITES = "writes"


class Symptom(StrEnum):
    """What is noticed from outside."""

    SPLIT = "split"
    """Several servers hold the address."""
    WRONG_SERVER = "wrong server"
    """Clients are answered, but not by the server that should."""
    NO_ORDERS = "no orders"
    """Clients get no answer, or what they write is refused."""
    STALE = "stale"
    """What one server has written does not arrive on the other."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What is to be seen at one place if a cause is at work."""

    place: Place
    about: str
    """The question that it answers there: of two causes with different answers one is ruled out."""
    shows: str
    """In words, a whole sentence; `{vip}` and `{db1.lan}` as in a lesson."""
    has: tuple[str, ...] = ()
    """Regular expressions that the text at the place matches, each somewhere."""
    lacks: tuple[str, ...] = ()
    """Regular expressions that it matches nowhere."""

    def is_seen_in(self, text: str, values: Mapping[str, Value]) -> bool:
        """True if a text is what the sign says.

        Args:
            text: what is to be read at the place.
            values: names in braces → what a lab has for them (`lessons.templates.lab_values`).
        """

        def found(pattern: str) -> bool:
            return re.search(render(pattern, values), text, re.M) is not None

        return all(map(found, self.has)) and not any(map(found, self.lacks))


@dataclass(frozen=True, slots=True)
class Saved:
    """What a repair must leave as it should be."""

    holds: Written
    lost: str
    """What is said if all else is well again and this is not."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that can be wrong in a certain topology."""

    id: str
    """The kind, as in the table of docs/drills.md: `deaf`."""
    kind: Kind
    level: Level
    """The lowest level at which it is drawn."""
    fits: tuple[Symptom, ...]
    """Reports that it explains; the first is what it is reported by when it is drawn."""
    name: str
    """As it is offered for choice: `db2 hears nothing on heartbeat`."""
    begin: tuple[SolutionStep, ...]
    """What makes it, on a healthy lab."""
    until: Written
    """What holds when it shows."""
    signs: tuple[Sign, ...]
    """What is to be seen, in the order in which an expert looks."""
    cure: tuple[SolutionStep, ...]
    """One way to repair it."""
    gone: Written
    """What holds once it is repaired, in whatever way; the lab is healthy besides."""
    advice: str
    """A hint that says where to repair it, once it is named."""
    saves: tuple[Saved, ...] = ()
    """What a hasty repair destroys."""
    touches_data: bool = False
    """It keeps the databases from replicating, too: no second cause of the data is added."""
    harm: tuple[SolutionStep, ...] = ()
    """What somebody in a hurry does, and what does not help."""
    because: str = ""
    """Why that does not help."""

    @property
    def symptom(self) -> Symptom:
        """What it is reported by."""
        return self.fits[0]


@dataclass(frozen=True, slots=True)
class Look:
    """One step of an expert's way."""

    place: Place
    shows: str
    """What it shows in this lab; `{vip}` and the like stand for its addresses, as in a lesson."""
    rules_out: tuple[str, ...] = ()
    """The names of causes that it can no longer be."""

    @property
    def text(self) -> str:
        """What it shows and what that rules out, in sentences."""
        if not self.rules_out:
            return self.shows
        first = self.rules_out[0]
        if len(self.rules_out) > _MOST_NAMED:
            return f"{self.shows} This rules out {len(self.rules_out)} causes at once, among them: {first}."
        return f"{self.shows} This rules out: {'; '.join(self.rules_out)}."


@dataclass(frozen=True)
class Drill:
    """An incident that can be played."""

    name: str
    """Its id: of a shipped one its own, of any other `drill-` and the seed."""
    seed: int
    level: Level
    topology: str
    """The shipped name or the path."""
    spec: Topology
    title: str
    story: str
    """What somebody reports: a symptom, no cause."""
    causes: tuple[Cause, ...]
    """What is wrong: one cause, or two at level 3."""
    choices: tuple[Cause, ...]
    """Eight that fit the story, the true ones among them, in the order in which they are offered."""
    lesson: Lesson
    """To be played; its question is `cause`, its task `repair`."""
    expert: tuple[Look, ...]
    """How an expert finds it, look by look."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of its causes, for the table."""
        return tuple(cause.kind for cause in self.causes)

    @property
    def cure(self) -> tuple[SolutionStep, ...]:
        """What repairs it."""
        return tuple(step for cause in self.causes for step in cause.cure)

    @property
    def commands(self) -> int:
        """How many commands an expert needs, looks and repair together."""
        return len(self.expert) + sum(isinstance(step, str) or hasattr(step, "edit") for step in self.cure)
