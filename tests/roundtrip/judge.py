"""A lab's run against what is imported of it, and against what is run again of that."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hatlab import events as e
from hatlab.compare.comparison import Comparison, compare_courses
from hatlab.compare.course import read_course
from hatlab.incident.brought import find_files
from hatlab.incident.recording import import_incident
from hatlab.incident.reproduce.search import Reproduction, Search
from hatlab.incident.reproduce.seen import Seen
from hatlab.incident.sources import find_zone
from hatlab.state.model import layout_of
from hatlab.state.steps import derive_steps
from tests.incident.field_files import BEGAN, write_files
from tests.incident.reproduce.honest import Story, effects
from tests.roundtrip.kept import captures_of

_GENERAL = {"its timer ran out", "unknown", ""}
"""Causes that say only what cannot be wrong."""


@dataclass(frozen=True)
class Brought:
    """What is brought, and how exact it is."""

    name: str
    logs: bool = True
    captures: tuple[bool, bool] = (True, True)
    """Of the first node, and of all others."""
    precise: bool = True
    """The logs' stamps have fractions."""
    ahead: float = 0.0
    """Seconds by which the clocks of all nodes but the first are ahead."""
    within: float = 0.05
    """Seconds by which imported times may be off."""


BROUGHT = (
    Brought("logs and captures"),
    Brought("clocks 83 s apart", ahead=83.0),
    Brought("one capture missing", captures=(False, True), within=0.25),
    Brought("logs alone", captures=(False, False), within=0.25),
    Brought("logs to the second, captures", precise=False, within=1.0),
    Brought("logs to the second alone", captures=(False, False), precise=False, within=1.0),
    Brought("captures alone", logs=False),
)


@dataclass(frozen=True)
class RoundTrip:
    """What was found of one run."""

    comparison: Comparison
    """The run's own recording, and what was imported of it."""
    reproduction: Reproduction

    def same(self, kind: str) -> bool:
        """Return whether everything of a kind agrees: `state`, `owners`."""
        return not any(m.differs(self.comparison.within) for m in self.comparison.of(kind))

    @property
    def causes(self) -> tuple[int, int, int]:
        """How many transitions have the same cause, a more general one, and another one."""
        same = general = other = 0
        for match in self.comparison.of("state"):
            if match.first is None or match.other is None or not (match.first.why and match.other.why):
                continue
            ours, theirs = _head(match.first.why), _head(match.other.why)
            same += ours == theirs
            general += ours != theirs and theirs in _GENERAL
            other += ours != theirs and theirs not in _GENERAL
        return same, general, other


def _head(why: e.Why) -> str:
    return why.cause.partition(":")[0].partition(" (")[0]


def round_trip(story: Story, brought: Brought, folder: Path) -> RoundTrip:
    """Write what an operator would have, import it, and compare; then run it again."""
    events = story.events
    servers = layout_of(next(event for event in events if isinstance(event, e.Lab))).server_names
    first, *others = servers
    captures = [first] * brought.captures[0] + others * brought.captures[1]
    files = write_files(
        events,
        folder,
        logs=servers if brought.logs else (),
        captures=captures,
        ahead=dict.fromkeys(others, brought.ahead),
        precise=brought.precise,
        began=story.zero or BEGAN,
        captured=captures_of(story, dict.fromkeys(others, brought.ahead)) if story.captures else None,
    )
    imported = list(import_incident(find_files(files), zone=find_zone("UTC")).events)
    ours, theirs = read_course(derive_steps(effects(events))), read_course(derive_steps(imported))
    return RoundTrip(compare_courses(ours, theirs, within=brought.within), Search(Seen(imported)).run())
