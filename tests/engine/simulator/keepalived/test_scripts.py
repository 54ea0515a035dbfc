"""Notify scripts that fence: a server without the address refuses writes."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.support.simulated_lab import SimLab

FENCED = load_topology("fenced")


def writable(lab: SimLab) -> set[str]:
    return {node.name for node in lab.state.nodes.values() if not node.fenced}


def test_a_node_as_witness_prevents_a_split() -> None:
    data = FENCED.model_dump(mode="json", exclude_none=True)
    del data["instances"]["VI_1"]["members"]["db3"]
    lab = SimLab(Topology.model_validate(data))
    lab.do("cut heartbeat db1", wait=8)
    assert lab.owners() == {"db2"}
    assert writable(lab) == {"db2", "db3"}, "db3 is no member: nobody fences it"


def test_a_failed_quorum_is_explained_by_its_own_lines() -> None:
    lab = SimLab(FENCED)
    lab.do("cut heartbeat db1", wait=4)
    why = next(w for w in lab.events if isinstance(w, e.Why) and (w.node, w.to) == ("db1", "FAULT"))
    assert why.text.startswith("The check majority on db1 failed.")
    text = lab.state.nodes["db1"].conf.splitlines()
    number = int(why.line.split(":")[1])
    assert text[number - 1].strip() == "fall 2"
    assert number > text.index("vrrp_script majority {")


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
    lab.do("freeze keepalived db1", wait=6)
    assert lab.owners() == writable(lab) == {"db1", "db2"}
    lab.do("thaw keepalived db1", wait=1)
    assert lab.owners() == writable(lab) == {"db1"}


def test_a_stopped_keepalived_fences_and_a_killed_one_does_not() -> None:
    lab = SimLab(FENCED)
    lab.run(1)
    lab.do("stop keepalived db1", wait=2)
    assert writable(lab) == {"db2"}
    lab.do("kill keepalived db2", wait=6)
    assert writable(lab) == {"db2", "db3"}
    assert lab.owners() == {"db2", "db3"}


def test_a_frozen_mysqld_is_fenced_when_it_thaws() -> None:
    lab = SimLab(FENCED)
    lab.run(1)
    lab.do("freeze mysqld db1", wait=12)
    assert lab.owners() == {"db2"}
    assert not lab.state.nodes["db1"].fenced
    lab.do("thaw mysqld db1", wait=0.2)
    assert lab.state.nodes["db1"].fenced


def test_a_mysqld_that_comes_back_starts_read_only() -> None:
    lab = SimLab(FENCED)
    lab.run(1)
    lab.do("kill mysqld db1")
    assert not lab.state.nodes["db1"].read_only
    lab.run(6)
    lab.do("start mysqld db1")
    assert lab.state.nodes["db1"].fenced
    assert "super-read-only = ON" in lab.shell("cat /etc/mysql/node.cnf").text
