"""A virtual router beyond the common failover."""

from __future__ import annotations

import pytest

from hatlab import events as e
from tests.engine.simulator.keepalived.labs import lab_with
from tests.support.simulated_lab import SimLab


def test_version_3_elects_in_less_than_a_second() -> None:
    lab = lab_with(version=3, interval=0.1, auth_pass=None)
    lab.run(1)
    at = lab.now
    lab.do("kill keepalived db1", wait=1)
    seconds, state = lab.vrrp_changes("db2", at)[0]
    assert state == "MASTER"
    assert 0.26 <= seconds <= 0.37, "3 × 0.1 s + 0.061 s after the last advert"
    frames = [a for a in lab.events if isinstance(a, e.Advert) and a.direction == "sent"]
    assert {a.version for a in frames} == {3}
    assert {a.interval for a in frames} == {0.1}


def test_a_version_3_backup_adopts_the_interval_of_its_master() -> None:
    lab = lab_with({"db1": {"interval": 0.5}, "db2": {"interval": 2}}, version=3, auth_pass=None)
    lab.run(3)
    assert lab.owners() == {"db1"}
    assert any("updated from 2000ms to 500ms by master" in text for text in lab.logs("db2"))
    at = lab.now
    lab.do("kill keepalived db1", wait=4)
    assert lab.vrrp_changes("db2", at)[0][0] <= 3 * 0.5 + 0.31


def test_preempt_delay_holds_a_better_node_back() -> None:
    lab = lab_with({"db1": {"preempt_delay": 10}})
    lab.do("stop keepalived db1", wait=2)
    lab.do("start keepalived db1")
    began = lab.now
    lab.run(20)
    back = next(at for at, state in lab.vrrp_changes("db1", began) if state == "MASTER")
    assert 12 < back < 15, (
        "10 s from the first lower advert, then a master-down interval from the last taken one"
    )
    assert any("start preempt delay" in text for text in lab.logs("db1", began))


def test_an_interface_that_is_down_at_the_start_is_a_fault(lab: SimLab) -> None:
    lab.do("stop keepalived db1")
    lab.do("link down heartbeat db1")
    lab.do("start keepalived db1", wait=0.3)
    assert lab.reported("db1") == "FAULT"
    lab.do("link up heartbeat db1", wait=4)
    assert lab.owners() == {"db1"}


def test_two_reasons_for_fault_must_both_go(lab: SimLab) -> None:
    lab.do("link down heartbeat db1")
    lab.do("kill mysqld db1", wait=6)
    lab.do("link up heartbeat db1", wait=2)
    assert lab.reported("db1") == "FAULT"
    lab.do("start mysqld db1", wait=10)
    assert lab.owners() == {"db1"}


def test_unicast_peers_hear_each_other_and_nobody_else(lab: SimLab) -> None:
    for node, peer in (("db1", "198.18.1.12"), ("db2", "198.18.1.11")):
        lab.edit_conf(
            node,
            "    virtual_ipaddress {",
            f"    unicast_peer {{\n        {peer}\n    }}\n    virtual_ipaddress {{",
        )
    lab.run(6)
    assert lab.owners() == {"db1"}
    last = [a for a in lab.events if isinstance(a, e.Advert)][-1]
    assert last.destination == "198.18.1.12"
    lab.edit_conf("db2", "    unicast_peer {\n        198.18.1.11\n    }\n", "")
    lab.run(6)
    assert lab.owners() == {"db1", "db2"}
    assert not [text for text in lab.logs("db2") if "cast packet" in text], "its socket never gets them"
    seen = {
        a.node for a in lab.events if isinstance(a, e.Advert) and a.direction == "sent" and a.at > lab.now - 2
    }
    assert seen == {"db1", "db2"}, "so neither mutes the other"


def test_out_of_fault_a_unicast_router_announces_its_own_address() -> None:
    lab = lab_with(peers="unicast")
    assert "VI_1: sending gratuitous ARP for 198.18.1.11" in lab.logs("db1")
    at = lab.now
    lab.do("kill mysqld db1", wait=6)
    lab.do("start mysqld db1", wait=6)
    own = [a for a in lab.events if isinstance(a, e.Arp) and a.at > at and a.address == "198.18.1.11"]
    assert [(a.direction, a.gratuitous) for a in own] == [("sent", True), ("received", True)]


def test_a_source_that_is_no_peer_is_heard_unless_that_is_checked() -> None:
    def both(extra: str) -> SimLab:
        lab = lab_with(peers="unicast")
        lab.edit_conf("db2", "        198.18.1.11\n", f"        198.18.1.99\n    }}\n{extra}    debug {{\n")
        lab.run(8)
        return lab

    assert both("").owners() == {"db1"}
    strict = both("    check_unicast_src\n")
    assert strict.owners() == {"db1", "db2"}
    assert "(VI_1) unicast source address 198.18.1.11 not a unicast peer" in strict.logs("db2")


def test_a_master_that_lost_its_address_waits_its_own_skew_and_says_so(lab: SimLab) -> None:
    at = lab.now
    lab.do("address delete db1 .100", wait=0.01)
    instance = lab.state.nodes["db1"].instances["VI_1"]
    assert instance.takeover_in(lab.now) == pytest.approx(0.414, abs=0.02)
    lab.run(1)
    (why,) = (w for w in lab.events if isinstance(w, e.Why) and w.at > at and w.to == "MASTER")
    assert (why.node, why.cause) == ("db1", "nobody took over from it")
    assert "skew = (256 − 150)/256 = 0.414 s; measured 0.414 s" in why.arithmetic


def test_another_list_of_addresses_is_remarked_and_each_sets_its_own(lab: SimLab) -> None:
    lab.edit_conf("db2", "198.18.0.100/24", "198.18.0.101/24")
    lab.run(5)
    assert any("not present in advert from 198.18.1.11: 198.18.0.101" in text for text in lab.logs("db2"))
    lab.do("power off db1", wait=5)
    assert ("lan", "198.18.0.101") in lab.state.nodes["db2"].addresses
    probe = lab.state.clients["client"].last
    assert probe is not None
    assert not probe.ok, "the client's address exists nowhere"


def test_a_lone_password_mismatch_splits_and_mutes(lab: SimLab) -> None:
    lab.do("set db2 auth_pass other", wait=12)
    assert lab.owners() == {"db1", "db2"}
    assert {"split_brain", "muted_master"} <= set(lab.state.conditions)
    lab.do("set db2 auth_pass hatlab", wait=2)
    assert lab.owners() == {"db1"}
