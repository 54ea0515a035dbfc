"""Checks: when they run, what each kind sees, and what counts as failed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from hatlab import events as e
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.engine.simulator.keepalived.labs import lab_with
from tests.support.simulated_lab import SimLab


def lab_with_check(check: dict[str, Any], **more: Any) -> SimLab:
    """The two-node lab with another check."""
    data = load_topology("two-node").model_dump(mode="json", exclude_none=True)
    data["checks"]["mysql"] = check
    return SimLab(Topology.model_validate({**data, **more}))


def test_a_positive_weight_is_added_while_the_check_succeeds() -> None:
    lab = lab_with(check={"weight": 50})
    assert lab.state.nodes["db1"].instances["VI_1"].priority == 200
    lab.do("kill mysqld db1", wait=10)
    assert lab.owners() == {"db1"}, "150 + 0 against 100 + 50: equals do not preempt"
    assert "(VI_1) Changing effective priority from 200 to 150" in lab.logs("db1")


def test_a_hanging_check_is_killed_and_overlapping_runs_are_skipped(lab: SimLab) -> None:
    lab.run(1)
    at = lab.now
    lab.do("freeze mysqld db1", wait=9)
    told = [t for t in lab.logs("db1", at) if "mysql" in t]
    assert told[:3] == [
        "Track script mysql is already running, expect idle - skipping run",
        "Track script mysql is already running, expect idle - skipping run",
        "VRRP_Script(mysql) timed_out",
    ]
    assert 4 <= next(s for s, state in lab.vrrp_changes("db1", at) if state == "FAULT") <= 8.1


def test_a_check_that_fails_at_the_start_counts_at_once(lab: SimLab) -> None:
    lab.do("stop keepalived db1")
    lab.do("kill mysqld db1")
    lab.do("start keepalived db1", wait=0.3)
    assert lab.reported("db1") == "FAULT"
    assert lab.owners() <= {"db2"}


@pytest.mark.parametrize(
    ("check", "actions", "passes"),
    [
        ({"ask": "SELECT 1"}, [], True),
        ({"ask": "SELECT 1"}, ["freeze mysqld db1"], False),
        ({"ask": "SELECT COUNT(*) FROM lab.nothing"}, [], False),
        ({"tcp": 3306}, ["freeze mysqld db1"], True),
        ({"tcp": 3306}, ["kill mysqld db1"], False),
        ({"tcp": 3307}, [], False),
        ({"process": "mysqld"}, ["freeze mysqld db1"], True),
        ({"process": "mysqld"}, ["kill mysqld db1"], False),
        ({"reach": "client"}, ["cut lan"], True),
        ({"reach": "client"}, ["link down lan db1"], False),
        ({"reach": "lan.50"}, [], True),
        ({"reach": "db1"}, ["cut heartbeat"], True),
        ({"reach": "db2", "network": "heartbeat"}, ["cut heartbeat db2"], False),
        ({"reach": "db2", "network": "heartbeat"}, ["cut lan"], True),
        ({"reach": "db2"}, ["power off db2"], False),
        ({"reach": "db2"}, ["pause db2"], True),
        ({"quorum": ["db1", "db2", "client"], "network": "lan"}, ["link down lan db1"], False),
        ({"quorum": ["db1", "db2", "client"], "network": "lan"}, ["power off db2"], True),
        ({"quorum": ["db1", "db2"], "network": "heartbeat"}, ["power off db2"], False),
    ],
)
def test_each_kind_of_check_passes_or_fails(check: dict[str, Any], actions: list[str], passes: bool) -> None:
    lab = lab_with_check({**check, "weight": -1})
    for action in actions:
        lab.do(action)
    lab.run(8)
    assert lab.state.nodes["db1"].checks["mysql"].ok is passes


def test_a_client_as_witness_does_not_help_in_a_split() -> None:
    quorum = {"quorum": ["db1", "db2", "client"], "network": "lan", "interval": 1, "timeout": 1}
    lab = lab_with_check(quorum)
    lab.do("cut heartbeat")
    lab.do("cut lan", wait=8)
    assert lab.owners() == {"db1", "db2"}


def test_a_check_that_measures_load_moves_with_it() -> None:
    lab = SimLab(load_topology("flapping"))
    lab.run(40)
    masters = [v.node for v in lab.events if isinstance(v, e.Vrrp) and v.state == "MASTER"]
    assert len(masters) >= 8
    assert all(one != other for one, other in pairwise(masters)), "they take turns"
    faults = [w for w in lab.events if isinstance(w, e.Why) and w.to == "FAULT"]
    assert {w.cause for w in faults} == {"check report failed (timed out)"}
    assert all(n.service("mysqld").state == "up" for n in lab.state.nodes.values())


def test_a_check_that_asks_a_plain_question_does_not_move() -> None:
    data = load_topology("flapping").model_dump(mode="json", exclude_none=True)
    data["checks"]["report"]["ask"] = "SELECT 1"
    lab = SimLab(Topology.model_validate(data))
    lab.run(40)
    assert [v.node for v in lab.events if isinstance(v, e.Vrrp) and v.state == "MASTER"] == ["db1"]


@pytest.mark.parametrize(("between", "detected"), [(0.0, 2.0), (0.2, 7.8)])
def test_another_script_begins_anew_at_a_reload(between: float, detected: float) -> None:
    """Its first run is at once, and a first failure counts at once (measured on real keepalived)."""
    lab = lab_with_check({"tcp": 3306})
    lab.run(3)
    conf = lab.state.nodes["db1"].conf
    asks = conf.replace("bash -c '</dev/tcp/127.0.0.1/3306'", "mysql --user=root -e 'SELECT 1'")
    assert asks != conf
    lab.do("edit db1 keepalived.conf", asks)
    lab.do("reload db1")
    lab.run(between)
    began = lab.now
    lab.do("freeze mysqld db1")
    lab.run(detected - 0.1)
    assert lab.reported("db1") == "MASTER"
    lab.run(0.2)
    assert lab.reported("db1") == "FAULT"
    logged = [x.text for x in lab.events if isinstance(x, e.Log) and x.node == "db1" and x.at >= began]
    assert "VRRP_Script(mysql) considered successful on reload" not in logged
    assert "VRRP_Script(mysql) timed_out" in logged


def test_a_check_that_runs_while_a_reload_takes_it_away_counts_no_more() -> None:
    lab = lab_with_check({"ask": "SELECT 1", "interval": 1, "timeout": 5, "fall": 1})
    data = load_topology("two-node").model_dump(mode="json", exclude_none=True)
    data["instances"]["VI_1"]["checks"] = []
    bare = SimLab(Topology.model_validate({**data, "checks": {}})).state.nodes["db1"].conf
    lab.run(3)
    lab.do("freeze mysqld db1", wait=1.5)
    lab.do("edit db1 keepalived.conf", bare)
    lab.do("reload db1", wait=0.1)
    lab.do("kill mysqld db1", wait=5)
    assert lab.reported("db1") == "MASTER"


@pytest.mark.parametrize("wait", [0.0, 0.4, 0.8, 1.2, 1.6])
def test_a_check_that_a_reload_drops_asks_no_more(wait: float, lab: SimLab) -> None:
    lab.run(wait)
    text = lab.state.nodes["db1"].conf
    track = text[text.index("    track_script") : text.rindex("}")]
    lab.do("freeze mysqld db1")
    lab.run(2.1)  # its first run in vain is over, or about to be
    lab.do("edit db1 keepalived.conf", text.replace(track, ""))
    lab.do("reload db1", wait=8)
    assert lab.reported("db1") == "MASTER"
