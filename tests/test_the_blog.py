"""The post's configuration debugged to a working pair as a learner would do it, on both engines."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lab import events as e
from lab.actions import Action
from lab.engine.docker.engine import DockerEngine
from lab.engine.simulator.engine import SimulatorEngine
from lab.files import load_topology
from lab.script import read_script
from lab.session import Session

SCRIPT = Path(__file__).parent / "walks" / "the-blog" / "walk.txt"
NO_MASTER = "no node became Master: keepalived ended on db1 and db2"


def play(engine: DockerEngine | SimulatorEngine) -> list[e.Event]:
    """Everything that happened while the script was played."""
    session = Session(engine)
    reader = session.reader()
    try:
        session.start()
        ready = session.state.phases["ready"][1]
        for step in read_script(SCRIPT, engine.layout):
            if isinstance(engine, SimulatorEngine):
                engine.run_until(max(engine.now(), ready + step.at))
            else:
                time.sleep(max(0.0, ready + step.at - engine.now()))
            if step.words != ("end",):
                session.act(step.action(engine.layout))
    finally:
        session.stop()
    events: list[e.Event] = []
    while batch := reader.drain().events:
        events += batch
    return events


@pytest.mark.parametrize("name", [pytest.param("docker", marks=pytest.mark.docker), "sim"])
def test_step_by_step_to_a_pair_that_fails_over(name: str) -> None:
    topology = load_topology("the-blog")
    docker = name == "docker"
    events = play(
        DockerEngine("the-blog", topology) if docker else SimulatorEngine("the-blog", topology, paced=False)
    )
    phases = {p.name: p for p in events if isinstance(p, e.Phase) and p.done}
    begun = next(p.at for p in events if isinstance(p, e.Process) and p.service == "keepalived")
    if docker and not any(isinstance(i, e.Log) and "Can't initialize ipvs" in i.text for i in events):
        pytest.skip("this kernel has ip_vs: the post's keepalived runs here")
    assert phases["election"].detail == NO_MASTER
    assert phases["ready"].at - begun < 8

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
