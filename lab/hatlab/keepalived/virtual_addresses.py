"""The addresses of a vrrp_instance as keepalived takes them (alloc_ipaddress, alloc_vrrp_vip): those that it
advertises, and those that it only holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

from hatlab.keepalived.numbers import whole_number
from hatlab.keepalived.parser import Statement

MOST_ADVERTISED = {4: 255, 6: 89}
"""Family → addresses that an advert has room for at an MTU of 1500 (vrrp_complete_instance); those behind
them are held all the same."""
_WITH_VALUE = {"dev", "scope", "broadcast", "brd", "label", "peer", "preferred_lft"}
"""Words of an address's line that take another one."""
_LONGEST_LABEL = 15


@dataclass(frozen=True, slots=True)
class VirtualAddress:
    """One address of a vrrp_instance."""

    address: str
    prefix_length: int
    device: str = ""
    """The interface that it is set on; empty for the instance's own."""
    excluded: bool = False
    """It is held and announced, but no advert names it (`virtual_ipaddress_excluded`)."""
    tracked: bool = True
    """The interface that it is set on must be up (off: `no_track`)."""
    use_vmac: bool = False
    """It is set on a virtual MAC's interface, whichever the instance uses."""
    label: str = ""

    @property
    def family(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.address else 4


def family_of(block: Statement) -> int:
    """Return the family of an instance, 4 or 6: that of the first address of any kind in it."""
    for statement in block.body or ():
        match statement.keyword:
            case "native_ipv6":
                return 6
            case "virtual_ipaddress" | "unicast_peer":
                words = [entry.keyword for entry in statement.body or ()]
            case "unicast_src_ip" | "mcast_src_ip" | "mcast_dst_ip":
                words = [statement.value()]
            case _:
                continue
        for word in words:
            if address := parse_address(word.partition("/")[0]):
                return 6 if ":" in address else 4
    return 4


def read_virtual_addresses(block: Statement) -> tuple[VirtualAddress, ...]:
    """Return the addresses of an instance in the file's order, the excluded ones last.

    Left out is what keepalived leaves out: what is no address, of the other family, there already, or on no
    interface.
    """
    family, has_interface = family_of(block), block.last("interface") is not None
    advertised: list[VirtualAddress] = []
    excluded: list[VirtualAddress] = []
    taken: set[tuple[str, str | None]] = set()  # address and device; None: advertised, on whichever
    for inner in block.body or ():
        if inner.keyword not in {"virtual_ipaddress", "virtual_ipaddress_excluded"}:
            continue
        is_excluded = inner.keyword == "virtual_ipaddress_excluded"
        entries = (entry for entry in inner.body or () if entry.words)
        for vip in (_read_entry([word.text for word in entry.words]) for entry in entries):
            if vip is None or (vip.family != family and not is_excluded):
                continue
            if not (vip.device or has_interface):
                continue
            places = {(vip.address, vip.device), *(() if is_excluded else ((vip.address, None),))}
            if taken.isdisjoint(places):
                taken |= places
                (excluded if is_excluded else advertised).append(vip)
    most = MOST_ADVERTISED[family]
    return (*advertised[:most], *(replace(vip, excluded=True) for vip in excluded + advertised[most:]))


def parse_address(text: str) -> str:
    """Return an address as the daemon writes it; empty if the text is none to it: no scope, no zeros in front
    (inet_pton)."""
    family = AF_INET6 if ":" in text else AF_INET
    try:
        return inet_ntop(family, inet_pton(family, text))
    except (OSError, ValueError):
        return ""


def _read_entry(words: list[str]) -> VirtualAddress | None:
    """Return the address of a line; None if keepalived leaves it out."""
    text, slash, bits = words[0].partition("/")
    address = parse_address(text)
    if not address:
        return None
    longest = 128 if ":" in address else 32
    number = whole_number(bits) if slash else None
    prefix_length = longest if number is None or number > longest else number
    values: dict[str, str] = {}
    flags: set[str] = set()
    rest = iter(words[1:])
    for word in rest:
        if word in _WITH_VALUE:
            value = next(rest, None)
            if value is None or (word == "dev" and "dev" in values):
                return None
            values[word] = value
        else:
            flags.add(word)
    if len(values.get("label", "")) > _LONGEST_LABEL:
        return None
    return VirtualAddress(
        address,
        prefix_length,
        values.get("dev", ""),
        tracked="no_track" not in flags,
        use_vmac="use_vmac" in flags,
        label=values.get("label", "") if longest == 32 else "",
    )
