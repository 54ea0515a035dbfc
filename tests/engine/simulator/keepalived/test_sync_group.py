"""A sync group: its instances change state together."""

from __future__ import annotations

from hatlab import events as e
from hatlab.topology import Topology
from tests.engine.simulator.keepalived.labs import SECOND, TWO_NODE, grouped_lab
from tests.support.simulated_lab import SimLab


def states(lab: SimLab, node: str) -> list[str]:
    return [lab.reported(node, name) for name in ("VI_1", "VI_2")]


def test_a_sync_group_fails_and_recovers_as_one() -> None:
    lab = grouped_lab()
    at = lab.now
    lab.do("kill mysqld db1", wait=6)
    assert (states(lab, "db1"), states(lab, "db2")) == (["FAULT"] * 2, ["MASTER"] * 2)
    assert "VRRP_Group(VG_1) Syncing instances to FAULT state" in lab.logs("db1", at)
    assert "VRRP_Group(VG_1) Syncing instances to MASTER state" in lab.logs("db2", at)
    why = next(
        o
        for o in lab.events
        if isinstance(o, e.Why) and (o.node, o.instance, o.to) == ("db1", "VI_2", "FAULT")
    )
    assert why.cause == "sync group VG_1: VI_1 is FAULT"
    lab.do("start mysqld db1", wait=9)
    assert (states(lab, "db1"), states(lab, "db2")) == (["MASTER"] * 2, ["BACKUP"] * 2)


def test_nobody_leaves_fault_before_the_whole_sync_group_can() -> None:
    lab = grouped_lab()
    lab.do("kill mysqld db1", wait=5)
    lab.do("link down lan db1", wait=1)
    lab.do("start mysqld db1", wait=8)
    assert states(lab, "db1") == ["FAULT"] * 2
    lab.do("link up lan db1", wait=4)
    assert states(lab, "db1") == ["MASTER"] * 2


def test_a_sync_group_loses_an_address_as_one_and_takes_it_back() -> None:
    lab = grouped_lab()
    at = lab.now
    lab.do("address delete db1 198.18.0.100", wait=0.01)
    assert states(lab, "db1") == ["BACKUP"] * 2
    lab.run(2)
    assert states(lab, "db1") == ["MASTER"] * 2
    assert [state for _, state in lab.vrrp_changes("db2", at)] == []


def test_a_sync_group_that_starts_in_fault_waits_for_all_its_checks() -> None:
    lab = grouped_lab(checks=["mysql"])
    lab.do("stop keepalived db1")
    lab.do("kill mysqld db1")
    lab.do("start keepalived db1", wait=2)
    assert states(lab, "db1") == ["FAULT"] * 2
    lab.do("start mysqld db1", wait=9)
    assert states(lab, "db1") == ["MASTER"] * 2


def test_in_a_sync_group_a_check_with_a_weight_does_not_count() -> None:
    data = TWO_NODE.model_dump(mode="json")
    data["instances"]["VI_2"] = SECOND
    data["sync_groups"] = {"VG_1": ["VI_1", "VI_2"]}
    data["checks"]["mysql"]["weight"] = -60
    lab = SimLab(Topology.model_validate(data))
    lab.do("kill mysqld db1", wait=8)
    assert states(lab, "db1") == ["MASTER"] * 2


def test_a_reload_takes_an_instance_out_of_its_sync_group() -> None:
    lab = grouped_lab()
    text = lab.state.nodes["db1"].conf
    group = text[text.index("vrrp_sync_group") :]
    lab.edit_conf("db1", group, "")
    assert states(lab, "db1") == ["MASTER"] * 2
    lab.do("kill mysqld db1", wait=5)
    assert states(lab, "db1") == ["FAULT", "MASTER"]
