"""The codec and scapy agree, in both directions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Ether
from scapy.layers.vrrp import VRRP, VRRPv3

from hatlab.vrrp import arp, codec
from tests.support.present import present
from tests.vrrp.frames import ADVERTS
from tests.vrrp.test_codec import adverts


@settings(max_examples=60)
@given(adverts())
def test_scapy_reads_what_we_write(fields: dict[str, Any]) -> None:
    packet = Ether(codec.encode(**fields))
    message = packet[VRRP if fields["version"] == 2 else VRRPv3]
    assert (message.version, message.vrid, message.priority) == (
        fields["version"],
        fields["vrid"],
        fields["priority"],
    )
    assert tuple(message.addrlist) == fields["addresses"]
    rebuilt = packet.copy()
    rebuilt[type(message)].chksum = None
    if fields["version"] == 3 or IP not in packet:
        assert Ether(bytes(rebuilt))[type(message)].chksum == message.chksum
    if IP in packet:
        del rebuilt[IP].chksum
        assert Ether(bytes(rebuilt))[IP].chksum == packet[IP].chksum


@settings(max_examples=60)
@given(adverts())
def test_we_read_what_scapy_writes(fields: dict[str, Any]) -> None:
    six = ":" in fields["source"]
    group = "ff02::12" if six else codec.GROUP_V4
    network = (
        IPv6(src=fields["source"], dst=group, hlim=255, nh=112)
        if six
        else IP(src=fields["source"], dst=group, ttl=255, proto=112)
    )
    common = {"vrid": fields["vrid"], "priority": fields["priority"], "addrlist": list(fields["addresses"])}
    if fields["version"] == 2:
        secret = (fields["auth_pass"] or "").encode().ljust(8, b"\0")
        message = VRRP(
            **common,
            adv=int(fields["interval"]),
            authtype=int(fields["auth_pass"] is not None),
            auth1=int.from_bytes(secret[:4]),
            auth2=int.from_bytes(secret[4:]),
        )
    else:
        message = VRRPv3(**common, adv=round(fields["interval"] * 100))
    frame = bytes(Ether(src="02:00:00:00:00:01", dst="01:00:5e:00:00:12") / network / message)
    advert = present(codec.decode(frame))
    assert advert.defects == ()
    assert advert.auth == fields["auth_pass"]
    for name in ("version", "vrid", "priority", "addresses", "source", "interval"):
        assert getattr(advert, name) == fields[name]


@pytest.mark.parametrize("frame", ADVERTS, ids=["v2", "v2 open", "v3", "v3 ipv6"])
def test_both_read_keepalived(frame: bytes) -> None:
    advert = present(codec.decode(frame))
    packet = Ether(frame)
    message = packet[VRRP] if advert.version == 2 else packet[VRRPv3]
    assert (advert.vrid, advert.priority) == (message.vrid, message.priority)
    assert list(advert.addresses) == message.addrlist


def test_both_read_arp() -> None:
    frame = arp.announcement("198.18.7.100", "02:00:00:00:00:01")
    packet = Ether(frame)[ARP]
    assert (packet.op, packet.psrc, packet.pdst) == (1, "198.18.7.100", "198.18.7.100")
    written = bytes(Ether(dst="ff:ff:ff:ff:ff:ff", src="02:00:00:00:00:01") / packet)
    assert arp.decode(written) == arp.decode(frame)
