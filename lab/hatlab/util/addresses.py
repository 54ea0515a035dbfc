"""Addresses of both families: how they compare, and how they are written where room is short."""

from __future__ import annotations

from ipaddress import ip_address


def is_ipv6(address: str) -> bool:
    """True for an IPv6 address, False for an IPv4 one."""
    return ":" in address


def is_address(text: str) -> bool:
    """True for an address of either family."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def short_address(address: str) -> str:
    """What tells a host from others on its network: `.100` of 198.18.0.100, `::100` of fd00:198:18::100."""
    if is_ipv6(address):
        return "::" + address.rpartition(":")[2]
    return "." + address.rpartition(".")[2]


def link_local(mac: str) -> str:
    """The link-local IPv6 address that a kernel makes of an interface's MAC (RFC 4291, appendix A)."""
    raw = bytes.fromhex(mac.replace(":", ""))
    eui = bytes((raw[0] ^ 2, *raw[1:3], 0xFF, 0xFE, *raw[3:]))
    return str(ip_address(b"\xfe\x80" + bytes(6) + eui))
