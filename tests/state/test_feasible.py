"""What can be done to a lab as it is now, and why not what cannot."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.actions import parse
from hatlab.state.feasible import why_not_now
from hatlab.state.fold import fold
from hatlab.state.model import LabState
from tests.support.story_engine import state_at

HEALTHY = state_at(8.0)


def why_not(line: str, *facts: e.Event) -> str:
    state: LabState = HEALTHY
    for fact in facts:
        state = fold(state, fact)
    return why_not_now(parse(line, state.layout), state)


@pytest.mark.parametrize(
    "line",
    ["kill mysqld db1", "power off db1", "cut heartbeat", "reload db1", "reset", "set db1 priority 120"],
)
def test_a_healthy_lab_can_be_broken(line: str) -> None:
    assert why_not(line) == ""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("start mysqld db1", "mysqld runs on db1"),
        ("thaw keepalived db2", "keepalived runs on db2"),
        ("power on db1", "db1 is on"),
        ("resume db1", "db1 is on"),
        ("heal heartbeat", "nothing is dropped or delayed on heartbeat"),
        ("link up heartbeat db1", "db1 has a link on heartbeat"),
    ],
)
def test_what_is_whole_cannot_be_repaired(line: str, reason: str) -> None:
    assert why_not(line) == reason


@pytest.mark.parametrize(
    "line", ["kill mysqld db1", "reload db1", "freeze keepalived db1", "link down lan db1"]
)
def test_nothing_can_be_done_inside_a_machine_without_power(line: str) -> None:
    assert why_not(line, e.Node(at=8.0, node="db1", state="off")) == "db1 is off"


def test_a_paused_machine_can_only_be_resumed_or_switched_off() -> None:
    paused = e.Node(at=8.0, node="db1", state="paused")
    assert why_not("kill mysqld db1", paused) == "db1 is paused"
    assert why_not("resume db1", paused) == ""
    assert why_not("power off db1", paused) == ""


def test_a_dead_process_can_only_be_started() -> None:
    dead = e.Process(at=8.0, node="db1", service="mysqld", state="down", reason="killed", pid=1)
    assert why_not("kill mysqld db1", dead) == "mysqld does not run on db1"
    assert why_not("start mysqld db1", dead) == ""
