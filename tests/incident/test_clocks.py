"""How far clocks are apart: by adverts over IPv6, which are all alike, and by two logs' lines on one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hatlab.incident.brought import find_files
from hatlab.incident.clocks import estimate_offsets
from hatlab.incident.recording import import_incident
from hatlab.incident.sources import find_zone
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


LOWER = "Received advert from 198.18.0.12 with lower priority 100, ours 150, forcing new election"
HIGHER = "Master received advert from 198.18.0.11 with higher priority 150, ours 100"


@pytest.mark.parametrize("ahead", [-61, 0, 40])
@pytest.mark.parametrize("old", [False, True])
def test_a_master_that_answers_a_lower_priority_and_one_that_yields_are_one_moment(
    ahead: int, old: bool, tmp_path: Path
) -> None:
    """Nothing else pairs these logs: db1 was Master all the time, and says nothing else."""
    lower = "Received lower prio advert 100, forcing new election" if old else LOWER
    higher = "Received higher prio advert 150" if old else HIGHER
    name = "VRRP_Instance(VI_1)" if old else "(VI_1)"
    (tmp_path / "db1").write_text(_log("db1", {20: f"{name} {lower}"}))
    lines = {10: "Entering MASTER STATE", 20: higher, 20.1: "Entering BACKUP STATE"}
    moved = {at + ahead: f"{name} {text}" for at, text in lines.items()}
    (tmp_path / "db2").write_text(_log("db2", moved))
    files = find_files([f"{node}={tmp_path / node}" for node in ("db1", "db2")])
    offset = import_incident(files, zone=find_zone("UTC")).offsets["db2"]
    assert offset.pairs
    assert abs(offset.seconds - ahead) <= offset.uncertainty <= 1.3


def _log(host: str, lines: dict[float, str]) -> str:
    """A syslog with second stamps: seconds after 03:12:00 → what keepalived wrote."""
    began = datetime(2026, 11, 28, 3, 12, tzinfo=UTC)
    stamped = (
        f"{began + timedelta(seconds=at):%b %d %H:%M:%S} {host} Keepalived_vrrp[7]: {text}\n"
        for at, text in sorted(lines.items())
    )
    return "".join(stamped)
