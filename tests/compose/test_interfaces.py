"""What the agent reports of addresses, as netlink tells them."""

from __future__ import annotations

import ipaddress
import socket
import struct

import pytest

from compose.agent.event_loop import EventLoop
from compose.agent.interfaces import IFA_ADDRESS, Interfaces, link_local
from hatlab.util import addresses

LOOPBACK = socket.if_nametoindex("lo")
MAC = "02:42:c6:12:00:0b"


@pytest.fixture
def interfaces() -> Interfaces:
    found = Interfaces("db1", {"lan": "198.18.0.0/24"}, {}, {"lan": "fd00:198:18::11/64"}, EventLoop())
    found._macs["lo"] = MAC
    return found


def tell(interfaces: Interfaces, address: str, held: bool = True) -> None:
    """Has netlink say that `lo` holds an address, or does no more."""
    raw = ipaddress.ip_address(address).packed
    family = socket.AF_INET if len(raw) == 4 else socket.AF_INET6
    head = struct.pack("BBBBI", family, 64, 0, 0, LOOPBACK)
    interfaces._on_address(head + struct.pack("HH", 4 + len(raw), IFA_ADDRESS) + raw, held)


def test_addresses_of_both_families_are_the_network_s(interfaces: Interfaces) -> None:
    tell(interfaces, "198.18.0.11")
    for address in ("fd00:198:18::11", "2001:db8::10", "fe80::10"):
        tell(interfaces, address)
    assert interfaces.devices == {"lo": "lan"}
    assert {address for _, address in interfaces.addresses} == {
        "198.18.0.11",
        "fd00:198:18::11",
        "2001:db8::10",
        "fe80::10",
    }
    tell(interfaces, "2001:db8::10", held=False)
    assert ("lo", "2001:db8::10") not in interfaces.addresses


def test_the_link_local_address_that_every_interface_has_is_not_told(interfaces: Interfaces) -> None:
    tell(interfaces, "198.18.0.11")
    tell(interfaces, "fe80::42:c6ff:fe12:b")
    assert {address for _, address in interfaces.addresses} == {"198.18.0.11"}


@pytest.mark.parametrize("mac", [MAC, "00:16:3e:ff:00:01", "fe:ff:ff:ff:ff:ff"])
def test_agent_and_layout_make_the_same_link_local_address(mac: str) -> None:
    assert link_local(mac) == addresses.link_local(mac)


def test_an_interface_without_a_mac_has_none() -> None:
    assert link_local("") == ""
