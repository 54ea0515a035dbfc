"""The simulator as an engine: start, pace, speed, stop."""

from __future__ import annotations

import time

import pytest

from hatlab import events as e
from hatlab.actions import parse
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.errors import ActionFailed, UserError
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.support.sessions import running_session
from tests.support.simulated_lab import SimLab


def test_starts_with_an_owner_of_the_address(lab: SimLab) -> None:
    assert lab.state.ready
    assert lab.owners() == {"db1"}
    assert lab.reported("db1") == "MASTER"
    assert lab.reported("db2") == "BACKUP"
    assert lab.state.clients["client"].server == "db1"
    assert isinstance(lab.events[0], e.Lab)
    assert not lab.state.conditions


def test_kill_mysqld_moves_the_address_and_says_why(lab: SimLab) -> None:
    lab.run(5)
    assert lab.do("kill mysqld db1") == "mysqld pid 31 running → gone (signal 9)"
    lab.run(6)
    assert lab.owners() == {"db2"}
    assert lab.state.clients["client"].server == "db2"
    assert [w.to for w in lab.events if isinstance(w, e.Why) and w.at > 9] == ["FAULT", "MASTER", "db2"]
    assert "down (signal 9) → pid" in lab.do("start mysqld db1")
    lab.run(12)
    assert lab.owners() == {"db1"}
    assert not lab.state.conditions


def test_follows_the_wall_clock_at_the_speed_set() -> None:
    engine = SimulatorEngine("two-node", load_topology("two-node"), speed=50)
    began = time.monotonic()
    with running_session(engine) as session:
        assert time.monotonic() - began < 1.0, "virtual time runs ahead of the wait"
        ready = engine.now()
        assert session.wait_for(lambda s: s.at > ready + 20, 5)
        assert session.act(parse("kill mysqld db1", engine.layout)).endswith("gone (signal 9)")
        assert session.wait_for(lambda s: s.owners("198.18.0.100") == {"db2"}, 5)
        assert "running" in session.act(parse("start mysqld db1"))
        engine.speed = 0
        still = engine.now()
        assert not session.wait_for(lambda s: s.at > still + 0.5, 0.5)
        session.stop()
    assert session.ended


def test_the_clock_ticks_four_times_a_real_second_even_when_it_crawls() -> None:
    with running_session(SimulatorEngine("two-node", load_topology("two-node"), speed=0.01)) as session:
        reader = session.reader()
        while reader.drain().events:
            pass
        ticks = 0
        deadline = time.monotonic() + 3
        while ticks < 4 and time.monotonic() < deadline:
            ticks += sum(isinstance(event, e.Tick) for event in reader.drain(0.1).events)
    assert ticks >= 4


def test_the_election_can_be_watched() -> None:
    began = time.monotonic()
    with running_session(
        SimulatorEngine("two-node", load_topology("two-node"), watch_election=True, speed=20)
    ) as session:
        assert time.monotonic() - began > 0.15
        assert session.state.ready


@pytest.mark.parametrize("speed", [-1, 0.001, 2000])
def test_an_impossible_speed_is_refused(speed: float) -> None:
    with pytest.raises(UserError, match="cannot run at"):
        SimulatorEngine("two-node", load_topology("two-node"), speed=speed)


def test_a_lab_whose_client_is_never_answered_is_ready_and_says_so() -> None:
    data = load_topology("two-node").model_dump()
    data["networks"]["other"] = {}
    data["clients"]["client"]["network"] = "other"
    engine = SimulatorEngine("two-node", Topology.model_validate(data), paced=False)
    with running_session(engine) as session:
        assert session.state.ready
        assert session.state.phases["ready"][2] == "no client gets an answer at the virtual address"


def test_an_action_that_takes_time_is_begun_while_time_stands_still() -> None:
    engine = SimulatorEngine("two-node", load_topology("two-node"))
    with running_session(engine) as session:
        engine.speed = 0
        assert "gone (signal 9)" in session.act(parse("kill mysqld db2", engine.layout))
        with pytest.raises(ActionFailed, match="time is paused") as failure:
            session.act(parse("start mysqld db2", engine.layout))
        assert not failure.value.definite
        engine.speed = 20
        assert session.wait_for(lambda s: s.nodes["db2"].service("mysqld").state == "up", 5)


def test_a_speed_beyond_the_machine_leaves_it_usable() -> None:
    engine = SimulatorEngine("two-node", load_topology("two-node"), speed=1000, seed=3)
    with running_session(engine) as session:
        ready = engine.now()
        assert session.wait_for(lambda s: s.at > ready + 100, 10)
        began = time.monotonic()
        assert "100 %" in session.act(parse("cut heartbeat", engine.layout))
        assert time.monotonic() - began < 1


def test_a_step_goes_to_the_next_event_worth_seeing(lab: SimLab) -> None:
    seen = len(lab.events)
    before = lab.now
    lab.engine.step()
    assert len(lab.events) > seen
    assert lab.now > before


def test_time_does_not_run_back() -> None:
    with pytest.raises(UserError, match="does not run back to 1 s"):
        SimLab().engine.run_until(1.0)


def test_a_line_runs_in_a_node_and_says_what_it_prints() -> None:
    lab = SimLab()
    assert lab.engine.run_line("db1", "hostname; ls /nonsense").splitlines() == [
        "db1",
        "ls: cannot access '/nonsense': No such file or directory",
    ]
    lab.engine.run_line("db1", "killall mysqld; sleep 1")
    assert lab.state.nodes["db1"].service("mysqld").state == "down"


def test_a_shell_needs_a_terminal() -> None:
    with pytest.raises(ActionFailed, match="a shell needs a terminal"):
        SimLab().engine.shell("db1")
