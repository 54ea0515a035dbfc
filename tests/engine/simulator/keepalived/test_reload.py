"""A reload: who goes on, who begins anew, who ends."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.errors import ActionFailed
from tests.support.simulated_lab import SimLab


def test_a_master_advertises_before_it_reads_its_configuration_again(lab: SimLab) -> None:
    at = lab.now
    lab.do("set db1 priority 90", wait=0.5)
    adverts = [a for a in lab.events if isinstance(a, e.Advert) and a.at >= at]
    sent = [a.priority for a in adverts if a.direction == "sent"]
    assert sent[:2] == [150, 90], "so the Backup's timer runs from the reload"


def test_a_changed_vrid_ends_the_instance_and_begins_another(lab: SimLab) -> None:
    at = lab.now
    lab.do("set db1 virtual_router_id 52", wait=1)
    assert lab.owners() == {"db2"}
    assert [state for _, state in lab.vrrp_changes("db1", at)] == ["FAULT", "BACKUP"]
    lines = lab.logs("db1", at)
    assert lines.index("(VI_1) sent 0 priority") < lines.index("(VI_1) Entering BACKUP STATE (init)")
    assert 0.6 < lab.vrrp_changes("db2", at)[0][0] < 0.65, "one skew after priority 0"
    lab.run(4)
    assert lab.owners() == {"db1", "db2"}, "two virtual routers now"


def test_an_instance_is_the_same_under_another_name(lab: SimLab) -> None:
    at = lab.now
    lab.edit_conf("db1", "vrrp_instance VI_1 {", "vrrp_instance VI_2 {")
    lab.run(4)
    assert lab.owners() == {"db1"}
    assert lab.vrrp_changes("db2", at) == []
    assert "(VI_2) setting VIPs." in lab.logs("db1", at)
    assert not [line for line in lab.logs("db1", at) if "Entering" in line]


def test_a_reload_with_an_unknown_interface_ends_keepalived_and_leaves_its_address(lab: SimLab) -> None:
    text = lab.state.nodes["db1"].conf.replace("interface eth1", "interface eth7")
    missing = "WARNING - interface eth7 for vrrp_instance VI_1 doesn't exist"
    lines = [f"(/etc/keepalived/keepalived.conf: Line 21) {missing}"]
    assert lab.engine.check("db1", text) == lines
    assert lab.engine.check("db1", lab.state.nodes["db1"].conf) == []
    lab.edit_conf("db1", "interface eth1", "interface eth7")
    lab.run(5)
    assert {*lines, "Non-existent interface specified in configuration"} <= set(lab.logs("db1"))
    assert str(lab.state.nodes["db1"].services["keepalived"].reason) == "exit 2"
    assert lab.owners() == {"db1", "db2"}, "a zombie owner"
    with pytest.raises(ActionFailed, match=r"keepalived ended at once \(exit 2\)"):
        lab.do("start keepalived db1")


def test_a_list_without_its_brace_keeps_the_address(lab: SimLab) -> None:
    at = lab.now
    lab.edit_conf("db1", "virtual_ipaddress {", "virtual_ipaddress")
    assert "'{' missing from beginning of block virtual_ipaddress" in lab.logs("db1", at)
    assert (lab.owners(), lab.vrrp_changes("db1", at)) == ({"db1"}, [])


def test_what_is_wrong_with_tracks_is_told(lab: SimLab) -> None:
    at = lab.now
    inside = "track_interface {\neth1\neth0 weight 5\n}\ntrack_script {\nnobody\n}\nadvert_int 1\n"
    lab.edit_conf("db1", "advert_int 1", inside)
    lines = lab.logs("db1", at)
    assert "(VI_1) Ignoring track_interface eth1 since own interface" in lines
    assert [line for line in lines if line.endswith("(VI_1) track script nobody not found, ignoring...")]


def test_an_instance_that_tells_its_deletion_tells_no_fault(lab: SimLab) -> None:
    lab.edit_conf("db1", "advert_int 1", "advert_int 1\n    notify_deleted")
    lab.run(1)
    at = lab.now
    lab.do("set db1 virtual_router_id 52", wait=0.5)
    assert [state for _, state in lab.vrrp_changes("db1", at)] == ["BACKUP"]


def test_a_second_stop_and_a_reload_on_the_way_out_change_nothing(lab: SimLab) -> None:
    at = lab.now
    lab.shell("kill $(pidof keepalived); kill $(pidof keepalived); kill -HUP $(pidof keepalived)")
    lab.run(1.2)
    lines = lab.logs("db1", at)
    assert (lines.count("Stopping"), lines.count("Reloading ...")) == (1, 0)
    assert lines[-1].startswith("Stopped Keepalived")
