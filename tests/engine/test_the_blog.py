"""The post's configuration debugged to a working pair as a learner would do it, on both engines."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.actions import Action
from hatlab.actions.timed_script import read_script
from hatlab.engine.docker.engine import DockerEngine
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.session import Session
from hatlab.state.model import LabState
from hatlab.topology.library import load_topology
from tests.support.engines import BOTH_ENGINES
from tests.support.sessions import all_events, running_session

SCRIPT = Path(__file__).parent / "walks" / "the-blog" / "walk.txt"
Condition = Callable[[LabState, list[e.Event]], bool]
NO_MASTER = "no node became Master: keepalived ended on db1 and db2"


def answered_by(node: str) -> Condition:
    """The client's last try was answered by this node."""

    def is_answered(state: LabState, _: list[e.Event]) -> bool:
        last = state.clients["client"].last
        return last is not None and last.ok and last.server == node

    return is_answered


def client_fails(state: LabState, _: list[e.Event]) -> bool:
    return state.clients["client"].failed > 20


def mysqld_checked(_: LabState, events: list[e.Event]) -> bool:
    """keepalived has checked mysqld on both nodes, with success."""
    texts = ("VRRP_Script(mysql) succeeded", "VRRP_Script(mysql) considered successful on reload")
    return {i.node for i in events if isinstance(i, e.Log) and i.text in texts} == {"db1", "db2"}


CONDITIONS: list[tuple[str, Condition]] = [
    ("kill mysqld db1", answered_by("db1")),
    ("start mysqld db1", client_fails),
    ("edit db1 db1-last.conf", answered_by("db1")),
    ("kill mysqld db1", mysqld_checked),
    ("end", answered_by("db2")),
]
"""Steps of the script and what must hold before each, in their order; the other steps follow at once."""


def play(engine: DockerEngine | SimulatorEngine) -> list[e.Event]:
    """Play the script, each step once the one before has its effect; return everything that happened."""
    pending = list(CONDITIONS)
    with running_session(engine) as session:

        def until(condition: Condition) -> None:
            deadline = time.monotonic() + 60
            while not condition(session.state, all_events(session)):
                assert time.monotonic() < deadline
                if isinstance(engine, SimulatorEngine):
                    engine.run_until(engine.now() + 0.1)
                else:
                    time.sleep(0.1)

        for step in read_script(SCRIPT, engine.layout):
            if pending and " ".join(step.words) == pending[0][0]:
                until(pending.pop(0)[1])
            if step.words != ("end",):
                session.act(step.action(engine.layout))
    assert not pending
    return all_events(session)


@pytest.mark.parametrize("name", BOTH_ENGINES)
def test_the_post_s_configuration_becomes_a_pair_that_fails_over(name: str) -> None:
    topology = load_topology("the-blog")
    docker = name == "docker"
    events = play(
        DockerEngine("the-blog", topology) if docker else SimulatorEngine("the-blog", topology, paced=False)
    )
    phases = {p.name: p for p in events if isinstance(p, e.Phase) and p.done}
    if docker and not any(isinstance(i, e.Log) and "Can't initialize ipvs" in i.text for i in events):
        pytest.skip("this kernel has ip_vs: the post's keepalived runs here")
    assert phases["election"].detail == NO_MASTER

    outages = [(o.before, o.after) for o in events if isinstance(o, e.Outage)]
    assert outages[-2:] == [("db1", "db1"), ("db1", "db2")], "nothing asked mysqld at first; then a check did"
    masters = [v.node for v in events if isinstance(v, e.Vrrp) and v.state == "MASTER"]
    assert masters == ["db1", "db2"]


def test_a_reset_brings_the_post_back() -> None:
    engine = SimulatorEngine("the-blog", load_topology("the-blog"), paced=False)
    session = Session(engine)
    session.start()
    session.act(read_script(SCRIPT, engine.layout)[0].action(engine.layout))
    assert "virtual_server" not in session.state.nodes["db1"].conf
    session.act(Action("reset"))
    assert "virtual_server" in session.state.nodes["db1"].conf
    assert session.state.ready
    assert session.state.phases["election"][2] == NO_MASTER
