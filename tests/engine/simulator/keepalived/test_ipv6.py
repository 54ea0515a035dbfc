"""VRRP over IPv6 as keepalived 2.3.4 does it: each line and order was seen of real daemons in containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hatlab import events as e
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.support.simulated_lab import SimLab

SOURCE = {"db1": "fe80::42:c6ff:fe12:10b", "db2": "fe80::42:c6ff:fe12:10c"}
VIP = "fd00:198:18::100"


def lab_of(**instance: Any) -> SimLab:
    """The shipped topology with changes to its instance."""
    data = load_topology("ipv6").model_dump(mode="json")
    data["instances"]["VI_1"] |= instance
    return SimLab(Topology.model_validate(data))


def with_conf(conf: str, family: str = "ipv6", more: Mapping[str, Any] | None = None) -> SimLab:
    """Two nodes with a file of their own, in which PRIORITY is the node's; `more` are further instances."""
    data = load_topology("ipv6").model_dump(mode="json", exclude_defaults=True)
    data["nodes"] = {
        name: {"octet": octet, "conf": conf.replace("PRIORITY", priority)}
        for name, octet, priority in (("db1", 11, "150"), ("db2", 12, "100"))
    }
    first = data["instances"]["VI_1"]
    first |= {"family": family, "version": 3}
    data["instances"] |= {name: {**first, **changes} for name, changes in (more or {}).items()}
    return SimLab(Topology.model_validate({**data, "version": 1}))


def adverts(lab: SimLab, node: str) -> list[e.Advert]:
    return [
        event
        for event in lab.events
        if isinstance(event, e.Advert) and event.node == node and event.direction == "sent"
    ]


def test_a_master_advertises_and_announces() -> None:
    lab = lab_of()
    advert = adverts(lab, "db1")[-1]
    assert (advert.version, advert.source, advert.destination) == (3, SOURCE["db1"], "ff02::12")
    assert (advert.addresses, advert.defects) == ((VIP,), ())
    told = [x for x in lab.events if isinstance(x, e.Arp) and x.gratuitous and x.direction == "sent"]
    assert [(x.node, x.address, x.request) for x in told] == [("db1", VIP, False)] * 5
    logs = lab.logs("db1")
    assert "(VI_1) the first IPv6 VIP address should be link local" in logs
    assert f"(VI_1) Sending/queueing Unsolicited Neighbour Adverts on eth0 for {VIP}" in logs
    assert f"(VI_1) master set to {SOURCE['db1']}" in lab.logs("db2")


def test_a_link_takes_its_addresses_along_and_the_source_comes_back_later() -> None:
    lab = lab_of()
    lab.do("link down heartbeat db1", wait=5)
    lines = lab.logs("db1")
    assert lines[-5:] == [
        "(VI_1): send advert error 22 (Invalid argument)",
        "(VI_1): send advert error 22 (Invalid argument)",
        "(VI_1) sent 0 priority",
        "(VI_1) removing VIPs.",
        f"Deassigned address {SOURCE['db1']} from interface eth1",
    ]
    assert lab.owners() == {"db2"}
    assert not lab.state.nodes["db1"].addresses & {("heartbeat", "fd00:198:18:1::11")}
    began = lab.now
    lab.do("link up heartbeat db1", wait=7)
    (back, state), *_ = lab.vrrp_changes("db1", began)
    assert state == "BACKUP"
    assert 1.0 <= back <= 2.01
    assert f"Assigned address {SOURCE['db1']} for interface eth1" in lab.logs("db1", began)
    assert ("heartbeat", "fd00:198:18:1::11") in lab.state.nodes["db1"].addresses
    assert lab.owners() == {"db1"}


def test_of_equal_priorities_the_higher_address_wins() -> None:
    lab = lab_of(members={"db1": 100, "db2": 100})
    lab.do("cut heartbeat", wait=5)
    assert lab.owners() == {"db1", "db2"}
    lab.do("heal heartbeat", wait=3)
    assert lab.owners() == {"db2"}
    line = f"(VI_1) Master received advert from {SOURCE['db2']} with same priority 100 but higher IP address"
    assert f"{line} than ours" in lab.logs("db1")


def test_unicast_adverts_have_the_kernel_s_hop_limit() -> None:
    lab = lab_of(peers="unicast")
    advert = adverts(lab, "db1")[-1]
    assert (advert.source, advert.destination) == ("fd00:198:18:1::11", "fd00:198:18:1::12")
    assert bytes.fromhex(advert.frame)[21] == 64
    assert advert.defects == ()
    assert lab.reported("db2") == "BACKUP"


INSTANCE = """\
vrrp_instance {name} {{
    interface heartbeat
    virtual_router_id 51
    priority PRIORITY
    {more}
    virtual_ipaddress {{
        {vip}
    }}
}}
"""


def test_both_families_share_a_vrid_and_know_nothing_of_each_other() -> None:
    four = INSTANCE.format(name="VI_1", more="", vip="lan.100/24 dev lan")
    six = INSTANCE.format(name="VI_2", more="", vip="2001:db8::10/64 dev lan")
    lab = with_conf(four + six, "ipv4", {"VI_2": {"family": "ipv6", "version": 3}})
    lab.run(1)
    held = {address for _, address in lab.state.nodes["db1"].addresses}
    assert {"198.18.0.100", "2001:db8::10"} <= held
    assert lab.reported("db2") == "BACKUP"
    assert not [line for line in lab.logs("db2") if "wrong VRRP version" in line]
    for name, instance in lab.state.nodes["db2"].instances.items():
        assert instance.sent is None, f"db2 is Backup of {name}"
        assert not instance.rejected, name
    whys = [why.text for why in lab.state.whys if why.to == "MASTER"]
    assert whys
    assert not [text for text in whys if "refuse" in text]


def test_an_excluded_address_of_the_other_family_is_announced_in_its_own_way() -> None:
    more = "virtual_ipaddress_excluded {\n2001:db8::10/64 dev lan\n}"
    lab = with_conf(INSTANCE.format(name="VI_1", more=more, vip="lan.100/24 dev lan"), "ipv4")
    assert adverts(lab, "db1")[-1].addresses == ("198.18.0.100",)
    told = {x.address for x in lab.events if isinstance(x, e.Arp) and x.gratuitous}
    assert told == {"198.18.0.100", "2001:db8::10"}


def test_a_peer_to_whom_no_way_leads() -> None:
    more = "unicast_peer {\n2001:db8:9::1\n}"
    lab = with_conf(INSTANCE.format(name="VI_1", more=more, vip="lan::100/64 dev lan"))
    lab.run(1)
    assert "(VI_1) Cant send advert to 2001:db8:9::1 (Network is unreachable)" in lab.logs("db1")


@pytest.mark.parametrize("reload", [True, False])
def test_where_ipv6_is_switched_off_there_is_nothing_to_send_from(reload: bool) -> None:
    lab = SimLab()
    conf = lab.state.nodes["db1"].conf.replace("198.18.0.100/24", "2001:db8::10/64")
    lab.do("edit db1 keepalived.conf", conf)
    began = lab.now
    if reload:
        lab.do("reload db1", wait=1)
    else:
        lab.do("stop keepalived db1", wait=2)
        lab.do("start keepalived db1", wait=1)
    assert "(VI_1) entering FAULT state (no IPv6 address for interface)" in lab.logs("db1", began)
    assert lab.reported("db1") == "FAULT"


def test_where_ipv6_is_switched_off_the_kernel_refuses_its_addresses() -> None:
    lab = SimLab()
    excluded = "    virtual_ipaddress_excluded {\n        2001:db8::10/64 dev eth0\n    }\n    track_script"
    lab.edit_conf("db1", "    track_script", excluded)
    lab.do("kill keepalived db1", wait=1)
    lab.do("start keepalived db1", wait=5)
    assert any("Permission denied(13), type=RTM_NEWADDR(20)" in line for line in lab.logs("db1"))
    held = {address for _, address in lab.state.nodes["db1"].addresses}
    assert "198.18.0.100" in held
    assert "2001:db8::10" not in held


def test_a_router_forwards_adverts_until_the_address_hides_the_way() -> None:
    data = {
        "version": 1,
        "title": "routed",
        "networks": ["left", "right"],
        "nodes": {
            "db1": {"octet": 11, "networks": ["left"], "gateway": "r"},
            "db2": {"octet": 12, "networks": ["right"], "gateway": "r"},
            "r": {"octet": 2, "service": "router"},
        },
        "instances": {
            "VI_1": {
                "family": "ipv6",
                "network": "left",
                "vrid": 51,
                "peers": "unicast",
                "members": {"db1": 150, "db2": {"priority": 100, "network": "right"}},
                "addresses": {"left": [100]},
            }
        },
    }
    lab = SimLab(Topology.model_validate(data))
    assert (lab.reported("db1"), lab.reported("db2")) == ("MASTER", "BACKUP")
    lab.do("stop keepalived db1", wait=4)
    assert lab.reported("db2") == "MASTER"
    began = lab.now
    lab.do("start keepalived db1", wait=3)
    heard = [
        x.node for x in lab.events if isinstance(x, e.Advert) and x.direction == "received" and x.at > began
    ]
    assert "db1" not in heard, "db2 takes it to be on its own network since it holds the address's prefix"


@pytest.mark.parametrize(
    ("vip", "held"),
    [
        ("2001:DB8::10/64 dev lan", {"2001:db8::10"}),
        ("::ffff:1.2.3.4 dev lan", {"::ffff:1.2.3.4"}),
        ("fe80::1%eth0 dev lan", set()),
        ("2001:db8:::1 dev lan", set()),
        ("2001:db8::10/129 dev lan", {"2001:db8::10"}),
        (":: dev lan", set()),
        ("ff02::5 dev lan", set()),
        ("2001:db8::10\nlan.100/24", {"2001:db8::10"}),
    ],
)
def test_odd_addresses_are_taken_as_the_daemon_takes_them(vip: str, held: set[str]) -> None:
    lab = with_conf(INSTANCE.format(name="VI_1", more="native_ipv6", vip=vip))
    lab.run(6)
    own = {"198.18.0.11", "198.18.1.11", "fd00:198:18::11", "fd00:198:18:1::11"}
    assert {address for _, address in lab.state.nodes["db1"].addresses} - own == held


def test_nothing_leaves_by_the_loopback_interface() -> None:
    more = "unicast_src_ip heartbeat::11\nunicast_peer {\nheartbeat::12\n}"
    conf = INSTANCE.format(name="VI_1", more=more, vip="lan::100/64 dev lan")
    lab = with_conf(conf.replace("interface heartbeat", "interface lo"))
    lab.run(6)
    assert not adverts(lab, "db1")


def test_after_a_reset_the_link_local_address_is_there_at_once() -> None:
    lab = lab_of()
    lab.do("link down heartbeat db1", wait=1)
    began = lab.now
    lab.do("reset", wait=6)
    assert "FAULT" not in [state for _, state in lab.vrrp_changes("db1", began)]
    assert lab.owners() == {"db1"}
