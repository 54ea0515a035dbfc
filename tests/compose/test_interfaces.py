"""What netlink says of interfaces, those with a virtual MAC among them; the messages are made here."""

from __future__ import annotations

import socket
import struct
from typing import Any

import pytest

from compose.agent.frame_capture import find_network
from compose.agent.interfaces import Interfaces
from compose.agent.netlink import IFF_LOWER_UP, IFF_UP

ETH0, VMAC = 2, 4
MAC, VIRTUAL = "02:42:c6:12:00:0b", "00:00:5e:00:01:33"


class Loop:
    """Stands for the loop: keeps the facts."""

    def __init__(self) -> None:
        self.facts: list[tuple[str, dict[str, Any]]] = []
        self.out = self

    def put(self, kind: str, **fields: Any) -> None:
        self.facts.append((kind, fields))


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def link(index: int, name: str, mac: str, beneath: int | None = None) -> bytes:
    head = struct.pack("BBHiII", 0, 0, 1, index, IFF_UP | IFF_LOWER_UP, 0)
    more = attribute(5, struct.pack("I", beneath)) if beneath else b""
    return (
        head + attribute(3, name.encode() + b"\0") + attribute(1, bytes.fromhex(mac.replace(":", ""))) + more
    )


def address(index: int, text: str) -> bytes:
    return struct.pack("BBBBI", socket.AF_INET, 24, 0, 0, index) + attribute(2, socket.inet_aton(text))


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    names = {1: "lo", ETH0: "eth0", VMAC: "vrrp.51"}
    monkeypatch.setattr(socket, "if_indextoname", names.__getitem__)
    return Loop()


@pytest.fixture
def interfaces(loop: Loop) -> Interfaces:
    """eth0 on `lan`, and keepalived's interface on top of it with the virtual address."""
    found = Interfaces("db1", {"lan": "198.18.0.0/24"}, {}, {}, loop)  # type: ignore[arg-type]
    found._on_link(link(ETH0, "eth0", MAC), gone=False)
    found._on_address(address(ETH0, "198.18.0.11"), held=True)
    found._on_link(link(VMAC, "vrrp.51", VIRTUAL, ETH0), gone=False)
    found._on_address(address(VMAC, "198.18.0.100"), held=True)
    return found


def test_an_interface_with_a_virtual_mac_is_no_link_of_the_network(
    interfaces: Interfaces, loop: Loop
) -> None:
    assert [fields for kind, fields in loop.facts if kind == "link"] == [{"network": "lan", "up": True}]
    held = {"network": "lan", "address": "198.18.0.100", "held": True}
    assert ("address", held) in loop.facts
    assert interfaces.describe() == {"lan": {"device": "eth0", "mac": MAC}}
    assert interfaces.holds("eth0", "198.18.0.100")
    assert not interfaces.holds("eth0", "198.18.0.101")


def test_its_addresses_go_with_it(interfaces: Interfaces, loop: Loop) -> None:
    interfaces._on_link(link(VMAC, "vrrp.51", VIRTUAL, ETH0), gone=True)
    assert loop.facts[-1] == ("address", {"network": "lan", "address": "198.18.0.100", "held": False})
    assert interfaces.devices == {"eth0": "lan"}


def test_an_address_on_lo_makes_it_no_interface_of_the_network(interfaces: Interfaces, loop: Loop) -> None:
    interfaces._on_address(address(1, "198.18.0.101"), held=True)
    assert loop.facts[-1] == ("address", {"network": "lan", "address": "198.18.0.101", "held": True})
    assert interfaces.devices == {"eth0": "lan"}


@pytest.mark.parametrize(
    ("device", "direction", "sender", "network"),
    [
        ("eth0", "sent", VIRTUAL, "lan"),
        ("eth0", "received", MAC, "lan"),
        ("vrrp.51", "sent", VIRTUAL, None),
        ("vrrp.51", "received", MAC, None),
        ("vrrp.51", "received", VIRTUAL, "lan"),
        ("eth9", "received", MAC, None),
    ],
)
def test_a_frame_counts_once(
    interfaces: Interfaces, device: str, direction: str, sender: str, network: str | None
) -> None:
    frame = bytes.fromhex("01005e000012" + sender.replace(":", "")) + b"\x08\x00"
    assert find_network(interfaces, device, direction, frame) == network
