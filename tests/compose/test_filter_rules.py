"""What is read from the output of nft and tc."""

from __future__ import annotations

import pytest

from compose.agent.filter_rules import read_delay, read_filters, read_refused

DEVICES = {"eth0": "lan", "eth1": "heartbeat"}
CUT = """\
table netdev hatlab {
	chain from_servers_heartbeat {
		type filter hook ingress device "eth1" priority 0; policy accept;
		ether saddr 02:42:c6:12:01:0c numgen random mod 1000 < 600 drop
	}
}
"""
BY_HAND = """\
table inet t {
	chain i {
		type filter hook input priority 0; policy accept;
		ip protocol 112 drop
		tcp dport 3306 drop
		iifname "eth0" ip saddr 198.18.0.12 drop
	}
	chain o {
		type filter hook output priority 0; policy accept;
		ip protocol 112 drop
	}
}
"""


def test_the_share_that_a_ruleset_drops() -> None:
    filters = read_filters(CUT, DEVICES)
    assert filters["lan"] == (0, [])
    assert filters["heartbeat"][0] == pytest.approx(60)
    filters = read_filters(BY_HAND, DEVICES)
    assert filters["heartbeat"] == (100, ["ip protocol 112 drop", "tcp dport 3306 drop"])
    assert len(filters["lan"][1]) == 3
    only_port = BY_HAND.replace("ip protocol 112 drop\n", "", 1)
    assert read_filters(only_port, DEVICES)["heartbeat"] == (0, ["tcp dport 3306 drop"])
    assert read_filters("", DEVICES) == {"lan": (0, []), "heartbeat": (0, [])}


STRICT = """\
table ip keepalived {
	set vips {
		type ipv4_addr
		elements = { 198.18.0.100, 198.18.0.101,
\t\t\t     198.18.0.102 }
	}

	chain out {
		type filter hook output priority -1; policy accept;
		ip saddr @vips drop
	}

	chain in {
		type filter hook input priority -1; policy accept;
		ip daddr @vips drop
	}
}
"""
STRICT_IPV6 = """\
table ip6 keepalived {
	set vips {
		type ipv6_addr
		elements = { 2001:db8::100 }
	}

	set neighbor-discovery {
		type icmpv6_type
		flags constant
		elements = { 135, 136 }
	}

	set vips_link_local {
		type ipv6_addr . iface_index
		elements = { fe80::100 . "eth0" }
	}

	chain in {
		type filter hook input priority -1; policy accept;
		icmpv6 type @neighbor-discovery accept
		ip6 daddr fe80::/10 goto in_link_local
		ip6 daddr @vips drop
	}

	chain in_link_local {
		ip6 daddr . iif @vips_link_local drop
	}
}
"""
VMAC = """\
table ip keepalived {
	map vmac_map {
		type iface_index : iface_index
		elements = { "vrrp.51" : "eth0" }
	}

	chain out {
		type filter hook output priority -1; policy accept;
		ip protocol 2 meta oifkind "macvlan" dup to ip daddr device oif map @vmac_map drop
	}
}
"""


@pytest.mark.parametrize("ruleset", [STRICT, STRICT_IPV6, VMAC, STRICT.replace("keepalived", "other")])
def test_keepalived_s_own_rules_are_no_cut(ruleset: str) -> None:
    assert read_filters(ruleset + BY_HAND, DEVICES) == read_filters(BY_HAND, DEVICES)


def test_the_addresses_that_keepalived_refuses() -> None:
    addresses = [f"198.18.0.{octet}" for octet in (100, 101, 102)]
    assert read_refused(CUT + STRICT) == addresses
    assert read_refused(STRICT.replace("keepalived", "other") + BY_HAND) == addresses
    assert read_refused(STRICT_IPV6) == ["2001:db8::100", "fe80::100"]
    assert read_refused(VMAC + BY_HAND) == []
    assert read_refused("") == []


@pytest.mark.parametrize(
    ("rule", "percent"),
    [
        ("ip daddr 198.18.0.100 drop", 0),
        ("ip daddr { 198.18.0.100, 198.18.0.101 } drop", 0),
        ("ip6 daddr 2001:db8::100 drop", 0),
        ("ip daddr 224.0.0.18 drop", 100),
        ("ip daddr != 198.18.0.11 drop", 100),
        ("ip daddr 224.0.0.0/4 drop", 100),
        ("ip6 daddr ff02::12 drop", 100),
    ],
)
def test_a_rule_about_one_destination_is_a_cut_only_if_adverts_go_there(rule: str, percent: float) -> None:
    ruleset = BY_HAND.replace("ip protocol 112 drop\n\t\ttcp dport 3306 drop", rule, 1)
    assert read_filters(ruleset, DEVICES)["heartbeat"] == (percent, [rule])


def test_delays_are_read_in_milliseconds() -> None:
    assert read_delay("qdisc netem 8001: root refcnt 2 limit 1000 delay 200ms") == 200
    assert read_delay("qdisc netem 8001: root refcnt 2 limit 1000 delay 1.5s") == 1500
    assert read_delay("qdisc noqueue 0: root refcnt 2") == 0
