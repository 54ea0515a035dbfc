"""Less common instances, on both engines: with several addresses, announcements and settings of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hatlab import events as e
from hatlab.actions import parse
from hatlab.engine.docker.engine import DockerEngine
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.session import Session
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.support.engines import BOTH_ENGINES
from tests.support.sessions import all_events, running_session

DELAY, REPEAT, REFRESH = 1, 2, 2


def crossed_instances() -> Topology:
    """Two instances crossed; VI_1 has two addresses and announces them in its own way."""
    data = load_topology("load-sharing").model_dump(mode="json")
    data["instances"]["VI_1"] |= {
        "addresses": {"lan": [100, 101]},
        "garp": {"master_delay": DELAY, "master_repeat": REPEAT, "master_refresh": REFRESH},
    }
    return Topology.model_validate(data)


@pytest.fixture(scope="module", params=BOTH_ENGINES)
def lab(request: pytest.FixtureRequest) -> Iterator[tuple[Session, list[e.Event]]]:
    topology = crossed_instances()
    docker = request.param == "docker"
    engine = (
        DockerEngine("load-sharing", topology)
        if docker
        else SimulatorEngine("load-sharing", topology, speed=20)
    )
    with running_session(engine) as session:
        assert session.wait_for(lambda state: are_held_by(session, "db1", "db1", "db2"), 30)
        start = session.engine.now()
        assert session.wait_for(lambda state: state.at > start + DELAY + 2 * REFRESH, 30)
        yield session, all_events(session)


def are_held_by(session: Session, *owners: str) -> bool:
    """Return whether each address, in the topology's order, is held by its node alone."""
    layout, state = session.state.layout, session.state
    assert layout is not None
    return [state.owners(address) for address in layout.vip_addresses] == [{owner} for owner in owners]


def test_a_master_announces_each_address_as_its_instance_says(lab: tuple[Session, list[e.Event]]) -> None:
    session, events = lab
    layout = session.state.layout
    assert layout is not None
    for address in layout.vip_addresses[:2]:
        sent = sorted(
            a.at
            for a in events
            if isinstance(a, e.Arp) and a.direction == "sent" and a.gratuitous and a.address == address
        )
        since = [round(at - sent[0]) for at in sent]
        first_refresh = DELAY + REFRESH
        assert since[: 2 * REPEAT + 1] == [*[0] * REPEAT, *[DELAY] * REPEAT, first_refresh]


def test_set_changes_the_instance_that_it_names(lab: tuple[Session, list[e.Event]]) -> None:
    session, _ = lab
    layout = session.state.layout

    def priority(node: str, instance: str) -> int:
        return session.state.nodes[node].instances[instance].priority

    session.act(parse("set db2 priority 120 VI_1", layout))
    assert session.wait_for(lambda state: priority("db2", "VI_1") == 120, 40), "a reload reports no state"
    assert priority("db2", "VI_2") == 150
    session.act(parse("set db1 priority 90 VI_1", layout))
    assert session.wait_for(lambda state: are_held_by(session, "db2", "db2", "db2"), 40)
    assert session.wait_for(lambda state: state.nodes["db2"].instances["VI_1"].reported == "MASTER", 40)
    assert priority("db2", "VI_1") == 120


def test_an_edit_takes_effect_once_keepalived_has_read_it(lab: tuple[Session, list[e.Event]]) -> None:
    session, _ = lab

    def vrid() -> int | None:
        settings = session.state.nodes["db1"].instances["VI_2"].settings
        return settings.vrid if settings else None

    before = session.state.nodes["db1"]
    text = before.conf.replace("virtual_router_id 52", "virtual_router_id 53")
    action = parse("edit db1 keepalived.conf", session.state.layout)
    session.act(type(action)(action.verb, action.args, text))
    assert session.wait_for(lambda state: state.nodes["db1"].conf == text, 40)
    assert (session.state.nodes["db1"].loaded, vrid()) == (before.loaded, 52)
    session.act(parse("reload db1", session.state.layout))
    assert session.wait_for(lambda state: vrid() == 53, 40)
    assert session.state.nodes["db1"].loaded == text
