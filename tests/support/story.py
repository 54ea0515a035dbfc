"""A short life of the two-node lab as a list of events, for unit tests of folds and screens.

The times are those measured on real keepalived: election, mysqld killed, FAULT, failover, repair, return,
heartbeat cut, split brain, heal. Only unit tests use it; tests of a whole lab run a real engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hatlab import events as e
from hatlab.keepalived import write_config
from hatlab.topology import Layout
from hatlab.topology.library import load_topology
from hatlab.vrrp.arp import announcement
from hatlab.vrrp.capture import observe_frame
from hatlab.vrrp.codec import encode

PRIORITY = {"db1": 150, "db2": 100}
VIP = "198.18.0.100"
MAC = {"db1": "02:42:c6:12:00:0b", "db2": "02:42:c6:12:00:0c"}


def layout() -> Layout:
    return Layout.numbered("two-node", load_topology("two-node"))


def advert_frame(node: str, priority: int, to: str | None = None) -> bytes:
    """An advert as a node of the story sends it, to a peer if one is given."""
    source = layout().address(node, "heartbeat")
    said: dict[str, Any] = {"version": 2, "vrid": 51, "priority": priority, "addresses": (VIP,)}
    return encode(**said, source=source, auth_pass="hatlab", source_mac=MAC[node], destination=to)


def _advert(at: float, node: str, priority: int, *, arrives: bool = True) -> Iterator[e.Event]:
    frame = advert_frame(node, priority)
    other = "db2" if node == "db1" else "db1"
    yield from filter(None, [observe_frame(at, node, "sent", "heartbeat", frame)])
    if arrives:
        yield from filter(None, [observe_frame(at + 0.0002, other, "received", "heartbeat", frame)])


def _arps(at: float, node: str) -> Iterator[e.Event]:
    other = "db2" if node == "db1" else "db1"
    frame = announcement(VIP, MAC[node])
    for k in range(5):
        yield from filter(None, [observe_frame(at + k / 10_000, node, "sent", "lan", frame)])
        yield from filter(None, [observe_frame(at + k / 10_000 + 0.0001, other, "received", "lan", frame)])


def _vrrp(at: float, node: str, state: str) -> e.Vrrp:
    return e.Vrrp(at=at, node=node, instance="VI_1", state=state, priority=PRIORITY[node])


def _vip(at: float, node: str, held: bool) -> e.Address:
    return e.Address(at=at, node=node, network="lan", address=VIP, held=held, vip=True)


def _log(at: float, node: str, text: str) -> e.Log:
    return e.Log(at=at, node=node, service="keepalived", text=text)


def _process(at: float, node: str, service: str, state: str, reason: str = "") -> e.Process:
    return e.Process(at=at, node=node, service=service, state=state, reason=reason, pid=31)


def _act(at: float, name: str, *targets: str, effect: str = "") -> Iterator[e.Event]:
    yield e.Action(at=at, name=name, targets=targets, phase="started")
    yield e.Action(at=at + 0.01, name=name, targets=targets, phase="done", effect=effect)


def _begin() -> Iterator[e.Event]:
    plan = layout()
    data, subnets = plan.to_data()
    yield e.Lab(at=0.0, name="two-node", engine="docker", reason="a test", topology=data, subnets=subnets)
    for phase in ("image", "network", "nodes"):
        yield e.Phase(at=0.5, name=phase, done=True)
    for node in plan.node_names:
        yield e.Node(at=0.6, node=node, state="on")
        for network in plan.network_names:
            yield e.Link(at=0.6, node=node, network=network, up=True)
            own = plan.address(node, network)
            yield e.Address(at=0.6, node=node, network=network, address=own, held=True, vip=False)
        yield e.Conf(at=0.7, node=node, text=write_config(plan, node, {"lan": "eth0", "heartbeat": "eth1"}))
        yield _process(1.0, node, "mysqld", "up")
        yield _process(1.1, node, "keepalived", "up")
        yield e.Replication(at=1.3, node=node, receiver=True, applier=True, gtid_executed="")
        yield _vrrp(1.2, node, "BACKUP")
    yield e.Phase(at=1.3, name="mysql", done=True)
    yield e.Phase(at=1.3, name="replication", done=True)


def _clock(until: float) -> Iterator[e.Event]:
    at = 0.25
    while at < until:
        yield e.Tick(at=at)
        at += 0.25


def _adverts(node: str, begin: float, end: float, *, arrives: bool = True) -> Iterator[e.Event]:
    at = begin
    while at < end:
        yield from _advert(at, node, PRIORITY[node], arrives=arrives)
        at += 1.0


def _probes(begin: float, end: float, server: str | None, error: str = "") -> Iterator[e.Event]:
    for k in range(round((end - begin) * 20)):
        at = begin + k / 20
        ok = server is not None
        yield e.Probe(
            at=at, client="client", ok=ok, server=server, latency_ms=1.8 if ok else None, error=error
        )
        if k % 10 == 0:
            sequence = round(at * 2)
            yield e.Write(at=at, client="client", sequence=sequence, ok=ok, server=server, error=error)


def _election(at: float = 4.614) -> Iterator[e.Event]:
    yield _log(at, "db1", "(VI_1) Receive advertisement timeout")
    yield _vrrp(at + 0.001, "db1", "MASTER")
    yield _vip(at + 0.001, "db1", True)
    yield from _arps(at + 0.001, "db1")
    yield e.Phase(at=at + 0.1, name="election", done=True)
    yield e.Phase(at=at + 0.1, name="ready", done=True)


def _failover() -> Iterator[e.Event]:
    """mysqld of db1 is killed at 10.0; its check needs two runs; db2 is Master one skew after priority 0."""
    yield from _act(10.0, "kill", "mysqld", "db1", effect="mysqld pid 31 running → gone (signal 9)")
    yield _process(10.005, "db1", "mysqld", "down", "signal 9")
    yield _log(11.2, "db1", "Script `mysql` now returning 1")
    yield _log(13.2, "db1", "VRRP_Script(mysql) failed (exited with status 1)")
    yield from _advert(13.2, "db1", 0)
    yield from _advert(13.2001, "db1", 0)
    yield _vip(13.2, "db1", False)
    yield _vrrp(13.2005, "db1", "FAULT")
    yield _vrrp(13.811, "db2", "MASTER")
    yield _vip(13.811, "db2", True)
    yield from _arps(13.811, "db2")


def _return() -> Iterator[e.Event]:
    """mysqld is back at 18.0; db1 is healthy at 21.2 and preempts after its master-down interval."""
    yield from _act(18.0, "start", "mysqld", "db1", effect="mysqld gone → pid 77 running")
    yield _process(18.0, "db1", "mysqld", "up")
    yield _log(19.2, "db1", "Script `mysql` now returning 0")
    yield _log(21.2, "db1", "VRRP_Script(mysql) succeeded")
    yield _vrrp(21.2, "db1", "BACKUP")
    yield _vrrp(24.615, "db1", "MASTER")
    yield _vip(24.615, "db1", True)
    yield from _arps(24.615, "db1")
    yield _vrrp(24.616, "db2", "BACKUP")
    yield _vip(24.6162, "db2", False)


def _split() -> Iterator[e.Event]:
    """The heartbeat is cut at 30.0: db2 hears nothing and becomes Master too; healed at 38.0."""
    yield from _act(30.0, "cut", "heartbeat", effect="db1, db2 drop 0 % → 100 % on heartbeat")
    for node in PRIORITY:
        yield e.Filter(at=30.01, node=node, network="heartbeat", percent=100.0, rules=("drop",))
    yield _vrrp(33.22, "db2", "MASTER")
    yield _vip(33.22, "db2", True)
    yield from _arps(33.22, "db2")
    yield from _act(38.0, "heal", "heartbeat", effect="db1, db2 drop 100 % → 0 % on heartbeat")
    for node in PRIORITY:
        yield e.Filter(at=38.01, node=node, network="heartbeat", percent=0.0)
    yield _vrrp(38.616, "db2", "BACKUP")
    yield _vip(38.6162, "db2", False)


def _wire() -> Iterator[e.Event]:
    yield from _adverts("db1", 4.614, 13.2)
    yield from _adverts("db2", 13.811, 24.6)
    yield from _adverts("db1", 24.615, 30.0)
    yield from _adverts("db1", 30.615, 38.0, arrives=False)
    yield from _adverts("db2", 33.22, 38.0, arrives=False)
    yield from _adverts("db1", 38.615, 44.0)
    yield from _probes(4.65, 10.0, "db1")
    yield from _probes(10.0, 13.8, None, "refused")
    yield from _probes(13.85, 24.6, "db2")
    yield from _probes(24.65, 33.2, "db1")
    yield from _probes(33.25, 38.6, "db2")
    yield from _probes(38.65, 44.0, "db1")


def story(until: float = 44.0) -> list[e.Event]:
    """The events up to a moment, in order of time."""
    parts = (_begin(), _election(), _failover(), _return(), _split(), _wire(), _clock(44.0))
    everything = [event for part in parts for event in part if event.at <= until]
    return sorted(everything, key=lambda event: event.at)


def write_recording(path: Path, events: Iterable[e.Event]) -> Path:
    """Write events as a recording; return its path."""
    path.write_text("".join(e.to_json(event) + "\n" for event in events))
    return path
