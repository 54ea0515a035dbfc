"""What the nodes of a run left, imported, says the same as the run's own recording, as far as it can."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.incident.brought import find_files
from hatlab.incident.recording import Incident, import_incident
from hatlab.incident.sources import find_zone
from hatlab.state.steps import derive_steps
from tests.incident.field_files import BEGAN, write_files
from tests.parity.play import on_simulator
from tests.parity.scenarios import SCENARIOS, Scenario

STATES = {"MASTER", "BACKUP", "FAULT"}
SAYS_LESS = ("nothing heard from", "adverts from", "it heard only a lower priority", "its timer ran out")
"""Causes of an import where the lab knows more: a filter, a process, a file that was changed later."""
SAYS_THE_SAME = ("its interface on",)
"""Beginnings of causes that name a network, which an import calls as the configuration does."""
ADVERTISES = 0.1
"""Seconds from a new Master's state to its first advert."""
Transition = tuple[float, str, str]


@pytest.fixture(scope="module")
def runs() -> dict[str, Sequence[e.Event]]:
    return {}


def played(runs: dict[str, Sequence[e.Event]], scenario: Scenario) -> Sequence[e.Event]:
    if scenario.number not in runs:
        runs[scenario.number] = on_simulator(scenario).events
    return runs[scenario.number]


def read(words: list[str], **options: object) -> tuple[Incident, list[e.Event]]:
    incident = import_incident(find_files(words), zone=find_zone("UTC"), **options)  # type: ignore[arg-type]
    return incident, list(incident.events)


def transitions(events: Sequence[e.Event], states: set[str] = STATES) -> list[Transition]:
    """Each change of state, in each node's order."""
    found, last = [], dict[str, str]()
    for event in events:
        if isinstance(event, e.Process) and event.service == "keepalived":
            last.pop(event.node, None)
        if isinstance(event, e.Vrrp) and event.state in states and last.get(event.node) != event.state:
            last[event.node] = event.state
            found.append((event.at, event.node, event.state))
    return sorted(found, key=lambda one: one[1])


def shifted(incident: Incident, moments: list[Transition]) -> list[Transition]:
    """The moments since the run began, by the first node's clock."""
    began = datetime.fromisoformat(incident.lab.event.started).timestamp() - BEGAN
    return [(at + began, node, state) for at, node, state in moments]


def assert_alike(theirs: list[Transition], ours: list[Transition], early: float, late: float) -> None:
    assert [one[1:] for one in theirs] == [one[1:] for one in ours]
    for (at, node, state), (known, _, _) in zip(ours, theirs, strict=True):
        assert -early <= at - known <= late, f"{node} {state} at {known:.3f} is told at {at:.3f}"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.number)
def test_logs_in_whole_seconds_have_all_transitions(
    scenario: Scenario, runs: dict[str, Sequence[e.Event]], tmp_path: Path
) -> None:
    events = played(runs, scenario)
    incident, imported = read(write_files(events, tmp_path, captures=()))
    assert_alike(transitions(events), shifted(incident, transitions(imported)), 1.0, 0.0)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.number)
def test_clocks_apart_are_set_right_by_captures(
    scenario: Scenario, runs: dict[str, Sequence[e.Event]], tmp_path: Path
) -> None:
    events = played(runs, scenario)
    files = write_files(events, tmp_path, ahead={"db2": -83.25}, precise=True)
    incident, imported = read(files)
    assert abs(incident.offsets["db2"].seconds + 83.25) < 0.02
    assert_alike(transitions(events), shifted(incident, transitions(imported)), 0.05, 0.05)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.number)
def test_causes_are_those_of_the_run_or_say_less(
    scenario: Scenario, runs: dict[str, Sequence[e.Event]], tmp_path: Path
) -> None:
    """With logs in whole seconds and captures, explanations are the run's own; what only the lab knows, such
    as a filter or a frozen process, is not claimed."""
    events = played(runs, scenario)
    _, imported = read(write_files(events, tmp_path))
    theirs, ours = causes(events), causes(imported)
    assert [one[:2] for one in theirs] == [one[:2] for one in ours]
    for (node, state, known), (_, _, told) in zip(theirs, ours, strict=True):
        same = (
            told == known
            or known == "unknown"
            or any(told.startswith(start) and known.startswith(start) for start in SAYS_THE_SAME)
        )
        assert same or told.startswith(SAYS_LESS), f"{node} {state}: {told}, but it was: {known}"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.number)
def test_one_capture_and_two_logs_are_set_on_one_clock(
    scenario: Scenario, runs: dict[str, Sequence[e.Event]], tmp_path: Path
) -> None:
    events = played(runs, scenario)
    incident, imported = read(write_files(events, tmp_path, captures=("db2",)))
    assert abs(incident.offsets["db2"].seconds) <= 1.5
    assert_alike(transitions(events), shifted(incident, transitions(imported)), 2.5, 1.5)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.number)
def test_captures_alone_say_who_was_master(
    scenario: Scenario, runs: dict[str, Sequence[e.Event]], tmp_path: Path
) -> None:
    events = played(runs, scenario)
    incident, imported = read(write_files(events, tmp_path, confs=False, logs=()))
    known = transitions(events, {"MASTER"})
    for at, node, _ in shifted(incident, transitions(imported, {"MASTER"})):
        near = [name for when, name, _ in known if abs(at - when) < ADVERTISES]
        assert near, f"{node} is Master at {at:.3f}"
        assert node in near or node.startswith("at-"), f"{node} is Master at {at:.3f}, but it was {near}"


def causes(events: Sequence[e.Event]) -> list[tuple[str, str, str]]:
    """(node, state, cause) of each transition, in each node's order."""
    facts = (event for event in events if not event.derived)
    whys = [step.event for step in derive_steps(facts) if isinstance(step.event, e.Why)]
    told = [(why.node, why.to, why.cause) for why in whys if why.to in STATES and why.from_ != why.to]
    return sorted(told, key=lambda one: one[0])
