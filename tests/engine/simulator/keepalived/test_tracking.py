"""What a simulated daemon makes of its tracks: weights, FAULT, what a sync group adds. Measured on 2.3.4."""

from __future__ import annotations

import pytest

from tests.engine.simulator.keepalived.labs import adverts_of, pair_with

CHECK = """
vrrp_script chk {
    script "/usr/bin/bash -c '</dev/tcp/127.0.0.1/3306'"
    interval 1
    timeout 1
    fall 2
    rise 2
    weight 60
    user root
}
"""


def test_a_tracked_interface_with_a_weight_changes_the_priority_and_no_state() -> None:
    lab = pair_with("    track_interface {\n        back weight -60\n    }")
    at = lab.now
    lab.do("link down back db1", wait=3)
    assert lab.logs("db1", at)[-2:] == [
        "Netlink reports eth2 down",
        "(VI_1) Changing effective priority from 150 to 90",
    ]
    assert lab.owners() == {"db1"}
    lab.run(2)
    assert lab.owners() == {"db2"}, "a master-down interval after the last advert of priority 150"
    lab.do("link up back db1", wait=4)
    assert lab.owners() == {"db1"}


@pytest.mark.parametrize(
    ("weight", "up", "down"),
    [
        ("weight 20", 170, 150),
        ("weight -20", 150, 130),
        ("weight 20 reverse", 130, 150),
        ("weight -20 reverse", 150, 170),
        ("weight 254", 254, 150),
        ("weight -254", 150, 1),
    ],
)
def test_a_weight_counts_with_its_sign_and_reversed(weight: str, up: int, down: int) -> None:
    lab = pair_with(f"    track_interface {{\n        back {weight}\n    }}", run=1)
    for line, priority in (("link down back db1", down), ("link up back db1", up)):
        lab.do(line, wait=0.1)
        assert lab.state.nodes["db1"].instances["VI_1"].priority == priority


def test_a_reversed_interface_is_a_fault_while_it_is_up() -> None:
    lab = pair_with("    track_interface {\n        back weight 0 reverse\n    }")
    assert (lab.reported("db1"), lab.owners()) == ("FAULT", {"db2"})
    lab.do("link down back db1", wait=4)
    assert lab.owners() == {"db1"}


def test_a_reversed_weight_of_a_check_takes_off_while_it_passes() -> None:
    lab = pair_with(second="    track_script {\n        chk weight 60 reverse\n    }", before=CHECK)
    assert lab.state.nodes["db2"].instances["VI_1"].priority == 40
    assert "(VI_1) Changing effective priority from 100 to 40" in lab.logs("db2")
    lab.do("kill mysqld db2", wait=3)
    assert lab.state.nodes["db2"].instances["VI_1"].priority == 100


def test_of_two_interfaces_that_are_down_the_first_that_comes_up_ends_the_fault() -> None:
    lab = pair_with("    track_interface {\n        back\n    }")
    lab.do("link down back db1", wait=1)
    lab.do("link down heartbeat db1", wait=1)
    assert lab.reported("db1") == "FAULT"
    lab.do("link up back db1", wait=0.1)
    assert lab.reported("db1") == "BACKUP", "keepalived keeps one flag for all interfaces"


def test_a_link_that_is_down_at_the_start_is_named() -> None:
    lab = pair_with()
    lab.do("stop keepalived db1", wait=1.5)
    lab.do("link down lan db1")
    at = lab.now
    lab.do("start keepalived db1", wait=0.5)
    lines = lab.logs("db1", at)
    assert "(VI_1): entering FAULT state (interface eth0 down)" in lines
    assert "(VI_1) entering FAULT state" in lines
    assert not [line for line in lines if "Entering" in line]


def test_without_dont_track_primary_s_interface_a_master_stays_and_its_peer_too() -> None:
    lab = pair_with("    dont_track_primary")
    lab.do("link down heartbeat db1", wait=4.5)
    assert lab.owners() == {"db1", "db2"}
    assert lab.reported("db1") == "MASTER"
    told = "(VI_1): send advert error 101 (Network is unreachable)"
    assert lab.logs("db1").count(told) in {4, 5}, "each second"
    lab.do("link up heartbeat db1", wait=2)
    assert lab.owners() == {"db1"}


def test_init_fail_is_of_no_effect() -> None:
    lab = pair_with(
        "    track_script {\n        chk weight 0\n    }",
        before=CHECK.replace("weight 60", "init_fail"),
    )
    states = [state for _, state in lab.vrrp_changes("db1")]
    assert states == ["BACKUP", "MASTER"], "2.3.4 forgets it when a track_script names the check"


def test_a_check_that_a_reload_brings_keeps_nobody_waiting() -> None:
    lab = pair_with(before=CHECK.replace("weight 60", ""))
    at = lab.now
    lab.edit_conf("db1", "    advert_int 1", "    track_script {\n        chk\n    }\n    advert_int 1")
    lab.run(2)
    assert lab.vrrp_changes("db1", at) == []
    lab.do("kill mysqld db1", wait=3)
    assert lab.reported("db1") == "FAULT"


def test_a_kept_check_runs_at_once_after_a_reload_and_keeps_its_verdict() -> None:
    lab = pair_with(
        "    track_script {\n        chk weight 0\n    }", before=CHECK.replace("interval 1", "interval 9")
    )
    lab.do("kill mysqld db1", wait=0.5)
    at = lab.now
    lab.do("reload db1", wait=0.5)
    assert "VRRP_Script(chk) considered successful on reload" in lab.logs("db1", at)
    assert "Script `chk` now returning 1" in lab.logs("db1", at), "long before its next beat"


def test_a_sync_group_s_check_counts_for_every_member() -> None:
    group = (
        "vrrp_sync_group G {\n    group {\n        VI_1\n    }\n    track_script {\n        chk\n    }\n}\n"
    )
    lab = pair_with(before=CHECK.replace("weight 60", "") + group)
    lab.do("kill mysqld db1", wait=4)
    assert (lab.reported("db1"), lab.owners()) == ("FAULT", {"db2"})


def test_weights_too_small_change_nobody_s_mind() -> None:
    weights = "    track_script {\n        chk weight 2\n    }\n    nopreempt"
    lab = pair_with(weights, weights, before=CHECK, priorities=(103, 100))
    lab.do("kill mysqld db1", wait=8)
    assert lab.owners() == {"db1"}
    assert adverts_of(lab, "db1", lab.now - 1.5)[-1][1] == 103


FILE = "track_file load {{\n    file /tmp/load\n{inside}\n}}\n"


def test_a_tracked_file_s_number_times_its_weight_changes_the_priority() -> None:
    lab = pair_with(
        "    track_file {\n        load weight 2\n    }", before=FILE.format(inside="    init_file 5")
    )

    def priority() -> int:
        return lab.state.nodes["db1"].instances["VI_1"].priority

    assert priority() == 160
    lab.shell("echo -10 > /tmp/load")
    lab.run(0.1)
    assert priority() == 130
    lab.shell("echo -200 > /tmp/load")
    at = lab.now
    lab.run(0.1)
    assert lab.logs("db1", at)[:2] == [
        "(VI_1): tracked file load now FAULT state",
        "(VI_1) Entering FAULT STATE",
    ]
    assert lab.owners() == set()
    at = lab.now
    lab.shell("rm /tmp/load")
    lab.run(4)
    assert "(VI_1): tracked file load leaving FAULT state" in lab.logs("db1", at)
    assert (lab.owners(), priority()) == ({"db1"}, 150)


def test_a_tracked_file_without_a_weight_is_a_fault_at_any_number() -> None:
    lab = pair_with(
        "    track_file {\n        load weight 0\n    }", before=FILE.format(inside="    init_file 1")
    )
    assert "(VI_1): entering FAULT state (tracked file load has status -254)" in lab.logs("db1")
    assert lab.owners() == {"db2"}
    lab.shell("echo 0x0 > /tmp/load")
    lab.run(4)
    assert lab.owners() == {"db1"}
    lab.do("reload db1", wait=1)
    assert lab.owners() == {"db1"}, "a reload does not write it again"


def test_a_tracked_process_that_ends_is_a_fault_after_its_delay() -> None:
    block = "vrrp_track_process mysqld {\n    process mysqld\n    terminate_delay 2\n}\n"
    lab = pair_with("    track_process {\n        mysqld\n    }", before=block)
    at = lab.now
    lab.do("kill mysqld db1", wait=1.9)
    assert lab.owners() == {"db1"}
    lab.run(1)
    assert "Quorum lost for tracked process mysqld" in lab.logs("db1", at)
    assert lab.owners() == {"db2"}
    lab.do("start mysqld db1", wait=5)
    assert "Quorum gained for tracked process mysqld" in lab.logs("db1", at)
    assert lab.owners() == {"db1"}


def test_a_process_that_comes_back_within_the_delay_never_went() -> None:
    block = "vrrp_track_process mysqld {\n    process mysqld\n    delay 3\n    weight 10\n}\n"
    lab = pair_with("    track_process {\n        mysqld\n    }", before=block)
    at = lab.now
    lab.do("kill mysqld db1", wait=1)
    lab.do("start mysqld db1", wait=5)
    assert not [line for line in lab.logs("db1", at) if "uorum" in line or "priority" in line]


def test_a_reload_forgets_that_a_check_s_weight_is_reversed() -> None:
    lab = pair_with("    track_script {\n        chk weight 5 reverse\n    }", before=CHECK)
    at = lab.now
    lab.do("reload db1", wait=0.5)
    assert "(VI_1) Changing effective priority from 150 to 155" in lab.logs("db1", at)
    lab.do("kill mysqld db1", wait=4)
    assert "(VI_1) Changing effective priority from 155 to 160" in lab.logs("db1", at)


def test_a_check_that_an_instance_and_its_group_both_name_never_lets_it_begin() -> None:
    group = "vrrp_sync_group G {\ngroup {\nVI_1\n}\ntrack_script {\nchk\n}\n}\n"
    lab = pair_with(
        "    track_script {\n        chk\n    }", before=CHECK.replace("weight 60", "") + group, run=8
    )
    assert "VRRP_Script(chk) succeeded" in lab.logs("db1")
    assert lab.vrrp_changes("db1") == []


def test_a_deleted_excluded_address_is_missed_too() -> None:
    excluded = "    virtual_ipaddress_excluded {{\n        lan.101/24 dev lan{}\n    }}"
    for option, states in (("", ["BACKUP", "MASTER"]), (" no_track", [])):
        lab = pair_with(excluded.format(option))
        at, address = lab.now, lab.engine.layout.host_address("lan", 101, "ipv4")
        lab.shell(f"ip addr del {address}/24 dev eth0")
        lab.run(1)
        assert [state for _, state in lab.vrrp_changes("db1", at)] == states
