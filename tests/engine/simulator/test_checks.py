"""Checks of every kind, and fencing, on the simulator: what each one sees, and what it does not."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from hatlab import events as e
from hatlab.engine.simulator.console.driver import run_line
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.support.simulated_lab import SimLab

FENCED = load_topology("fenced")


def lab_with(check: dict[str, Any], **more: Any) -> SimLab:
    """The two-node lab with another check."""
    data = load_topology("two-node").model_dump(mode="json", exclude_none=True)
    data["checks"]["mysql"] = check
    return SimLab(Topology.model_validate({**data, **more}))


def writable(lab: SimLab) -> set[str]:
    return {node.name for node in lab.state.nodes.values() if not node.fenced}


@pytest.mark.parametrize(
    ("check", "acts", "passes"),
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
def test_what_a_check_sees(check: dict[str, Any], acts: list[str], passes: bool) -> None:
    lab = lab_with({**check, "weight": -1})
    for act in acts:
        lab.do(act)
    lab.run(8)
    assert lab.state.nodes["db1"].checks["mysql"].ok is passes


def test_a_client_as_witness_does_not_help_in_a_split() -> None:
    quorum = {"quorum": ["db1", "db2", "client"], "network": "lan", "interval": 1, "timeout": 1}
    lab = lab_with(quorum)
    lab.do("cut heartbeat")
    lab.do("cut lan")
    lab.run(8)
    assert lab.owners() == {"db1", "db2"}


def test_a_node_as_witness_does() -> None:
    data = FENCED.model_dump(mode="json", exclude_none=True)
    del data["instances"]["VI_1"]["members"]["db3"]
    lab = SimLab(Topology.model_validate(data))
    lab.do("cut heartbeat db1")
    lab.run(8)
    assert lab.owners() == {"db2"}
    assert writable(lab) == {"db2", "db3"}, "db3 is no member: nobody fences it"


@pytest.mark.parametrize("seed", range(5))
def test_a_split_leaves_one_writable_owner_at_most(seed: int) -> None:
    lab = SimLab(FENCED, seed=seed)
    for act, owner in (("cut heartbeat db1", {"db2"}), ("heal heartbeat", {"db1"}), ("cut heartbeat", set())):
        lab.do(act)
        for _ in range(90):
            lab.run(0.1)
            assert len(lab.owners()) <= 1
            assert len(writable(lab)) <= 2, "who takes over is never slower than who gives up"
        assert lab.owners() == writable(lab) == owner
    assert "split_brain" not in {c.name for c in lab.events if isinstance(c, e.Condition)}


def test_a_fenced_server_refuses_and_a_zombie_does_not() -> None:
    lab = SimLab(FENCED)
    told = [(r.node, r.read_only) for r in lab.events if isinstance(r, e.ReadOnly)]
    assert sorted(told[:3]) == [("db1", True), ("db2", True), ("db3", True)]
    lab.run(1)
    assert writable(lab) == {"db1"}
    with pytest.raises(Exception, match="1290"):
        lab.do('sql db2 "INSERT INTO lab.accounts VALUES (7, 7, 7)"')
    lab.do("freeze keepalived db1")
    lab.run(6)
    assert lab.owners() == writable(lab) == {"db1", "db2"}
    lab.do("thaw keepalived db1")
    lab.run(1)
    assert lab.owners() == writable(lab) == {"db1"}


def test_a_stopped_keepalived_fences_and_a_killed_one_does_not() -> None:
    lab = SimLab(FENCED)
    lab.run(1)
    lab.do("stop keepalived db1")
    lab.run(2)
    assert writable(lab) == {"db2"}
    lab.do("kill keepalived db2")
    lab.run(6)
    assert writable(lab) == {"db2", "db3"}
    assert lab.owners() == {"db2", "db3"}


def test_a_frozen_mysqld_is_fenced_when_it_thaws() -> None:
    lab = SimLab(FENCED)
    lab.run(1)
    lab.do("freeze mysqld db1")
    lab.run(12)
    assert lab.owners() == {"db2"}
    assert not lab.state.nodes["db1"].fenced
    lab.do("thaw mysqld db1")
    lab.run(0.2)
    assert lab.state.nodes["db1"].fenced


def test_a_mysqld_that_comes_back_starts_read_only() -> None:
    lab = SimLab(FENCED)
    lab.run(1)
    lab.do("kill mysqld db1")
    assert not lab.state.nodes["db1"].read_only
    lab.run(6)
    lab.do("start mysqld db1")
    assert lab.state.nodes["db1"].fenced
    assert "super-read-only = ON" in run_line(lab.engine.world, "db1", "cat /etc/mysql/node.cnf").text


def test_a_failed_quorum_is_explained_by_its_own_lines() -> None:
    lab = SimLab(FENCED)
    lab.do("cut heartbeat db1")
    lab.run(4)
    why = next(w for w in lab.events if isinstance(w, e.Why) and (w.node, w.to) == ("db1", "FAULT"))
    assert "check majority failed" in why.text
    text = lab.state.nodes["db1"].conf.splitlines()
    number = int(why.line.split(":")[1])
    assert text[number - 1].strip() == "fall 2"
    assert number > text.index("vrrp_script majority {")


def test_a_check_that_measures_load_moves_with_it() -> None:
    lab = SimLab(load_topology("flapping"))
    lab.run(40)
    masters = [v.node for v in lab.events if isinstance(v, e.Vrrp) and v.state == "MASTER"]
    assert len(masters) >= 8
    assert all(one != other for one, other in pairwise(masters)), "they take turns"
    faults = [w for w in lab.events if isinstance(w, e.Why) and w.to == "FAULT"]
    assert {w.cause for w in faults} == {"check report failed (timed out)"}
    assert all(n.service("mysqld").state == "up" for n in lab.state.nodes.values())


def test_one_that_asks_a_plain_question_stays() -> None:
    data = load_topology("flapping").model_dump(mode="json", exclude_none=True)
    data["checks"]["report"]["ask"] = "SELECT 1"
    lab = SimLab(Topology.model_validate(data))
    lab.run(40)
    assert [v.node for v in lab.events if isinstance(v, e.Vrrp) and v.state == "MASTER"] == ["db1"]


@pytest.mark.parametrize(("between", "detected"), [(0.0, 2.0), (0.2, 7.8)])
def test_another_script_begins_anew_at_a_reload(between: float, detected: float) -> None:
    """Its first run is at once, and a first failure counts at once (measured on real keepalived)."""
    lab = lab_with({"tcp": 3306})
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
    lab = lab_with({"ask": "SELECT 1", "interval": 1, "timeout": 5, "fall": 1})
    data = load_topology("two-node").model_dump(mode="json", exclude_none=True)
    data["instances"]["VI_1"]["checks"] = []
    bare = SimLab(Topology.model_validate({**data, "checks": {}})).state.nodes["db1"].conf
    lab.run(3)
    lab.do("freeze mysqld db1")
    lab.run(1.5)
    lab.do("edit db1 keepalived.conf", bare)
    lab.do("reload db1")
    lab.run(0.1)
    lab.do("kill mysqld db1")
    lab.run(5)
    assert lab.reported("db1") == "MASTER"


@pytest.mark.parametrize("wait", [0.0, 0.4, 0.8, 1.2, 1.6])
def test_a_check_that_a_reload_drops_asks_no_more(wait: float) -> None:
    lab = SimLab()
    lab.run(wait)
    text = lab.state.nodes["db1"].conf
    track = text[text.index("    track_script") : text.rindex("}")]
    lab.do("freeze mysqld db1")
    lab.run(2.1)  # its first run in vain is over, or about to be
    lab.do("edit db1 keepalived.conf", text.replace(track, ""))
    lab.do("reload db1")
    lab.run(8)
    assert lab.reported("db1") == "MASTER"
