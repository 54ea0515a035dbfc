"""The simulator's time: held, stepped, set back; what happens again happens as before."""

from __future__ import annotations

import time

import pytest

from hatlab import events as e
from hatlab.actions import parse
from hatlab.engine.base import TimeControl
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.errors import ActionFailed
from hatlab.session import Session
from hatlab.topology.library import load_topology
from tests.support.sessions import all_events, running_session
from tests.support.simulated_lab import SimLab

LINES = ("kill mysqld db1", "start mysqld db1", "cut heartbeat", "heal heartbeat", "power off db2")


def _lived() -> SimLab:
    lab = SimLab(seed=4)
    for line in LINES:
        lab.run(7.3)
        lab.do(line)
    lab.run(9)
    return lab


def test_the_simulator_has_time_control() -> None:
    assert isinstance(SimLab().engine, TimeControl)


@pytest.mark.parametrize("share", [0.15, 0.4, 0.63, 0.9])
def test_going_back_restores_the_state_and_the_same_future(share: float) -> None:
    lab = _lived()
    there = all_events(lab.session)
    at, end = lab.now * share, lab.now
    then = lab.session.state_at(at)
    lab.session.seek(at)
    assert lab.now == at
    assert lab.state == then
    kept = all_events(lab.session)
    assert kept == there[: len(kept)]
    later = [x for x in there if isinstance(x, e.Action) and x.phase == "started" and x.at > at]
    until = min((x.at for x in later), default=end) - 1e-6
    lab.run(until - lab.now)
    again = [x for x in all_events(lab.session) if x.at < until]
    assert again == [x for x in there if x.at < until]


def test_after_going_back_another_future_can_happen() -> None:
    lab = _lived()
    lab.session.seek(7.0)
    lab.run(20)
    assert lab.owners() == {"db1"}
    assert not [x for x in all_events(lab.session) if isinstance(x, e.Action)]
    lab.do("kill keepalived db1", wait=20)
    assert "db2" in lab.owners()
    lab.session.seek(lab.now - 10)
    assert "db2" in lab.owners(), "what was done since is done again"


def test_an_action_gone_back_into_is_reported_as_undone_half_way(lab: SimLab) -> None:
    lab.run(3)
    lab.do("kill mysqld db2")
    lab.do("start mysqld db2")
    began = next(x.at for x in all_events(lab.session) if isinstance(x, e.Action) and x.name == "start")
    assert lab.now > began + 0.1
    lab.session.seek(began + 0.05)
    last = lab.state.actions[-1]
    assert (last.name, last.phase, last.definite) == ("start", "failed", False)
    assert "went back in time" in last.effect
    lab.run(5)
    assert lab.state.nodes["db2"].service("mysqld").state == "up"


def test_what_was_done_by_hand_is_still_done_after_going_back(lab: SimLab) -> None:
    lab.run(6)
    lab.engine.call_in_world(lambda world: world.nodes["db1"].mysqld.kill())
    killed = lab.now
    lab.run(20)
    lab.session.seek(killed + 4)
    assert lab.state.nodes["db1"].service("mysqld").state == "down"
    lab.run(10)
    assert lab.owners() == {"db2"}
    lab.session.seek(killed - 0.5)
    lab.run(20)
    assert lab.owners() == {"db1"}


def test_seeking_before_the_beginning_goes_to_the_beginning(lab: SimLab) -> None:
    lab.run(5)
    lab.session.seek(-3)
    assert lab.now == 0
    assert not lab.state.ready
    lab.run(20)
    assert lab.owners() == {"db1"}


def test_events_that_the_session_forgot_are_emitted_again(lab: SimLab) -> None:
    lab.session._keep = 200
    lab.run(60)
    lab.session.seek(5.0)
    assert isinstance(all_events(lab.session)[0], e.Lab)
    assert lab.state.at <= 5.0
    assert lab.owners() == {"db1"}


@pytest.mark.parametrize("at", [float("nan"), float("inf"), 1e9])
def test_seeking_an_impossible_moment_is_refused(at: float) -> None:
    with pytest.raises(ActionFailed, match="cannot go to"):
        SimLab().session.seek(at)


def test_seeking_ahead_lets_time_run_there(lab: SimLab) -> None:
    lab.session.seek(lab.now + 30)
    assert lab.state.at > 30


def test_a_step_passes_over_routine_events_and_holds_the_clock(lab: SimLab) -> None:
    lab.run(5)
    seen = len(all_events(lab.session))
    lab.engine.step()
    assert lab.engine.speed == 0
    new = all_events(lab.session)[seen:]
    assert not isinstance(new[-1], e.Tick)
    assert any(not (isinstance(x, e.Tick | e.Probe | e.Write)) for x in new)


def test_ten_minutes_back_take_well_under_a_second() -> None:
    session = Session(SimulatorEngine("two-node", load_topology("two-node"), paced=False))
    session.start()
    engine = session.engine
    assert isinstance(engine, SimulatorEngine)
    for at in range(20, 600, 4):
        engine.run_until(at)
    session.act(parse("kill mysqld db1", engine.layout))
    engine.run_until(600)
    took = []
    for back in (580.0, 300.0, 20.0):
        began = time.monotonic()
        session.seek(back)
        took.append(time.monotonic() - began)
    assert max(took) < 2.0, took  # 0.2 s on an idle machine; tests run beside others


def test_a_paced_lab_goes_on_from_the_moment_gone_back_to() -> None:
    with running_session(SimulatorEngine("two-node", load_topology("two-node"), speed=20)) as session:
        assert session.wait_for(lambda s: s.at > 20, 5)
        assert session.time is not None
        session.time.pause()
        session.seek(12.0)
        assert session.state.at <= 12.0
        session.time.resume()
        assert session.time.speed == 20
        assert session.wait_for(lambda s: s.at > 15, 5)


def test_the_session_holds_no_event_ahead_of_the_clock(lab: SimLab) -> None:
    """Else going back to a moment just before it would lose what was told after it."""
    told = len(lab.events)
    for _ in range(3000):
        lab.run(0.001)
        assert [x.at for x in lab.events[told:] if x.at > lab.now and not x.derived] == []
        told = len(lab.events)


def test_going_back_to_the_moment_a_lab_was_ready_keeps_it_ready() -> None:
    session = Session(SimulatorEngine("three-node", load_topology("three-node"), paced=False))
    session.start()
    ready = session.state.phases["ready"][1]
    for later in (1.0, 20.0):
        session.seek(ready + later)
        session.seek(ready)
        assert session.state.ready
