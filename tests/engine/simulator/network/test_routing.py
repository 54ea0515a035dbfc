"""Routers in the simulator: what is forwarded, by whom, and what is asked of nodes that run less."""

from __future__ import annotations

from typing import Any

import pytest

from hatlab import events as e
from hatlab.actions import Action
from hatlab.errors import ActionError, ActionFailed
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.support.present import present
from tests.support.simulated_lab import SimLab


def gateway(**nodes: dict[str, Any]) -> Topology:
    """The shipped topology with changes to its nodes."""
    data = load_topology("gateway").model_dump(mode="json")
    for name, changes in nodes.items():
        data["nodes"][name].update(changes)
    return Topology.model_validate(data)


@pytest.fixture
def lab() -> SimLab:
    return SimLab(load_topology("gateway"))


def through(lab: SimLab) -> str | None:
    """Who forwarded the last ping; None if it was not answered."""
    last = present(lab.state.clients["client"].last)
    return last.server if last.ok else None


def test_a_gateway_starts_without_mysqld(lab: SimLab) -> None:
    phases = {p.name: p.detail for p in lab.events if isinstance(p, e.Phase) and p.done}
    assert (phases["mysql"], phases["replication"]) == ("no node runs mysqld", "no replication")
    assert {p.service for p in lab.events if isinstance(p, e.Process)} == {"keepalived"}
    assert {a.node for a in lab.events if isinstance(a, e.Arp | e.Advert)} == {"r1", "r2"}
    assert through(lab) == "r1"


def test_a_router_without_keepalived_still_forwards(lab: SimLab) -> None:
    """Both hold the addresses; the gratuitous ARP moves client and server at L + 3.6 s, without a gap."""
    lab.do("kill keepalived r1", wait=6)
    assert lab.owners() == {"r1", "r2"}
    assert through(lab) == "r2"
    assert lab.state.clients["client"].outages == ()


def test_a_router_without_the_far_network_is_no_use_even_if_it_is_master() -> None:
    data = load_topology("gateway").model_dump(mode="json")
    data["instances"]["GW"]["track"] = []
    lab = SimLab(Topology.model_validate(data))
    lab.do("link down far r2", wait=1)
    assert through(lab) == "r1"
    lab.do("link down far r1", wait=5)
    assert through(lab) is None


def test_paused_machines_forward_and_answer(lab: SimLab) -> None:
    lab.do("pause server")
    lab.do("pause r1", wait=2)
    assert through(lab) == "r1"
    lab.do("power off server", wait=2)
    assert through(lab) is None
    lab.do("power on server", wait=3)
    assert through(lab) is not None
    lab.do("delay far 100", wait=2)
    last = present(lab.state.clients["client"].last)
    assert last.latency_ms is not None
    assert 100 < last.latency_ms < 102, "the way there; back nothing leaves by `far`"


def test_a_cut_separates_servers_not_hosts(lab: SimLab) -> None:
    lab.do("cut far")
    assert {f.node for f in lab.events if isinstance(f, e.Filter)} == {"r1", "r2"}
    lab.run(2)
    assert through(lab) == "r1"


def test_without_a_way_back_no_ping_is_answered() -> None:
    lab = SimLab(gateway(server={"gateway": None}))
    assert lab.state.phases["ready"][2] == "no client gets an answer at the virtual address"
    assert lab.state.clients["client"].server is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("kill mysqld r1", "r1 does not run mysqld"),
        ("sql r1 'SELECT 1'", "r1 does not run mysqld"),
        ("sql client 'SELECT 1'", "client only pings server and talks to no mysqld"),
        ("stop keepalived server", "server does not run keepalived"),
        ("set server priority 3", "server does not run keepalived"),
        ("cut far server", "server does not run keepalived"),
    ],
)
def test_a_senseless_action_is_refused_in_a_sentence(lab: SimLab, line: str, message: str) -> None:
    with pytest.raises(ActionError, match=message):
        lab.do(line)


def test_an_action_that_nobody_parsed_is_refused_too(lab: SimLab) -> None:
    with pytest.raises(ActionFailed, match="r1 runs no mysqld"):
        lab.session.act(Action("start", ("mysqld", "r1")))


def test_a_reset_elects_anew(lab: SimLab) -> None:
    lab.do("power off r1", wait=6)
    lab.do("reset", wait=1)
    assert through(lab) == "r1"
    assert lab.state.nodes["r1"].service("keepalived").state == "up"


def test_the_console_shows_the_route_and_the_arp_entry(lab: SimLab) -> None:
    assert "198.18.1.0/24 via 198.18.0.100 dev eth0" in lab.shell("ip route", "client").text
    pinged = lab.shell("ping -c 2 server", "client").text
    assert "icmp_seq=2 ttl=63" in pinged
    assert "0% packet loss" in pinged
    assert lab.shell("ping -c 1 198.18.0.50", "server").status == 0
    assert "lladdr" in lab.shell("ip neigh", "server").text
    assert lab.shell("service mysqld status", "r1").errors == "service: r1 runs no mysqld"
    lab.do("link down far r1")
    assert "100% packet loss" in lab.shell("ping -c 1 server", "client").text
