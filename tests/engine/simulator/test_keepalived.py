"""What a simulated keepalived does beyond the common failover."""

from __future__ import annotations

from typing import Any

import pytest

from hatlab import events as e
from hatlab.errors import ActionFailed
from hatlab.topology import Topology
from hatlab.topology.library import load_topology, topology_names
from tests.support.simulated_lab import SimLab

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
    began = lab.now
    lab.do("start keepalived db1")
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


def test_a_master_advertises_before_it_reads_its_configuration_again() -> None:
    lab = SimLab()
    at = lab.now
    lab.do("set db1 priority 90")
    lab.run(0.5)
    adverts = [a for a in lab.events if isinstance(a, e.Advert) and a.at >= at]
    sent = [a.priority for a in adverts if a.direction == "sent"]
    assert sent[:2] == [150, 90], "so the Backup's timer runs from the reload"


def test_a_respawned_child_takes_what_its_parent_read() -> None:
    lab = SimLab()
    text = lab.state.nodes["db1"].conf
    lab.do("edit db1 my.conf", text.replace("priority 150", "priority 90"))
    lab.engine.world.nodes["db1"].keepalived.kill_child()
    lab.run(6)
    assert lab.owners() == {"db1"}
    lab.do("reload db1")
    lab.run(6)
    assert lab.owners() == {"db2"}


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


def test_a_master_that_lost_its_address_waits_its_own_skew_and_says_so() -> None:
    lab = SimLab()
    at = lab.now
    lab.do("address delete db1 .100")
    lab.run(0.01)
    instance = lab.state.nodes["db1"].instances["VI_1"]
    assert instance.takeover_in(lab.now) == pytest.approx(0.414, abs=0.02)
    lab.run(1)
    (why,) = (w for w in lab.events if isinstance(w, e.Why) and w.at > at and w.to == "MASTER")
    assert (why.node, why.cause) == ("db1", "nobody took over from it")
    assert "skew = (256 − 150)/256 = 0.414 s; measured 0.414 s" in why.arithmetic


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


def test_a_reload_with_an_unknown_interface_ends_keepalived_and_leaves_its_address() -> None:
    lab = SimLab()
    text = lab.state.nodes["db1"].conf.replace("interface eth1", "interface eth7")
    missing = "WARNING - interface eth7 for vrrp_instance VI_1 doesn't exist"
    lines = [f"(/etc/keepalived/keepalived.conf: Line 21) {missing}"]
    assert lab.engine.check("db1", text) == lines
    assert lab.engine.check("db1", lab.state.nodes["db1"].conf) == []
    edit(lab, "db1", "interface eth1", "interface eth7")
    lab.run(5)
    assert {*lines, "Non-existent interface specified in configuration"} <= set(logs(lab, "db1"))
    assert str(lab.state.nodes["db1"].services["keepalived"].reason) == "exit 2"
    assert lab.owners() == {"db1", "db2"}, "a zombie owner"
    with pytest.raises(ActionFailed, match=r"keepalived ended at once \(exit 2\)"):
        lab.do("start keepalived db1")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    virtual_router_id 51\n", "", "(VI_1) the virtual router id must be set"),
        ("    interface eth1\n", "", "(VI_1) Unknown interface!"),
        (
            "    track_script {",
            "    track_interface {\n        eth9\n    }\n    track_script {",
            "(/etc/keepalived/keepalived.conf: Line 33) (VI_1) tracked interface eth9 doesn't exist",
        ),
        (" dev eth0", " dev eth9", "Non-existent interface specified in configuration"),
    ],
)
def test_what_keepalived_does_not_start_with(old: str, new: str, said: str) -> None:
    lab = SimLab()
    lab.do("stop keepalived db2")
    before = lab.state.nodes["db2"].conf
    assert old in before
    lab.do("edit db2 keepalived.conf", before.replace(old, new))
    with pytest.raises(ActionFailed, match="ended at once"):
        lab.do("start keepalived db2")
    assert said in logs(lab, "db2")


def test_a_virtual_server_without_ip_vs_ends_all_of_keepalived() -> None:
    lab = SimLab()
    at = lab.now
    servers = "virtual_server 1.0.0.3 3306 {\n real_server 1.0.0.4 3306 {\n TCP_CHECK {\n }\n }\n}\n"
    edit(lab, "db1", "vrrp_instance", servers + "vrrp_instance")
    assert lab.engine.check("db1", lab.state.nodes["db1"].conf) == [], "keepalived -t does not ask the kernel"
    lab.run(0.5)
    assert lab.owners() == set()
    lab.do("reload db1")  # only a child is left, which ends
    lab.run(2)
    assert lab.owners() == {"db2"}
    assert [t for t in logs(lab, "db1", at) if "ipvs" in t or "exited" in t or "service" in t] == [
        "Initializing ipvs",
        "IPVS: Can't initialize ipvs: No such file or directory",
        "Shutting down service [1.0.0.4]:tcp:3306 from VS [1.0.0.3]:tcp:3306",
        next(t for t in logs(lab, "db1", at) if t.endswith("exited with permanent error FATAL. Terminating")),
    ]
    processes = [
        (p.state, p.reason)
        for p in lab.events
        if isinstance(p, e.Process) and (p.node, p.service) == ("db1", "keepalived") and p.at > at
    ]
    assert processes == [("down", "exit 1"), ("up", ""), ("down", "exit 0")]


def test_an_unknown_keyword_is_logged_and_keepalived_goes_on() -> None:
    lab = SimLab()
    edit(lab, "db2", "    advert_int 1", "    advert_int 1\n    advert_intt 1")
    lab.do("stop keepalived db2")
    lab.do("start keepalived db2")
    assert "(/etc/keepalived/keepalived.conf: Line 25) Unknown keyword 'advert_intt'" in logs(lab, "db2")
    [found] = lab.engine.check("db2", lab.state.nodes["db2"].conf)
    assert found.startswith("line 25: unknown keyword `advert_intt`")
    with pytest.raises(ActionFailed, match="refuses this configuration"):
        lab.do("set db2 priority 90")


@pytest.mark.parametrize("name", topology_names())
def test_finds_nothing_to_complain_of_in_what_hatlab_writes(name: str) -> None:
    lab = SimLab(load_topology(name))
    for node, spec in lab.engine.layout.topology.nodes.items():
        assert bool(lab.engine.check(node, lab.state.nodes[node].conf)) == bool(spec.conf)


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


@pytest.mark.parametrize(("act", "told"), [("stop", "stops in order"), ("kill", "without a priority 0")])
def test_without_a_notify_line_the_wire_tells_whether_it_said_goodbye(act: str, told: str) -> None:
    lab = SimLab()
    conf = lab.state.nodes["db1"].conf
    lab.do("edit db1 keepalived.conf", "\n".join(x for x in conf.split("\n") if "vrrp_notify" not in x))
    lab.do("stop keepalived db1")
    lab.do("start keepalived db1")
    lab.run(8)
    assert lab.reported("db1") == "MASTER"
    at = lab.now
    lab.do(f"{act} keepalived db1")
    lab.run(3)
    (why,) = (o for o in lab.events if isinstance(o, e.Why) and o.at >= at and o.node == "db1")
    assert (why.to, told in why.text) == ("STOPPED", True)


def test_an_address_is_duplicate_as_long_as_two_hold_it() -> None:
    lab = SimLab()
    lab.do("cut heartbeat")
    lab.run(100)
    assert {"split_brain", "duplicate_address"} <= lab.state.conditions.keys(), "nobody announces it any more"
    lab.do("heal heartbeat")
    lab.run(3)
    told = [o.present for o in lab.events if isinstance(o, e.Condition) and o.name == "duplicate_address"]
    assert told == [True, False]
