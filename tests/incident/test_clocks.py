"""How far clocks are apart, by adverts over IPv6: all of one node are the same, byte for byte."""

from __future__ import annotations

import pytest

from hatlab.incident.clocks import estimate_offsets
from hatlab.incident.survey import Mark, NodeSurvey, Survey

AHEAD = 83.25
STEP = 1.0002
"""Seconds from advert to advert."""


def capture(name: str, first: int, last: int, ahead: float = 0.0) -> NodeSurvey:
    """A node's capture of one Master's adverts by its clock."""
    times = [number * STEP + ahead for number in range(first, last)]
    node = NodeSurvey(name, sightings={7: (times[0], "fe80::b")}, repeats={7: times})
    node.first, node.last = times[0], times[-1]
    return node


@pytest.mark.parametrize("first", [0, 30])
@pytest.mark.parametrize("last", [80, 100])
@pytest.mark.parametrize("told", [False, True])
def test_frames_that_are_alike_say_only_what_they_can(first: int, last: int, told: bool) -> None:
    here, there = capture("db1", 0, 100), capture("db2", first, last, AHEAD)
    if told:  # db1 stopped, and db2's log says that it heard that
        at = 99 * STEP + 0.4
        here.marks.append(Mark("zero_sent", at, at + 1.0))
        there.marks.append(Mark("zero_received", at + AHEAD, at + AHEAD + 1e-6))
    offset = estimate_offsets(Survey(nodes={"db1": here, "db2": there}), {})["db2"]
    is_whole = (first, last) == (0, 100)
    if told or is_whole:
        assert offset.seconds == pytest.approx(AHEAD, abs=0.02 if is_whole else 1.2)
        assert abs(offset.seconds - AHEAD) <= offset.uncertainty + 0.001
    else:
        assert offset.pairs == 0
