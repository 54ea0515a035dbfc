"""A lab's run against what is imported of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from hatlab import events as e
from hatlab.cli import main
from hatlab.commands.compare import read_recording
from hatlab.compare import Comparison, compare_courses, read_course
from hatlab.engine.replay.recording_reader import RecordingReader
from hatlab.incident.reproduce.search import Reproduction, Search
from hatlab.incident.reproduce.seen import Seen
from hatlab.state.steps import derive_steps
from tests.roundtrip.sources import Brought, write_sources

_GENERAL = {"its timer ran out", "unknown", ""}
"""Causes that say only what cannot be wrong."""


@dataclass(frozen=True)
class RoundTrip:
    """What was found of one run."""

    comparison: Comparison
    reproduction: Reproduction

    @property
    def same_states(self) -> bool:
        within = self.comparison.within
        return not any(m.differs(within) for m in self.comparison.of("state"))

    @property
    def same_owners(self) -> bool:
        within = self.comparison.within
        return not any(m.differs(within) for m in self.comparison.of("owners"))

    @property
    def causes(self) -> tuple[int, int, int]:
        """How many transitions have the same cause, a more general one, and another one."""
        same = general = other = 0
        for match in self.comparison.of("state"):
            if match.first is None or match.other is None or not (match.first.why and match.other.why):
                continue
            ours, theirs = _head(match.first.why), _head(match.other.why)
            if ours == theirs:
                same += 1
            elif theirs in _GENERAL:
                general += 1
            else:
                other += 1
        return same, general, other


def _head(why: e.Why) -> str:
    return why.cause.partition(":")[0].partition(" (")[0]


def round_trip(events: Sequence[e.Event], brought: Brought, folder: Path) -> RoundTrip:
    """Write what an operator would have, import it, and compare; then run it again."""
    path = folder / "incident.jsonl"
    folders = write_sources(events, brought, folder / "brought")
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = main(["import", *map(str, folders), "--tz", "UTC", "-o", str(path)])
    assert code == 0, said.getvalue()
    facts = [event for event in events if not event.derived and not isinstance(event, e.Action)]
    comparison = compare_courses(
        read_course(derive_steps(facts)), read_recording(path), within=brought.within
    )
    recording = RecordingReader(path)
    seen = Seen(event for _, event in recording.read())
    recording.close()
    return RoundTrip(comparison, Search(seen).run())
