"""Netlink messages."""

from __future__ import annotations

import struct

import pytest

from compose.agent.netlink import RTM_NEWADDR, attributes, netlink_messages


def test_messages_and_attributes_are_split() -> None:
    attribute = struct.pack("HH4s", 8, 2, bytes([198, 18, 0, 100]))
    message = struct.pack("IHHII", 16 + len(attribute), RTM_NEWADDR, 0, 0, 0) + attribute
    assert list(netlink_messages(message * 2)) == [(RTM_NEWADDR, attribute)] * 2
    assert attributes(attribute) == {2: bytes([198, 18, 0, 100])}


@pytest.mark.parametrize("junk", [b"", b"\0" * 16, b"\xff" * 40, b"\x10\0\0\0"])
def test_broken_netlink_data_ends_the_reading(junk: bytes) -> None:
    list(netlink_messages(junk))
    attributes(junk)
