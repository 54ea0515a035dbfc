"""Which addresses a Master holds, and whether it takes packets to them, as measured on keepalived 2.3.4."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.state.derive import condition_detail
from tests.engine.simulator.keepalived.labs import VIP, conf, conf_pair
from tests.support.present import present
from tests.support.simulated_lab import SimLab

OWN_TABLE = """\
table ip keepalived {
	set vips {
		type ipv4_addr
		elements = { 198.18.0.100 }
	}

	chain out {
		type filter hook output priority filter - 1; policy accept;
		ip saddr @vips drop
	}

	chain in {
		type filter hook input priority filter - 1; policy accept;
		ip daddr @vips drop
	}
}"""


def refusing(inside: str = "no_accept", globals_: str = "") -> SimLab:
    lab = conf_pair(conf(150, inside, globals_=globals_), conf(100, inside, globals_=globals_))
    lab.run(3)
    return lab


@pytest.mark.parametrize(
    ("inside", "globals_"),
    [("no_accept", ""), ("strict_mode", ""), ("", "vrrp_strict"), ("accept", "vrrp_strict")],
)
def test_a_master_that_is_no_owner_may_refuse_every_packet(inside: str, globals_: str) -> None:
    """Field case 01."""
    lab = refusing(inside, globals_)
    assert lab.owners() == {"db1"}
    assert not present(lab.state.clients["client"].last).ok
    assert "address_refused" in lab.state.conditions
    assert lab.shell("nft list ruleset").text == OWN_TABLE
    assert "100% packet loss" in lab.shell("ping -c 1 198.18.0.100").text
    assert "100% packet loss" in lab.shell("ping -c 1 198.18.0.100", "db2").text
    assert lab.state.nodes["db1"].filters["lan"].percent == 0, "it is no cut"


@pytest.mark.parametrize(
    ("inside", "globals_"), [("strict_mode\nversion 3\naccept", ""), ("", ""), ("no_accept\naccept", "")]
)
def test_with_accept_the_client_is_answered(inside: str, globals_: str) -> None:
    lab = refusing(inside, globals_)
    assert present(lab.state.clients["client"].last).ok
    assert "address_refused" not in lab.state.conditions


def test_the_owner_of_the_addresses_refuses_nothing() -> None:
    lab = conf_pair(conf(255, "strict_mode"), conf(100, "strict_mode"))
    lab.run(3)
    assert present(lab.state.clients["client"].last).ok
    assert lab.shell("nft list ruleset").text == ""


def test_the_rule_moves_with_the_address_and_its_table_goes_with_the_process() -> None:
    lab = refusing()
    lab.shell("killall keepalived")
    assert "elements" not in lab.shell("nft list ruleset").text
    assert "table ip keepalived" in lab.shell("nft list ruleset").text
    lab.run(2)
    assert lab.shell("nft list ruleset").text == ""
    assert lab.owners() == {"db2"}
    assert lab.state.nodes["db2"].filters["lan"].refused == ("198.18.0.100",)
    lines = [line for line in lab.logs("db2") if "drop rule" in line]
    assert lines == [*["(VI_1) removing firewall drop rule"] * 2, "(VI_1) setting firewall drop rule"]


def test_a_killed_daemon_leaves_its_table_which_the_next_one_deletes() -> None:
    lab = refusing()
    lab.do("kill keepalived db1", wait=5)
    assert lab.owners() == {"db1", "db2"}
    assert lab.shell("nft list ruleset").text == OWN_TABLE
    lab.do("start keepalived db1", wait=5)
    assert lab.logs("db1").count("Deleting old ip keepalived table") == 1
    assert lab.state.nodes["db1"].filters["lan"].refused == ("198.18.0.100",)


def test_a_reload_brings_the_rule_and_does_not_take_it_away() -> None:
    """Measured on 2.3.4: who needs no rule any more touches none, at a reload and at the end."""
    lab = conf_pair(conf(150, "accept"), conf(100))
    lab.run(2)
    assert present(lab.state.clients["client"].last).ok
    lab.edit_conf("db1", "accept", "no_accept")
    lab.run(1)
    assert not present(lab.state.clients["client"].last).ok
    lab.edit_conf("db1", "no_accept", "accept")
    lab.run(1)
    assert not present(lab.state.clients["client"].last).ok
    lab.do("stop keepalived db1", wait=1)
    assert lab.shell("nft list ruleset").text == OWN_TABLE
    lab.do("start keepalived db1", wait=6)
    assert lab.state.nodes["db1"].filters["lan"].refused == ("198.18.0.100",)


def test_who_is_stopped_while_it_needs_the_rule_takes_it_away() -> None:
    lab = conf_pair(conf(150, "no_accept"), conf(100))
    lab.run(2)
    lab.do("edit db1 keepalived.conf", lab.state.nodes["db1"].conf.replace("no_accept", "accept"))
    lab.do("stop keepalived db1", wait=1)
    assert lab.shell("nft list ruleset").text == ""
    lab.do("start keepalived db1", wait=6)
    assert present(lab.state.clients["client"].last).ok


def test_of_two_instances_one_may_accept_again_while_the_other_refuses() -> None:
    """Measured on 2.3.4, too."""
    other = (
        "vrrp_instance VI_2 {\ninterface lan\nvirtual_router_id 52\npriority 150\nno_accept\n"
        "virtual_ipaddress {\nlan.200/24\n}\n}\n"
    )
    lab = conf_pair(conf(150, "no_accept") + other, conf(100))
    lab.run(5)
    text = lab.state.nodes["db1"].conf
    lab.do("edit db1 keepalived.conf", text.replace("no_accept", "accept", 1))
    lab.do("reload db1", wait=1)
    listed = lab.shell("nft list ruleset").text
    assert "elements = { 198.18.0.200 }" in listed


def test_who_deletes_the_table_by_hand_is_answered() -> None:
    for line in ("nft flush ruleset", "nft delete table ip keepalived"):
        lab = refusing()
        assert lab.shell(line).status == 0
        lab.run(1)
        assert present(lab.state.clients["client"].last).ok
        assert "address_refused" not in lab.state.conditions


def test_excluded_addresses_are_held_and_announced_but_in_no_advert() -> None:
    excluded = "virtual_ipaddress_excluded {\nlan.101/24\nback.101/24 dev back\n}"
    lab = conf_pair(conf(150, excluded), conf(100, excluded))
    lab.run(2)
    held = {o.address for o in lab.events if isinstance(o, e.Address) and o.node == "db1" and o.held}
    assert {"198.18.0.100", "198.18.0.101", "198.18.1.101"} <= held
    adverts = [o.addresses for o in lab.events if isinstance(o, e.Advert) and o.node == "db1"]
    assert set(adverts) == {("198.18.0.100",)}
    assert "(VI_1) setting E-VIPs." in lab.logs("db1")
    announced = {o.address for o in lab.events if isinstance(o, e.Arp) and o.gratuitous and o.node == "db1"}
    assert "198.18.1.101" in announced
    lab.do("stop keepalived db1", wait=2)
    assert "(VI_1) removing E-VIPs." in lab.logs("db1")


def test_of_two_instances_with_one_address_the_first_to_yield_takes_it_away() -> None:
    second = f"vrrp_instance VI_2 {{\ninterface lan\nvirtual_router_id 52\npriority 140\n{VIP}\n}}\n"
    lab = conf_pair(conf(150) + second, conf(100) + second.replace("140", "100"))
    lab.run(2)
    lab.edit_conf("db1", "priority 140", "priority 50")
    lab.run(5)
    assert lab.owners() == {"db2"}
    assert (lab.reported("db1"), lab.reported("db1", "VI_2")) == ("MASTER", "BACKUP")


def test_more_than_twenty_addresses_fit_into_an_advert() -> None:
    many = "virtual_ipaddress {\n" + "\n".join(f"lan.{octet}/24" for octet in range(100, 140)) + "\n}"
    lab = conf_pair(conf(150, addresses=many), conf(100, addresses=many))
    lab.run(2)
    adverts = [o.addresses for o in lab.events if isinstance(o, e.Advert) and o.node == "db1"]
    assert {len(addresses) for addresses in adverts} == {40}


def test_the_words_about_a_refused_address_name_who_holds_it_now() -> None:
    lab = refusing("no_accept")
    assert "db1 holds" in condition_detail(lab.state, "address_refused")
    lab.do("kill keepalived db1")
    lab.do("power off db1")
    lab.run(6)
    assert condition_detail(lab.state, "address_refused").startswith("db2 holds")


VMAC = "00:00:5e:00:01:33"


def vmac_lab(inside: str = "use_vmac") -> SimLab:
    lab = conf_pair(conf(150, inside), conf(100, inside))
    lab.run(2)
    return lab


def sent_frames(lab: SimLab, kind: type[e.Advert] | type[e.Arp], node: str = "db1") -> list[e.Advert | e.Arp]:
    return [o for o in lab.events if isinstance(o, kind) and (o.node, o.direction) == (node, "sent")]


def test_a_virtual_mac_has_an_interface_of_its_own() -> None:
    lab = vmac_lab()
    assert "(VI_1): Success creating VMAC interface vrrp.51" in lab.logs("db1")
    assert {frame.frame[12:24] for frame in sent_frames(lab, e.Advert)} == {VMAC.replace(":", "")}
    assert {o.mac for o in sent_frames(lab, e.Arp) if isinstance(o, e.Arp) and o.gratuitous} == {VMAC}
    assert "Sending gratuitous ARP on vrrp.51 for 198.18.0.100" in lab.logs("db1")
    assert (
        lab.shell("ip -br addr").text.splitlines()[-1] == "vrrp.51@eth0     UP             198.18.0.100/24 "
    )
    assert f"{VMAC} <BROADCAST" in lab.shell("ip -br link").text
    assert (
        "inet 198.18.0.100/24 scope global proto 0x12 vrrp.51" in lab.shell("ip addr show dev vrrp.51").text
    )
    assert f"lladdr {VMAC}" in lab.shell("ip neigh", "client").text
    assert '"vrrp.51" : "eth0"' in lab.shell("nft list ruleset").text


def test_a_client_follows_a_virtual_mac_to_who_sends_with_it() -> None:
    lab = vmac_lab()
    assert present(lab.state.clients["client"].last).server == "db1"
    lab.do("stop keepalived db1", wait=2)
    assert present(lab.state.clients["client"].last).server == "db2"
    assert "(VI_1) Success removing VMAC interface vrrp.51" in lab.logs("db1")
    assert "vrrp.51" not in lab.shell("ip -br link").text
    assert f"lladdr {VMAC}" in lab.shell("ip neigh", "client").text


def test_an_interface_that_a_killed_daemon_left_is_found_again() -> None:
    lab = vmac_lab()
    lab.do("kill keepalived db1", wait=5)
    lab.do("start keepalived db1", wait=2)
    assert "(VI_1) Found matching interface vrrp.51" in lab.logs("db1")


def test_adverts_may_leave_by_the_interface_beneath() -> None:
    lab = vmac_lab("use_vmac foo\nvmac_xmit_base")
    assert VMAC.replace(":", "") not in {frame.frame[12:24] for frame in sent_frames(lab, e.Advert)}
    assert "foo@eth0" in lab.shell("ip -br addr").text


def test_an_address_is_shown_with_its_length_and_label() -> None:
    lines = "virtual_ipaddress {\nlan.100\nlan.101/24 label eth0:1\n}"
    lab = conf_pair(conf(150, addresses=lines), conf(100, addresses=lines))
    lab.run(2)
    shown = lab.shell("ip addr show dev eth0").text
    assert "inet 198.18.0.100/32 scope global proto 0x12 eth0" in shown
    assert "inet 198.18.0.101/24 scope global secondary proto 0x12 eth0:1" in shown


def test_an_address_on_lo_is_answered_for_on_every_network() -> None:
    on_lo = "virtual_ipaddress {\nlan.100/32 dev lo\n}"
    lab = conf_pair(conf(150, addresses=on_lo), conf(100, addresses=on_lo))
    lab.run(3)
    assert lab.owners() == {"db1"}
    assert present(lab.state.clients["client"].last).ok
    assert "(VI_1) Sending/queueing gratuitous ARPs on lo for 198.18.0.100" in lab.logs("db1")
    assert not [o for o in sent_frames(lab, e.Arp) if isinstance(o, e.Arp) and o.gratuitous]
    assert "198.18.0.100/32" in lab.shell("ip -br addr show dev lo").text
