"""The packet filter by hand: a heartbeat is cut and healed."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.topology.library import load_topology
from tests.support.simulated_lab import SimLab


def test_rules_made_by_hand_do_not_survive_a_power_cycle(lab: SimLab) -> None:
    lab.shell("nft add table ip f; nft add chain ip f i '{ type filter hook input priority 0 ; }'", "db2")
    lab.shell('nft add rule ip f i iifname "eth1" ip protocol 112 drop', "db2")
    lab.run(0.1)
    assert lab.state.nodes["db2"].filters["heartbeat"].percent == 100
    lab.do("power off db2")
    lab.do("power on db2")
    assert lab.shell("nft list ruleset", "db2").text == ""
    assert "heartbeat" not in lab.state.nodes["db2"].filters


def test_a_heartbeat_is_cut_by_hand_and_healed(lab: SimLab) -> None:
    make = "nft add table ip f; nft add chain ip f i '{ type filter hook input priority 0 ; }'"
    cut = 'nft add rule ip f i iifname "eth1" ip protocol 112 drop'
    assert lab.shell(f"{make}; {cut}", "db2").status == 0
    assert lab.shell("nft list ruleset", "db2").text.splitlines() == [
        "table ip f {",
        "\tchain i {",
        "\t\ttype filter hook input priority filter; policy accept;",
        '\t\tiifname "eth1" ip protocol vrrp drop',
        "\t}",
        "}",
    ]
    lab.run(6)
    assert lab.owners() == {"db1", "db2"}
    assert "VRRPv2" in lab.shell("tcpdump -n -c 1 -i eth1 host 198.18.1.11", "db2").text, "INPUT is behind it"
    assert lab.shell("nft flush ruleset && nft list ruleset", "db2").text == ""
    lab.run(3)
    assert lab.owners() == {"db1"}
    filters = [(x.network, x.percent) for x in lab.events if isinstance(x, e.Filter) and x.node == "db2"]
    assert ("heartbeat", 100.0) in filters
    assert filters[-1][1] == 0.0


def test_a_cut_by_an_action_is_listed_and_flushed(lab: SimLab) -> None:
    lab.do("cut heartbeat db2")
    assert "ether saddr { 02:42:c6:12:01:0b } drop" in lab.shell("nft list ruleset", "db2").text
    lab.shell("nft flush ruleset", "db2")
    assert not lab.engine.world.nodes["db2"].ports["heartbeat"].drop_percent


@pytest.mark.parametrize(
    ("family", "rule", "split"),
    [
        ("inet", "ip6 nexthdr 112 drop", True),
        ("inet", "meta l4proto 112 drop", True),
        ("ip6", "meta l4proto 112 drop", True),
        ("ip", "meta l4proto 112 drop", False),
        ("inet", "ip protocol 112 drop", False),
        ("inet", "ip6 saddr fe80::42:c6ff:fe12:10b drop", True),
    ],
)
def test_a_rule_about_ipv4_lets_adverts_over_ipv6_pass(family: str, rule: str, split: bool) -> None:
    lab = SimLab(load_topology("ipv6"))
    for line in (
        f"nft add table {family} x",
        f"nft add chain {family} x i '{{ type filter hook input priority 0 ; }}'",
        f"nft add rule {family} x i {rule}",
    ):
        assert lab.shell(line, "db2").errors == ""
    lab.run(5)
    assert lab.owners() == ({"db1", "db2"} if split else {"db1"})
