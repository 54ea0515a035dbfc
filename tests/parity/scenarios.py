"""What simulator and real keepalived must agree on, as data: a topology, timed actions, what follows when.

A runner makes a lab of `topology(scenario)`, waits until it is ready, plays `acts` and hands all events to
`tests.parity.measure`. The figures are those measured on keepalived 2.3.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hatlab.topology import Topology
from hatlab.topology.library import load_topology

MDI = {"db1": 3.4141, "db2": 3.6094}
"""Master-down intervals of priorities 150 and 100 with adverts each second."""
SKEW = {"db1": 0.4141, "db2": 0.6094}
TOLERANCE = 0.05
"""Seconds by which a time may differ from the figure."""
STARTS_UP = 0.5
"""Seconds from a new process to its first state: no timer of VRRP, but what a loaded machine takes to
read a configuration (60 ms on a quiet one)."""

Since = Literal["heard", "zero", "start", "wire", "act", "process"]


@dataclass(frozen=True, slots=True)
class Move:
    """A node enters a state some seconds after a moment.

    Attributes:
        since: `heard` the last advert that it accepted, `zero` the first of the last priority-0 adverts,
            `start` its last entry into BACKUP, `wire` the last frame of its peer that reached it, `act` the
            last action before, `process` the start of its keepalived.
        seconds: from that moment; up to `spread` seconds more are right too.
    """

    node: str
    to: str
    since: Since
    seconds: float
    spread: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story.

    Attributes:
        title: its number in the list of facts, and what happens.
        members: changes to a node's part in VI_1, instance: to VI_1 itself, check: to its vrrp_script,
            whole: to the topology (instances are added to VI_1).
        acts: (seconds after ready, action). Two are no verbs: `edit NODE s/OLD/NEW/` edits keepalived.conf,
            `hand kill-child NODE` is a SIGKILL to the VRRP child.
        length: seconds after ready until the end.
        moves: every transition of VI_1 after the first action (without actions: from the beginning), in
            order.
        owners: who holds the address at the end.
        zeros: adverts of priority 0 that each node sent.
        advertise: who was seen advertising in the last four seconds.
        writable: whose mysqld told last that it takes writes; of those that told it ever.
    """

    title: str
    moves: tuple[Move, ...]
    owners: frozenset[str]
    acts: tuple[tuple[float, str], ...] = ()
    length: float = 8.0
    members: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    instance: Mapping[str, Any] = field(default_factory=dict)
    check: Mapping[str, Any] = field(default_factory=dict)
    whole: Mapping[str, Any] = field(default_factory=dict)
    zeros: Mapping[str, int] = field(default_factory=dict)
    advertise: frozenset[str] | None = None
    writable: frozenset[str] = frozenset()

    @property
    def number(self) -> str:
        return self.title.split()[0]

    @property
    def slug(self) -> str:
        return self.title.replace(" ", "-")


def topology(scenario: Scenario) -> Topology:
    """The two-node topology with the scenario's changes."""
    data = load_topology("two-node").model_dump(mode="json")
    instance = data["instances"]["VI_1"]
    for node, changes in scenario.members.items():
        instance["members"][node].update(changes)
    instance.update(scenario.instance)
    data["checks"]["mysql"].update(scenario.check)
    more = dict(scenario.whole)
    data["instances"].update(more.pop("instances", {}))
    data.update(more)
    return Topology.model_validate(data)


def master(node: str, since: Since, seconds: float, spread: float = 0.0) -> Move:
    return Move(node, "MASTER", since, seconds, spread)


BOTH = frozenset({"db1", "db2"})
DB1, DB2 = frozenset({"db1"}), frozenset({"db2"})
AT_ONCE = 0.0
TAKES_OVER = master("db2", "heard", MDI["db2"])
AFTER_ZERO = master("db2", "zero", SKEW["db2"])
STOPS = Move("db1", "STOPPED", "act", AT_ONCE)
LOSES_LINK = Move("db1", "FAULT", "act", AT_ONCE)
FAILS_CHECK, PASSES_CHECK = Move("db1", "FAULT", "act", 2.0, 2.05), Move("db1", "BACKUP", "act", 2.6, 2.2)
ELECTED, ELECTED_TOO = (master(node, "start", MDI[node]) for node in ("db1", "db2"))
RETURNS = (Move("db1", "BACKUP", "process", 0.0, STARTS_UP), ELECTED)
YIELDS = Move("db2", "BACKUP", "wire", AT_ONCE)
GROUP: dict[str, Any] = {
    "networks": ["lan", "heartbeat", "back"],
    "sync_groups": {"VG_1": ["VI_1", "VI_2"]},
    "instances": {
        "VI_2": {
            "network": "back",
            "vrid": 52,
            "members": {"db1": 150, "db2": 100},
            "addresses": {"back": [101]},
        }
    },
}
"""VI_1 and a second instance on a network of its own, without a check, in one sync group."""
BALANCED = "virtual_server 1.0.0.3 3306 {\nprotocol TCP\nreal_server 1.0.0.4 3306 {\nTCP_CHECK {\n}\n}\n}\n"
BEGIN = tuple(Move(node, "BACKUP", "process", 0.0, STARTS_UP) for node in ("db1", "db2"))
LOSES_MAJORITY = Move("db1", "FAULT", "act", 1.5, 1.1)
"""The next run 0 to 1 s after the cut, half a second for its pings, and one interval more."""
WITNESS: dict[str, Any] = {
    "instance": {"checks": ["mysql", "majority"], "fence": "super_read_only"},
    "whole": {
        "nodes": {"db1": 11, "db2": 12, "witness": 13},
        "checks": {
            "mysql": {},
            "majority": {
                "quorum": ["db1", "db2", "witness"],
                "network": "heartbeat",
                "interval": 1,
                "timeout": 1,
            },
        },
        "replication": {"kind": "none"},
    },
}
"""A quorum of two nodes and a third that is no member, and fencing."""
CUT_AND_HEALED = ((2.4, "cut heartbeat"), (9.0, "heal heartbeat"))
STOPPED_AND_STARTED = ((2.4, "stop keepalived db1"), (6.0, "start keepalived db1"))
KILLED_AND_STARTED = ((2.4, "kill mysqld db1"), (9.0, "start mysqld db1"))
IPV6: dict[str, Any] = {"family": "ipv6", "version": 3, "auth_pass": None}
DETECTED = (Move("db1", "BACKUP", "act", 1.0, 1.05), ELECTED)
"""An IPv6 router has no address to send from until its kernel knows that nobody else has it."""
NOPREEMPT = {"db1": {"nopreempt": True}, "db2": {"nopreempt": True}}
OWNER = {"db1": {"priority": 255, "state": "MASTER"}}


def _both(change: str) -> tuple[tuple[float, str], ...]:
    """The same edit of both configurations, and their reloads."""
    edits = tuple((0.2 + k / 10, f"edit {node} {change}") for k, node in enumerate(("db1", "db2")))
    return (*edits, (0.5, "reload db2"), (0.6, "reload db1"))


REFRESH = "vrrp_garp_master_refresh 0"
"""A line of the global settings, behind which others can be put."""

SCENARIOS = (
    Scenario("1 cold start", (*BEGIN, ELECTED), DB1, length=5),
    Scenario("2 keepalived killed", (STOPS, TAKES_OVER), BOTH, ((2.4, "kill keepalived db1"),)),
    Scenario(
        "3 keepalived stopped", (STOPS, AFTER_ZERO), DB2, ((2.4, "stop keepalived db1"),), zeros={"db1": 1}
    ),
    Scenario("4 heartbeat cut", (TAKES_OVER,), BOTH, ((2.4, "cut heartbeat"),), advertise=BOTH),
    Scenario("5 heartbeat healed", (TAKES_OVER, YIELDS), DB1, CUT_AND_HEALED, length=14),
    Scenario(
        "6 mysqld killed", (FAILS_CHECK, AFTER_ZERO), DB2, ((2.4, "kill mysqld db1"),), zeros={"db1": 2}
    ),
    Scenario(
        "7 mysqld back",
        (FAILS_CHECK, AFTER_ZERO, PASSES_CHECK, ELECTED, YIELDS),
        DB1,
        KILLED_AND_STARTED,
        length=20,
        zeros={"db1": 2},
    ),
    Scenario(
        "8 mysqld killed with weight -60",
        (TAKES_OVER, Move("db1", "BACKUP", "wire", AT_ONCE)),
        DB2,
        ((2.4, "kill mysqld db1"),),
        length=13,
        check={"weight": -60},
        zeros={},
    ),
    Scenario(
        "10 keepalived frozen and thawed",
        (TAKES_OVER, Move("db2", "BACKUP", "act", AT_ONCE)),
        DB1,
        ((2.4, "freeze keepalived db1"), (9.3, "thaw keepalived db1")),
        length=13,
    ),
    Scenario(
        "11 keepalived back",
        (STOPS, AFTER_ZERO, *RETURNS, YIELDS),
        DB1,
        STOPPED_AND_STARTED,
        length=12,
        zeros={"db1": 1},
    ),
    Scenario(
        "12 keepalived back with nopreempt",
        (STOPS, AFTER_ZERO, RETURNS[0]),
        DB2,
        STOPPED_AND_STARTED,
        length=14,
        members=NOPREEMPT,
        zeros={"db1": 1},
    ),
    Scenario(
        "13 nopreempt does not protect after a split",
        (TAKES_OVER, YIELDS),
        DB1,
        CUT_AND_HEALED,
        length=14,
        members=NOPREEMPT,
    ),
    Scenario(
        "14 passwords differ",
        (*BEGIN, ELECTED, ELECTED_TOO),
        BOTH,
        length=8,
        members={"db2": {"auth_pass": "other"}},
    ),
    Scenario(
        "16 VRIDs differ",
        (
            Move("db2", "STOPPED", "act", AT_ONCE),
            Move("db2", "BACKUP", "process", 0.0, STARTS_UP),
            ELECTED_TOO,
        ),
        BOTH,
        (
            (2.0, "edit db2 s/virtual_router_id 51/virtual_router_id 52/"),
            (2.4, "stop keepalived db2"),
            (4.0, "start keepalived db2"),
        ),
        length=12,
        advertise=BOTH,
    ),
    Scenario(
        "17 version 2 intervals differ",
        (*BEGIN, ELECTED, master("db2", "start", 6.6094)),
        BOTH,
        length=8,
        members={"db2": {"interval": 2}},
        advertise=DB1,
    ),
    Scenario(
        "20 one node deaf",
        (TAKES_OVER, YIELDS),
        DB1,
        ((2.4, "cut heartbeat db2"), (9.0, "heal heartbeat")),
        length=14,
    ),
    Scenario("22 own interface down", (LOSES_LINK, TAKES_OVER), DB2, ((2.4, "link down heartbeat db1"),)),
    Scenario(
        "23 tracked interface down",
        (LOSES_LINK, AFTER_ZERO),
        DB2,
        ((2.4, "link down lan db1"),),
        instance={"track": ["lan"]},
        zeros={"db1": 2},
    ),
    Scenario(
        "23b interface of the address down",
        (LOSES_LINK, AFTER_ZERO),
        DB2,
        ((2.4, "link down lan db1"),),
        zeros={"db1": 2},
    ),
    Scenario(
        "24 priority 255 starts",
        (STOPS, AFTER_ZERO, master("db1", "process", 0.0, STARTS_UP), YIELDS),
        DB1,
        STOPPED_AND_STARTED,
        length=11,
        members=OWNER,
        zeros={"db1": 1},
    ),
    Scenario(
        "24b two of priority 255",
        (
            Move("db2", "STOPPED", "act", AT_ONCE),
            master("db2", "process", 0.0, STARTS_UP),
            Move("db1", "BACKUP", "wire", AT_ONCE),
        ),
        DB2,
        (
            (1.0, "edit db2 s/state BACKUP/state MASTER/"),
            (1.2, "edit db2 s/priority 100/priority 255/"),
            (2.4, "stop keepalived db2"),
            (4.0, "start keepalived db2"),
        ),
        length=9,
        members=OWNER,
    ),
    Scenario(
        "27 VRRP child killed",
        (
            Move("db1", "BACKUP", "act", AT_ONCE, STARTS_UP),  # the kill is a command in a container
            TAKES_OVER,
            ELECTED,
            YIELDS,
        ),
        DB1,
        ((2.4, "hand kill-child db1"),),
        length=9,
    ),
    Scenario(
        "28 unicast and keepalived killed",
        (STOPS, TAKES_OVER),
        BOTH,
        ((2.4, "kill keepalived db1"),),
        instance={"peers": "unicast"},
    ),
    Scenario(
        "29 unicast cut and healed",
        (TAKES_OVER, YIELDS),
        DB1,
        CUT_AND_HEALED,
        length=14,
        instance={"peers": "unicast"},
    ),
    Scenario(
        "30 unicast against multicast",
        (*BEGIN, ELECTED, ELECTED_TOO),
        BOTH,
        length=9,
        members={"db1": {"peers": "unicast"}},
        advertise=BOTH,
    ),
    Scenario(
        "31 sync group and a failed check of one",
        (FAILS_CHECK, AFTER_ZERO, PASSES_CHECK, ELECTED, YIELDS),
        DB1,
        KILLED_AND_STARTED,
        length=20,
        whole=GROUP,
        zeros={"db1": 3},  # two of the instance whose check failed, one of the other
    ),
    Scenario(
        "32 sync group and the interface of the other",
        # VI_2 could say nothing, so VI_1 has to wait until VI_2's timer has ended too
        (LOSES_LINK, TAKES_OVER),
        DB2,
        ((2.4, "link down back db1"),),
        whole=GROUP,
        zeros={"db1": 1},
    ),
    Scenario(
        "33 a virtual_server without ip_vs",
        (
            Move("db1", "STOPPED", "act", AT_ONCE, 0.05),
            AFTER_ZERO,
            Move("db1", "STOPPED", "act", 1.0, 0.1),  # the VRRP child outlives its parent by a second
        ),
        DB2,
        ((1.0, f"edit db1 s/vrrp_instance VI_1/{BALANCED}vrrp_instance VI_1/"), (2.4, "reload db1")),
        zeros={"db1": 1},
    ),
    Scenario(
        "34 reloaded with an unknown interface",
        (Move("db1", "STOPPED", "act", AT_ONCE, 0.05), TAKES_OVER),
        BOTH,
        ((1.0, "edit db1 s/interface eth/interface eth9/"), (2.4, "reload db1")),
    ),
    Scenario(
        "40 a frozen mysqld passes a connection",
        (),
        DB1,
        ((2.4, "freeze mysqld db1"),),
        length=14,
        check={"ask": None, "tcp": 3306},
    ),
    Scenario(
        "41 a frozen mysqld fails a question",
        (Move("db1", "FAULT", "act", 6.0, 2.05), AFTER_ZERO),
        DB2,
        ((2.4, "freeze mysqld db1"),),
        length=14,
        zeros={"db1": 2},
    ),
    Scenario(
        "42 a majority lost by one",
        (LOSES_MAJORITY, AFTER_ZERO),
        DB2,
        ((2.4, "cut heartbeat db1"),),
        zeros={"db1": 2},
        writable=DB2,
        **WITNESS,
    ),
    Scenario(
        "43 a majority lost by both",
        (LOSES_MAJORITY, Move("db2", "FAULT", "act", 1.5, 1.1)),
        frozenset(),
        ((2.4, "cut heartbeat"),),
        zeros={"db1": 2},
        **WITNESS,
    ),
    Scenario(
        "44 fenced on failover and unfenced on return",
        (STOPS, AFTER_ZERO, *RETURNS, YIELDS),
        DB1,
        STOPPED_AND_STARTED,
        length=12,
        zeros={"db1": 1},
        writable=DB1,
        **WITNESS,
    ),
    Scenario(
        "45 a zombie is not fenced",
        (TAKES_OVER,),
        BOTH,
        ((2.4, "freeze keepalived db1"),),
        writable=BOTH,
        **WITNESS,
    ),
    Scenario("60 IPv6 cold start", (*BEGIN, ELECTED), DB1, length=5, instance=IPV6),
    Scenario(
        "61 IPv6 and keepalived stopped",
        (STOPS, AFTER_ZERO, *RETURNS, YIELDS),
        DB1,
        STOPPED_AND_STARTED,
        length=12,
        instance=IPV6,
        zeros={"db1": 1},
    ),
    Scenario(
        "62 IPv6 and keepalived frozen and thawed",
        (TAKES_OVER, Move("db2", "BACKUP", "act", AT_ONCE)),
        DB1,
        ((2.4, "freeze keepalived db1"), (9.3, "thaw keepalived db1")),
        length=13,
        instance=IPV6,
    ),
    Scenario(
        "63 IPv6 heartbeat cut and healed",
        (TAKES_OVER, YIELDS),
        DB1,
        CUT_AND_HEALED,
        length=14,
        instance=IPV6,
        advertise=DB1,
    ),
    Scenario(
        "64 IPv6 and mysqld killed",
        (FAILS_CHECK, AFTER_ZERO),
        DB2,
        ((2.4, "kill mysqld db1"),),
        instance=IPV6,
        zeros={"db1": 2},
    ),
    Scenario(
        "65 IPv6 own interface down and up",
        (LOSES_LINK, TAKES_OVER, *DETECTED, YIELDS),
        DB1,
        ((2.4, "link down heartbeat db1"), (8.0, "link up heartbeat db1")),
        length=16,
        instance=IPV6,
    ),
    Scenario(
        "66 IPv6 interface of the address down",
        (LOSES_LINK, AFTER_ZERO),
        DB2,
        ((2.4, "link down lan db1"),),
        instance=IPV6,
        zeros={"db1": 2},
    ),
    Scenario(
        "67 IPv6 unicast and keepalived killed",
        (STOPS, TAKES_OVER),
        BOTH,
        ((2.4, "kill keepalived db1"),),
        instance={**IPV6, "peers": "unicast"},
    ),
    Scenario(
        "70 authentication headers and keepalived killed",
        (STOPS, TAKES_OVER),
        BOTH,
        (*_both("s/auth_type PASS/auth_type AH/"), (4.0, "kill keepalived db1")),
        length=9,
    ),
    Scenario(
        "71 strict mode of one ignores its password",
        (master("db2", "act", MDI["db2"], 0.05),),
        BOTH,
        ((0.2, f"edit db1 s/{REFRESH}/{REFRESH}\nvrrp_strict/"), (0.4, "reload db1")),
        length=9,
    ),
    Scenario(
        "72 addresses that nobody may reach",
        (STOPS, AFTER_ZERO),
        DB2,
        (*_both(f"s/{REFRESH}/{REFRESH}\nvrrp_strict/"), (4.0, "stop keepalived db1")),
        zeros={"db1": 1},
    ),
    Scenario(
        "73 its own address among the peers",
        (STOPS, TAKES_OVER),
        BOTH,
        (
            (0.2, "edit db1 s/unicast_peer {/unicast_peer {\n198.18.1.11/"),
            (0.4, "reload db1"),
            (3.0, "kill keepalived db1"),
        ),
        instance={"peers": "unicast"},
    ),
)
