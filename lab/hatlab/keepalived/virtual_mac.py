"""The interface with the virtual router's own MAC that an instance may use (RFC 9568 §7.3, `use_vmac`)."""

from __future__ import annotations

from dataclasses import dataclass

from hatlab.keepalived.parser import Statement

_OUI = "00:00:5e:00"
_LONGEST_NAME = 15


@dataclass(frozen=True, slots=True)
class VirtualMac:
    """An interface that keepalived makes on top of the instance's own."""

    device: str
    mac: str
    sends: bool = True
    """Adverts leave from it too (off: `vmac_xmit_base`, and for unicast)."""


def read_virtual_mac(block: Statement, global_defs: Statement, vrid: int, family: int) -> VirtualMac | None:
    """Return the virtual MAC of an instance; None if it uses its interface's own."""
    statement = block.last("use_vmac")
    if statement is None:
        return None
    prefix = global_defs.last("vmac_prefix")
    name = f"{prefix.value() if prefix else 'vrrp'}.{vrid}"
    mac = f"{_OUI}:{'01' if family == 4 else '02'}:{vrid:02x}"
    words = iter(word.text for word in statement.words[1:])
    for word in words:
        if ":" in word:
            octets = word.lower().rstrip(":").split(":")
            mac = ":".join([*octets, f"{vrid:02x}"][:6])
        elif word == "group":
            next(words, None)
        elif word != "netlink_notify_msg":
            name = next(words, name) if word == "name" else word
    unicast = any(block.last(keyword) for keyword in ("unicast_peer", "unicast_src_ip"))
    return VirtualMac(name[:_LONGEST_NAME], mac, not unicast and block.last("vmac_xmit_base") is None)
