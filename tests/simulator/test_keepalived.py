"""What a simulated keepalived does beyond the common failover."""

from __future__ import annotations

from typing import Any

import pytest

from lab import events as e
from lab.files import load_topology
from lab.topology import Topology
from tests.simulator.lab import SimLab

TWO_NODE = load_topology("two-node")


def lab_with(
    members: dict[str, dict[str, Any]] | None = None, check: dict[str, int] | None = None, **instance: Any
) -> SimLab:
    """A two-node lab with changes to VI_1, its members and its check."""
    data = TWO_NODE.model_dump(mode="json")
    part = data["instances"]["VI_1"]
    part.update(instance)
    for node, changes in (members or {}).items():
        part["members"][node].update(changes)
    data["checks"]["mysql"].update(check or {})
    return SimLab(Topology.model_validate(data))


def logs(lab: SimLab, node: str, since: float = 0.0) -> list[str]:
    return [o.text for o in lab.events if isinstance(o, e.Log) and o.node == node and o.at >= since]


def changes(lab: SimLab, node: str, since: float = 0.0) -> list[tuple[float, str]]:
    """(seconds after `since`, state) of what the daemon reported."""
    found = [o for o in lab.events if isinstance(o, e.Vrrp) and o.node == node and o.at >= since]
    return [(round(v.at - since, 3), v.state) for v in found]


def edit(lab: SimLab, node: str, old: str, new: str) -> None:
    """Changes a conf and reloads."""
    text = lab.state.nodes[node].conf
    assert old in text
    lab.do(f"edit {node} my.conf", text.replace(old, new))
    lab.do(f"reload {node}")
    lab.run(0.05)


def test_version_3_elects_in_less_than_a_second() -> None:
    lab = lab_with(version=3, interval=0.1, auth_pass=None)
    lab.run(1)
    at = lab.now
    lab.do("kill keepalived db1")
    lab.run(1)
    seconds, state = changes(lab, "db2", at)[0]
    assert state == "MASTER"
    assert 0.26 <= seconds <= 0.37, "3 × 0.1 s + 0.061 s after the last advert"
    frames = [a for a in lab.events if isinstance(a, e.Advert) and a.direction == "sent"]
    assert {a.version for a in frames} == {3}
    assert {a.interval for a in frames} == {0.1}


def test_version_3_backup_adopts_the_master_s_interval() -> None:
    lab = lab_with({"db1": {"interval": 0.5}, "db2": {"interval": 2}}, version=3, auth_pass=None)
    lab.run(3)
    assert lab.owners() == {"db1"}
    assert any("updated from 2000ms to 500ms by master" in text for text in logs(lab, "db2"))
    at = lab.now
    lab.do("kill keepalived db1")
    lab.run(4)
    assert changes(lab, "db2", at)[0][0] <= 3 * 0.5 + 0.31


def test_preempt_delay_holds_a_better_node_back() -> None:
    lab = lab_with({"db1": {"preempt_delay": 10}})
    lab.do("stop keepalived db1")
    lab.run(2)
    lab.do("start keepalived db1")
    began = lab.now
    lab.run(20)
    back = next(at for at, state in changes(lab, "db1", began) if state == "MASTER")
    assert 12 < back < 15, (
        "10 s from the first lower advert, then a master-down interval from the last taken one"
    )
    assert any("start preempt delay" in text for text in logs(lab, "db1", began))


def test_a_startup_delay_comes_before_the_master_down_interval() -> None:
    lab = SimLab()
    edit(lab, "db1", "global_defs {", "global_defs {\n    vrrp_startup_delay 5")
    lab.do("stop keepalived db1")
    lab.do("start keepalived db1")
    began = lab.now
    lab.run(12)
    states = changes(lab, "db1", began)
    assert states[0][1] == "BACKUP"
    assert states[1][1] == "MASTER"
    assert states[1][0] - 0.02 == pytest.approx(5 + 3.414, abs=0.05)


def test_a_positive_weight_is_added_while_the_check_succeeds() -> None:
    lab = lab_with(check={"weight": 50})
    assert lab.state.nodes["db1"].instances["VI_1"].priority == 200
    lab.do("kill mysqld db1")
    lab.run(10)
    assert lab.owners() == {"db1"}, "150 + 0 against 100 + 50: equals do not preempt"
    assert "(VI_1) Changing effective priority from 200 to 150" in logs(lab, "db1")


def test_a_hanging_check_is_killed_and_overlapping_runs_are_skipped() -> None:
    lab = SimLab()
    lab.run(1)
    at = lab.now
    lab.do("freeze mysqld db1")
    lab.run(9)
    told = [t for t in logs(lab, "db1", at) if "mysql" in t]
    assert told[:3] == [
        "Track script mysql is already running, expect idle - skipping run",
        "Track script mysql is already running, expect idle - skipping run",
        "VRRP_Script(mysql) timed_out",
    ]
    assert 4 <= next(s for s, state in changes(lab, "db1", at) if state == "FAULT") <= 8.1


def test_a_check_that_fails_at_the_start_counts_at_once() -> None:
    lab = SimLab()
    lab.do("stop keepalived db1")
    lab.do("kill mysqld db1")
    lab.do("start keepalived db1")
    lab.run(0.3)
    assert lab.reported("db1") == "FAULT"
    assert lab.owners() <= {"db2"}


def test_an_interface_that_is_down_at_the_start_is_a_fault() -> None:
    lab = SimLab()
    lab.do("stop keepalived db1")
    lab.do("link down heartbeat db1")
    lab.do("start keepalived db1")
    lab.run(0.3)
    assert lab.reported("db1") == "FAULT"
    lab.do("link up heartbeat db1")
    lab.run(4)
    assert lab.owners() == {"db1"}


def test_two_reasons_for_fault_must_both_go() -> None:
    lab = SimLab()
    lab.do("link down heartbeat db1")
    lab.do("kill mysqld db1")
    lab.run(6)
    lab.do("link up heartbeat db1")
    lab.run(2)
    assert lab.reported("db1") == "FAULT"
    lab.do("start mysqld db1")
    lab.run(10)
    assert lab.owners() == {"db1"}


def test_unicast_peers_hear_each_other_and_nobody_else() -> None:
    lab = SimLab()
    for node, peer in (("db1", "198.18.1.12"), ("db2", "198.18.1.11")):
        edit(
            lab,
            node,
            "    virtual_ipaddress {",
            f"    unicast_peer {{\n        {peer}\n    }}\n    virtual_ipaddress {{",
        )
    lab.run(6)
    assert lab.owners() == {"db1"}
    last = [a for a in lab.events if isinstance(a, e.Advert)][-1]
    assert last.destination == "198.18.1.12"
    edit(lab, "db2", "    unicast_peer {\n        198.18.1.11\n    }\n", "")
    lab.run(6)
    assert lab.owners() == {"db1", "db2"}
    assert not [text for text in logs(lab, "db2") if "cast packet" in text], "its socket never gets them"
    seen = {
        a.node for a in lab.events if isinstance(a, e.Advert) and a.direction == "sent" and a.at > lab.now - 2
    }
    assert seen == {"db1", "db2"}, "so neither mutes the other"


def test_out_of_fault_a_unicast_router_announces_its_own_address() -> None:
    lab = lab_with(peers="unicast")
    assert "VI_1: sending gratuitous ARP for 198.18.1.11" in logs(lab, "db1")
    at = lab.now
    lab.do("kill mysqld db1")
    lab.run(6)
    lab.do("start mysqld db1")
    lab.run(6)
    own = [a for a in lab.events if isinstance(a, e.Arp) and a.at > at and a.address == "198.18.1.11"]
    assert [(a.direction, a.gratuitous) for a in own] == [("sent", True), ("received", True)]


def test_a_source_that_is_no_peer_is_heard_unless_that_is_checked() -> None:
    def both(extra: str) -> SimLab:
        lab = lab_with(peers="unicast")
        edit(lab, "db2", "        198.18.1.11\n", f"        198.18.1.99\n    }}\n{extra}    debug {{\n")
        lab.run(8)
        return lab

    assert both("").owners() == {"db1"}
    strict = both("    check_unicast_src\n")
    assert strict.owners() == {"db1", "db2"}
    assert "(VI_1) unicast source address 198.18.1.11 not a unicast peer" in logs(strict, "db2")


SECOND = {"network": "lan", "vrid": 52, "members": {"db1": 150, "db2": 100}, "addresses": {"lan": [101]}}


def grouped(**second: Any) -> SimLab:
    """VI_1 with its check and VI_2 without one, in a sync group."""
    data = TWO_NODE.model_dump(mode="json")
    data["instances"]["VI_2"] = SECOND | second
    data["sync_groups"] = {"VG_1": ["VI_1", "VI_2"]}
    return SimLab(Topology.model_validate(data))


def states(lab: SimLab, node: str) -> list[str]:
    return [lab.reported(node, name) for name in ("VI_1", "VI_2")]


def test_a_sync_group_fails_and_recovers_as_one() -> None:
    lab = grouped()
    at = lab.now
    lab.do("kill mysqld db1")
    lab.run(6)
    assert (states(lab, "db1"), states(lab, "db2")) == (["FAULT"] * 2, ["MASTER"] * 2)
    assert "VRRP_Group(VG_1) Syncing instances to FAULT state" in logs(lab, "db1", at)
    assert "VRRP_Group(VG_1) Syncing instances to MASTER state" in logs(lab, "db2", at)
    why = next(
        o
        for o in lab.events
        if isinstance(o, e.Why) and (o.node, o.instance, o.to) == ("db1", "VI_2", "FAULT")
    )
    assert why.cause == "sync group VG_1: VI_1 is FAULT"
    lab.do("start mysqld db1")
    lab.run(9)
    assert (states(lab, "db1"), states(lab, "db2")) == (["MASTER"] * 2, ["BACKUP"] * 2)


def test_nobody_leaves_fault_before_the_whole_sync_group_can() -> None:
    lab = grouped()
    lab.do("kill mysqld db1")
    lab.run(5)
    lab.do("link down lan db1")
    lab.run(1)
    lab.do("start mysqld db1")
    lab.run(8)
    assert states(lab, "db1") == ["FAULT"] * 2
    lab.do("link up lan db1")
    lab.run(4)
    assert states(lab, "db1") == ["MASTER"] * 2


def test_a_sync_group_loses_an_address_as_one_and_takes_it_back() -> None:
    lab = grouped()
    at = lab.now
    lab.do("address delete db1 198.18.0.100")
    lab.run(0.01)
    assert states(lab, "db1") == ["BACKUP"] * 2
    lab.run(2)
    assert states(lab, "db1") == ["MASTER"] * 2
    assert [state for _, state in changes(lab, "db2", at)] == []


def test_a_sync_group_that_starts_in_fault_waits_for_all_its_checks() -> None:
    lab = grouped(checks=["mysql"])
    lab.do("stop keepalived db1")
    lab.do("kill mysqld db1")
    lab.do("start keepalived db1")
    lab.run(2)
    assert states(lab, "db1") == ["FAULT"] * 2
    lab.do("start mysqld db1")
    lab.run(9)
    assert states(lab, "db1") == ["MASTER"] * 2


def test_in_a_sync_group_a_check_with_a_weight_does_not_count() -> None:
    data = TWO_NODE.model_dump(mode="json")
    data["instances"]["VI_2"] = SECOND
    data["sync_groups"] = {"VG_1": ["VI_1", "VI_2"]}
    data["checks"]["mysql"]["weight"] = -60
    lab = SimLab(Topology.model_validate(data))
    lab.do("kill mysqld db1")
    lab.run(8)
    assert states(lab, "db1") == ["MASTER"] * 2


def test_a_reload_takes_an_instance_out_of_its_sync_group() -> None:
    lab = grouped()
    text = lab.state.nodes["db1"].conf
    group = text[text.index("vrrp_sync_group") :]
    edit(lab, "db1", group, "")
    assert states(lab, "db1") == ["MASTER"] * 2
    lab.do("kill mysqld db1")
    lab.run(5)
    assert states(lab, "db1") == ["FAULT", "MASTER"]


def test_another_list_of_addresses_is_remarked_and_each_sets_its_own() -> None:
    lab = SimLab()
    edit(lab, "db2", "198.18.0.100/24", "198.18.0.101/24")
    lab.run(5)
    assert any("not present in MASTER advert : 198.18.0.101" in text for text in logs(lab, "db2"))
    lab.do("power off db1")
    lab.run(5)
    assert ("lan", "198.18.0.101") in lab.state.nodes["db2"].addresses
    probe = lab.state.clients["client"].last
    assert probe is not None
    assert not probe.ok, "the client's address exists nowhere"


def test_an_instance_that_a_reload_takes_away_gives_its_address_up() -> None:
    lab = SimLab()
    edit(lab, "db1", "vrrp_instance VI_1 {", "vrrp_instance VI_2 {")
    assert lab.owners() == set()
    assert changes(lab, "db1")[-1][1] in {"STOPPED", "BACKUP"}
    lab.run(5)
    assert lab.owners() == {"db1"}


def test_an_unknown_interface_is_named() -> None:
    lab = SimLab()
    text = lab.state.nodes["db2"].conf.replace("interface eth1", "interface eth7")
    assert lab.engine.check("db2", text) == ["(VI_1) Unknown interface eth7!"]
    assert lab.engine.check("db2", lab.state.nodes["db2"].conf) == []
    edit(lab, "db2", "interface eth1", "interface eth7")
    lab.run(5)
    assert "(VI_1) Unknown interface eth7!" in logs(lab, "db2")
    lab.do("power off db1")
    lab.run(5)
    assert lab.owners() == set()


@pytest.mark.parametrize(
    "text", ["", "}", "vrrp_instance {", "global_defs {\n vrrp_startup_delay x\n}", "\x00 \n{{{"]
)
def test_no_text_of_a_conf_breaks_the_daemon(text: str) -> None:
    lab = SimLab()
    lab.do("edit db1 my.conf", text)
    lab.engine.check("db1", text)
    lab.do("reload db1")
    lab.run(5)
    assert lab.owners() == {"db2"}


def test_a_lone_password_mismatch_splits_and_mutes() -> None:
    lab = SimLab()
    lab.do("set db2 auth_pass other")
    lab.run(12)
    assert lab.owners() == {"db1", "db2"}
    assert {"split_brain", "muted_master"} <= set(lab.state.conditions)
    lab.do("set db2 auth_pass hatlab")
    lab.run(2)
    assert lab.owners() == {"db1"}


def test_a_cut_outlives_the_power() -> None:
    lab = SimLab()
    lab.do("cut heartbeat")
    lab.do("power off db1")
    lab.run(1)
    lab.do("power on db1")
    lab.run(6)
    assert lab.owners() == {"db1", "db2"}
    lab.do("power off db2")
    lab.do("heal heartbeat")
    lab.do("power on db2")
    lab.run(6)
    assert lab.owners() == {"db1"}
