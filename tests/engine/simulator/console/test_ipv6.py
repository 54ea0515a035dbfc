"""The programs of a simulated node where IPv6 is spoken: lines as real containers printed them."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.engine.simulator.programs.frame_text import format_frame
from hatlab.topology.library import load_topology
from hatlab.vrrp import ndisc
from hatlab.vrrp.arp import ArpPacket
from hatlab.vrrp.capture import observe_frame
from tests.support.simulated_lab import SimLab


@pytest.fixture(scope="module")
def lab() -> SimLab:
    return SimLab(load_topology("ipv6"))


def test_ip_lists_both_families_and_the_virtual_address_first(lab: SimLab) -> None:
    assert "inet 198.18.0.11/24 brd 198.18.0.255 scope global eth0" in lab.shell("ip a").text
    lines = [line for line in lab.shell("ip -6 addr show eth0").text.splitlines() if "inet6" in line]
    assert lines == [
        "    inet6 fd00:198:18::100/64 scope global nodad proto 0x12 ",
        "    inet6 fd00:198:18::11/64 scope global nodad ",
        "    inet6 fe80::42:c6ff:fe12:b/64 scope link nodad ",
    ]
    assert "inet6" not in lab.shell("ip -4 a").text
    brief = lab.shell("ip -br a").text.splitlines()
    assert brief[1].split()[2:] == [
        "198.18.0.11/24",
        "fd00:198:18::100/64",
        "fd00:198:18::11/64",
        "fe80::42:c6ff:fe12:b/64",
    ]
    assert lab.shell("hostname -I").text.split()[-1] == "fd00:198:18:1::11"


def test_ip_route_and_neigh(lab: SimLab) -> None:
    assert lab.shell("ip -6 route").text.splitlines()[:2] == [
        "fd00:198:18::/64 dev eth0 proto kernel metric 256 pref medium",
        "fd00:198:18:1::/64 dev eth1 proto kernel metric 256 pref medium",
    ]
    neighbours = lab.shell("ip -6 neigh").text
    assert "fe80::42:c6ff:fe12:10c dev eth1 lladdr 02:42:c6:12:01:0c REACHABLE" in neighbours
    assert "198.18" not in neighbours
    client = lab.shell("ip -6 neigh", "client").text
    assert client.startswith("fd00:198:18::100 dev eth0 lladdr 02:42:c6:12:00:0b")


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("ping -c 1 db2", "PING db2 (fd00:198:18::12) 56 data bytes"),
        ("ping -4 -c 1 db2", "PING db2 (198.18.0.12) 56(84) bytes of data."),
        ("ping6 -c 1 localhost", "PING localhost (::1) 56 data bytes"),
        ("ping -c 1 fd00:198:18::100", "PING fd00:198:18::100 (fd00:198:18::100) 56 data bytes"),
    ],
)
def test_ping_speaks_both(lab: SimLab, line: str, first: str) -> None:
    output = lab.shell(line)
    assert output.text.splitlines()[0] == first
    assert "1 received" in output.text


def test_nobody_answers_at_an_address_that_nobody_holds(lab: SimLab) -> None:
    text = lab.shell("ping -c 1 fd00:198:18::77").text
    assert "From fd00:198:18::11 icmp_seq=1 Destination unreachable: Address unreachable" in text
    assert "Network is unreachable" in lab.shell("ping -c 1 2001:db8::1").errors


def test_tcpdump_needs_ip6_for_adverts_over_it(lab: SimLab) -> None:
    line = lab.shell("tcpdump -n -c 1 -i eth1 ip6 proto 112").text
    advert = "IP6 fe80::42:c6ff:fe12:10b > ff02::12: VRRPv3, Advertisement, vrid 51, prio 150, intvl 100cs"
    assert f"{advert}, length 24\n" in line
    assert "0 packets captured" in lab.shell("tcpdump -i eth1 vrrp", seconds=2).errors


def test_frames_as_the_real_tcpdump_printed_them() -> None:
    vip, mac = "fd00:198:18:99::100", "02:42:c6:12:63:02"
    announcement = printed(ndisc.announcement(vip, mac), {"n", "t", "e", "v"})
    assert announcement == [
        f"{mac} > 33:33:00:00:00:01, ethertype IPv6 (0x86dd), length 86: (hlim 255, next-header ICMPv6 (58), "
        f"payload length 32) {vip} > ff02::1: [icmp6 sum ok] ICMP6, neighbor advertisement, length 32, "
        f"tgt is {vip}, Flags [override]",
        f"\t  destination link-address option (2), length 8 (1): {mac}",
        "\t    0x0000:  0242 c612 6302",
    ]
    asker = ArpPacket(True, "02:42:c6:12:63:04", "fd00:198:18:99::4", ndisc.UNKNOWN_MAC, vip)
    assert printed(ndisc.encode(asker), {"n", "t"}) == [
        f"IP6 fd00:198:18:99::4 > ff02::1:ff00:100: ICMP6, neighbor solicitation, who has {vip}, length 32"
    ]


def printed(frame: bytes, options: set[str]) -> list[str]:
    event = observe_frame(0.0, "db1", "sent", "lan", frame)
    assert isinstance(event, e.Arp)
    return format_frame(event, options, {})


def test_an_address_is_deleted_by_hand() -> None:
    lab = SimLab(load_topology("ipv6"))
    assert "ipv6: address not found" in lab.shell("ip addr del fd00:198:18::77/64 dev eth0").errors
    lab.shell("ip -6 addr del fd00:198:18::100/64 dev eth0")
    lab.run(2)
    moves = [x.held for x in lab.events if isinstance(x, e.Address) and x.vip and x.node == "db1"]
    assert moves == [True, False, True]
