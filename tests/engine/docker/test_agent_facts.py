"""The events that agents' facts become."""

from __future__ import annotations

from typing import Any

import pytest

from hatlab import events as e
from hatlab.engine.docker.agent_facts import check_fact, fact_to_event
from hatlab.errors import UserError
from hatlab.topology import Layout
from hatlab.topology.library import load_topology

LAYOUT = Layout.numbered("two-node", load_topology("two-node"))


def test_facts_become_events() -> None:
    vips = frozenset(LAYOUT.vip_addresses)
    fact = {"t": 1, "kind": "address", "network": "lan", "address": "198.18.0.100", "held": True}
    assert fact_to_event(2.5, "db1", fact, vips, {}) == e.Address(
        at=2.5, node="db1", network="lan", address="198.18.0.100", held=True, vip=True
    )
    probe = {"t": 1, "kind": "probe", "ok": True, "server": "db1", "latency_ms": 1.5}
    assert fact_to_event(2.5, "client", probe, vips, {}) == e.Probe(
        at=2.5, client="client", ok=True, server="db1", latency_ms=1.5
    )
    assert fact_to_event(2.5, "db1", {"t": 1, "kind": "hello"}, vips, {}) is None
    ping: dict[str, Any] = {
        "t": 1,
        "kind": "probe",
        "ok": True,
        "via": "02:42:00:00:00:01",
        "pinged": "server",
    }
    for macs, server in (({"02:42:00:00:00:01": "r1"}, "r1"), ({}, "02:42:00:00:00:01")):
        event = fact_to_event(2.5, "client", ping, vips, macs)
        assert isinstance(event, e.Probe)
        assert (event.server, event.pinged) == (server, "server")


SOUND: list[tuple[str, dict[str, Any]]] = [
    ("db1", {"kind": "address", "network": "lan", "address": "198.18.0.100", "held": True}),
    ("db1", {"kind": "link", "network": "lan", "up": True}),
    ("db1", {"kind": "filter", "network": "lan", "percent": 100.0, "rules": ["drop"], "delay_ms": 0}),
    ("db1", {"kind": "vrrp", "instance": "VI_1", "state": "MASTER", "priority": 100}),
    ("db1", {"kind": "process", "service": "mysqld", "state": "down", "reason": "signal 9", "pid": None}),
    ("db1", {"kind": "conf", "text": "global_defs {}"}),
    ("db1", {"kind": "replication", "receiver": True, "applier": True, "errno": 0, "error": ""}),
    ("db1", {"kind": "read_only", "read_only": True, "super_read_only": False}),
    ("db1", {"kind": "written", "sequences": {"client": "1-57,60"}}),
    ("db1", {"kind": "log", "service": "keepalived", "text": "Starting"}),
    ("db1", {"kind": "frame", "direction": "sent", "network": "lan", "frame": "00" * 60}),
    ("db1", {"kind": "hello", "interfaces": {"lan": {"device": "eth0", "mac": "02:42:00:00:00:01"}}}),
    ("client", {"kind": "probe", "ok": True, "server": "db1", "latency_ms": 1.5}),
    ("client", {"kind": "write", "sequence": 1, "ok": False, "error": "timeout"}),
]
"""Facts as agents report them."""
_OTHERS = ([1], {"a": 1}, "\x1b]52;c;eA==\x07", -1, 2**70, float("nan"), float("inf"), True, None, 1.5, b"")


def _event(node: str, fact: dict[str, Any]) -> e.Event | None:
    check_fact(node, fact, LAYOUT)
    return fact_to_event(1.0, node, {"t": 1.0, **fact}, frozenset(), {})


@pytest.mark.parametrize(
    ("node", "fact"), SOUND, ids=lambda value: value["kind"] if type(value) is dict else ""
)
def test_what_no_agent_reports_is_refused(node: str, fact: dict[str, Any]) -> None:
    """A field of another type is refused, or gives an event of that node."""
    _event(node, fact)
    for field in fact:
        for value in _OTHERS:
            try:
                event = _event(node, {**fact, field: value})
            except UserError:
                continue
            assert event is None or node in (getattr(event, "node", ""), getattr(event, "client", ""))
            assert (
                type(value) is type(fact[field])
                or field in {"priority", "pid", "percent", "delay_ms"}
                or ((value is None and field in {"server", "latency_ms"}) or type(value) in (int, float))
            )


def test_a_fact_of_another_node_is_told_of_the_one_that_wrote_it() -> None:
    event = _event("db2", {**SOUND[3][1], "node": "db1", "at": 99.0})
    assert isinstance(event, e.Vrrp)
    assert (event.node, event.at) == ("db2", 1.0)
    for node, kind in (
        ("db1", "probe"),
        ("db1", "good"),
        ("client", "vrrp"),
        ("db1", "node"),
        ("db1", "lab"),
    ):
        with pytest.raises(UserError):
            _event(node, {"kind": kind, "ok": True, "node": "db1", "state": "off"})
