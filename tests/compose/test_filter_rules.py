"""What is read from the output of nft and tc."""

from __future__ import annotations

import pytest

from compose.agent.filter_rules import read_delay, read_filters

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


def test_delays_are_read_in_milliseconds() -> None:
    assert read_delay("qdisc netem 8001: root refcnt 2 limit 1000 delay 200ms") == 200
    assert read_delay("qdisc netem 8001: root refcnt 2 limit 1000 delay 1.5s") == 1500
    assert read_delay("qdisc noqueue 0: root refcnt 2") == 0
