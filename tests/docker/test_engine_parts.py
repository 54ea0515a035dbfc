"""The parts of the docker engine that need no Docker."""

from __future__ import annotations

import json
import socket
import threading
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from hatlab import events as e
from hatlab.engine.docker import build, subnets
from hatlab.engine.docker import container_spec as spec
from hatlab.engine.docker.agent_link import Demultiplexer, Link
from hatlab.engine.docker.facts import to_event
from hatlab.errors import ActionFailed, EngineError
from hatlab.topology import Layout
from hatlab.topology.library import load_topology

LAYOUT = Layout.numbered("two-node", load_topology("two-node"))


def framed(payload: bytes, stream: int = 1) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(payload).to_bytes(4) + payload


def test_a_stream_may_be_cut_anywhere() -> None:
    data = framed(b"one") + framed(b"two", 2) + framed(b"")
    demultiplexer, got = Demultiplexer(), []
    for k in range(len(data)):
        got += demultiplexer.feed(data[k : k + 1])
    assert got == [(1, b"one"), (2, b"two"), (1, b"")]


class Agent:
    """The far end of a link."""

    def __init__(self) -> None:
        near, self.far = socket.socketpair()
        self.facts: list[dict[str, Any]] = []
        self.ended = threading.Event()
        self.words = ""
        self.link = Link("db1", near, lambda _, facts: self.facts.extend(facts), self._on_end)
        self._lines = self.far.makefile("r")

    def _on_end(self, _: str, words: str) -> None:
        self.words = words
        self.ended.set()

    def answer(self, **reply: Any) -> None:
        command = json.loads(self._lines.readline())
        self.far.sendall(framed(json.dumps({"reply": command["id"], **reply}).encode() + b"\n"))

    def close(self) -> None:
        self._lines.close()
        self.far.close()


@pytest.fixture
def far() -> Any:
    agent = Agent()
    yield agent
    agent.link.close()
    agent.close()


def test_a_request_gets_its_reply_and_facts_go_their_way(far: Agent) -> None:
    far.far.sendall(framed(b'{"t":1,"kind":"log"}\n{"t":2,'))
    threading.Thread(target=far.answer, kwargs={"ok": True, "effect": "done"}, daemon=True).start()
    far.far.sendall(framed(b'"kind":"log"}\n'))
    assert far.link.request("kill", service="mysqld")["effect"] == "done"
    assert [fact["t"] for fact in far.facts] == [1, 2]


def test_a_refusal_keeps_its_words(far: Agent) -> None:
    refusal = {"ok": False, "error": "it is down", "definite": True}
    threading.Thread(target=far.answer, kwargs=refusal, daemon=True).start()
    with pytest.raises(ActionFailed, match="it is down") as caught:
        far.link.request("kill")
    assert caught.value.definite


def test_silence_and_an_end_are_not_definite(far: Agent) -> None:
    with pytest.raises(ActionFailed, match="no answer") as caught:
        far.link.request("kill", timeout=0.05)
    assert not caught.value.definite
    far.far.sendall(framed(b"Traceback: it broke\n", 2))
    far.close()
    assert far.ended.wait(5)
    assert "it broke" in far.words
    with pytest.raises(ActionFailed, match="db1 is off"):
        far.link.request("kill")


def test_free_subnets_avoid_what_is_taken() -> None:
    taken = [IPv4Network("198.18.0.0/24"), IPv4Network("198.18.2.0/23"), IPv4Network("10.0.0.0/8")]
    assert subnets.free(taken, 2) == ["198.18.4.0/24", "198.18.5.0/24"]
    assert subnets.free([], 2, skip=7) == ["198.18.7.0/24", "198.18.8.0/24"]
    assert subnets.index(IPv4Network("198.19.1.0/24")) == 257
    with pytest.raises(EngineError, match="no 2 free subnets"):
        subnets.free([IPv4Network("198.0.0.0/8")], 2)


def test_routes_of_the_host(tmp_path: Path) -> None:
    table = tmp_path / "route"
    table.write_text(
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
        "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\n"
        "br-1\t000212C6\t00000000\t0001\t0\t0\t0\t00FFFFFF\n"
    )
    assert subnets.host_routes(table) == [IPv4Network("198.18.2.0/24")]
    assert subnets.host_routes(tmp_path / "none") == []


def test_what_a_node_is_told() -> None:
    told = spec.node(LAYOUT, "db2", "conf of @heartbeat@")
    assert told["mysql"] == {
        "server_id": 12,
        "increment": 2,
        "offset": 2,
        "source": "198.18.1.11",
        "fenced": False,
    }
    assert told["networks"] == {"lan": "198.18.0.0/24", "heartbeat": "198.18.1.0/24"}
    assert spec.client(LAYOUT, "client")["target"] == "198.18.0.100"
    assert json.loads(spec.environment(told)[0].partition("=")[2]) == told


def test_facts_become_events() -> None:
    vips = frozenset(LAYOUT.vip_addresses)
    fact = {"t": 1, "kind": "address", "network": "lan", "address": "198.18.0.100", "held": True}
    assert to_event(2.5, "db1", fact, vips, {}) == e.Address(
        at=2.5, node="db1", network="lan", address="198.18.0.100", held=True, vip=True
    )
    probe = {"t": 1, "kind": "probe", "ok": True, "server": "db1", "latency_ms": 1.5}
    assert to_event(2.5, "client", probe, vips, {}) == e.Probe(
        at=2.5, client="client", ok=True, server="db1", latency_ms=1.5
    )
    assert to_event(2.5, "db1", {"t": 1, "kind": "hello"}, vips, {}) is None
    ping: dict[str, Any] = {
        "t": 1,
        "kind": "probe",
        "ok": True,
        "via": "02:42:00:00:00:01",
        "pinged": "server",
    }
    for macs, server in (({"02:42:00:00:00:01": "r1"}, "r1"), ({}, "02:42:00:00:00:01")):
        event = to_event(2.5, "client", ping, vips, macs)
        assert isinstance(event, e.Probe)
        assert (event.server, event.pinged) == (server, "server")


def test_what_routers_and_hosts_are_told() -> None:
    layout = Layout.numbered("gateway", load_topology("gateway"))
    (r1, _, server), (client,) = spec.containers(layout)
    assert (r1["role"], r1["mysql"], r1["routes"]) == ("node", None, {})
    assert (server["role"], server["hold"], server["conf"]) == ("host", False, "")
    assert server["routes"] == {"198.18.0.0/24": "198.18.1.100"}
    assert client["routes"] == {"198.18.1.0/24": "198.18.0.100"}
    assert (client["ping"], client["writes"]) == ({"host": "server", "address": "198.18.1.20"}, 0)
    forwards = {n: spec.host_config(layout, n)["Sysctls"]["net.ipv4.ip_forward"] for n in ("r1", "server")}
    assert forwards == {"r1": "1", "server": "0"}


@pytest.mark.parametrize(
    ("version", "mode"), [("20.10.24", None), ("28.0.1", "nat-unprotected"), ("dev", None)]
)
def test_newer_engines_are_told_to_let_routed_packets_pass(version: str, mode: str | None) -> None:
    options = build.bridge_options(load_topology("gateway"), version)
    assert options.get("com.docker.network.bridge.gateway_mode_ipv4") == mode
    assert options["com.docker.network.bridge.enable_ip_masquerade"] == "false"
    assert len(build.bridge_options(load_topology("two-node"), version)) == 1
