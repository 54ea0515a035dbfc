"""Somebody else's node with the same VRID: a node of the lab plays it, as what was heard of it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.compare.course import read_course
from hatlab.compare.strangers import find_strangers, without_nodes
from hatlab.incident.reproduce.report import report_lines
from hatlab.incident.reproduce.timetable import format_script, format_topology, script_length, script_lines
from hatlab.state.steps import derive_steps
from hatlab.topology.file import parse_topology
from tests.incident.reproduce.foreign_lab import BROUGHT, bring, faults, run, with_stranger

SCRIPT = "0 cut lan x\n4 set x virtual_router_id 51\n16 kill keepalived x\n"


@pytest.mark.parametrize(
    ("priority", "captures", "ends"),
    [(220, BROUGHT, True), (220, (), True), (90, BROUGHT, True), (90, (), False)],
)
def test_a_stranger_is_played(
    tmp_path: Path, priority: int, captures: tuple[str, ...], *, ends: bool
) -> None:
    events = run(tmp_path, with_stranger(priority), SCRIPT, 22)
    found = bring(events, tmp_path, captures=captures)
    wanted = ["cut lan stranger", "set stranger virtual_router_id 51", "kill keepalived stranger"]
    assert faults(found) == wanted[: 3 if ends else 2]  # of a lower priority no log says when it ended
    assert found.best.comparison.same
    said = "\n".join(report_lines(found, found.best.comparison, ("a", "b"), details=True))
    assert "No lab plays this" not in said
    assert "with the VRID of VI_1" in said
    member = found.topology.instances["other_cluster"].members["stranger"]
    assert member.priority == priority


def test_it_stays_deaf_when_its_network_is_healed(tmp_path: Path) -> None:
    script = "0 cut lan x\n2 set x virtual_router_id 51\n8 cut lan db2\n14 heal lan\n14.01 cut lan x\n"
    found = bring(run(tmp_path, with_stranger(90), script, 22), tmp_path)
    words = faults(found)
    assert words[words.index("heal lan") + 1] == "cut lan stranger"
    assert "cut lan db2" in words
    assert found.best.agreement > 0.95


def test_its_files_can_be_started_and_compared(tmp_path: Path) -> None:
    found = bring(run(tmp_path, with_stranger(220), SCRIPT, 22), tmp_path)
    read = parse_topology(format_topology(found.topology).encode())
    assert read.topology is not None
    assert not [finding for finding in read.findings if finding.severity == "error"]
    lines = script_lines(found.seen, found.best.faults, found.best.lead)
    length = script_length(found.seen, found.best.lead)
    assert "set stranger virtual_router_id 51" in format_script(lines, found.best.faults, length, "x")
    course = read_course(derive_steps(found.best.trial.events))
    assert find_strangers(found.incident, course) == {"stranger"}
    assert not find_strangers(course, course)
    rest = read_course(derive_steps(without_nodes(found.best.trial.events, {"stranger"})))
    assert not [key for key in rest.streams if "stranger" in key.subject]
