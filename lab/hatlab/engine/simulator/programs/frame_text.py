"""A frame in tcpdump's words."""

from __future__ import annotations

from ipaddress import ip_address

from hatlab import events as e
from hatlab.engine.simulator.clock import date_at
from hatlab.util.addresses import is_ipv6
from hatlab.vrrp import arp, codec, ndisc

Frame = e.Advert | e.Arp
_IPV6_HEADER = 40
"""Bytes of it."""


def format_frame(event: Frame, options: set[str], names: dict[str, str], way: str = "") -> list[str]:
    """Return the lines that tcpdump prints of a frame.

    Args:
        options: letters out of `n`, `e` and `v`.
        names: address → name, those of hosts and the broadcast MAC; empty for numbers.
        way: interface and direction, for `-i any`.
    """
    frame = bytes.fromhex(event.frame)
    stamp = "" if "t" in options else date_at(event.at).strftime("%H:%M:%S.%f ")
    arping, six = isinstance(event, e.Arp), frame[12:14] == b"\x86\xdd"
    head = stamp + way
    if "e" in options and not way:
        to, sender = (frame[at : at + 6].hex(":") for at in (0, 6))
        kind = "IPv6 (0x86dd)" if six else "ARP (0x0806)" if arping else "IPv4 (0x0800)"
        head += f"{sender} > {names.get(to, to)}, ethertype {kind}, length {len(frame)}: "
    else:
        head += "IP6 " if six else "ARP, " if arping else "IP "
    if arping and six:
        return _format_ndisc(frame, head, options, names)
    if arping:
        return [head + _format_arp(frame, options, names)]
    return _format_vrrp(frame, head, options, names)


def _format_arp(frame: bytes, options: set[str], names: dict[str, str]) -> str:
    packet = arp.decode(frame)
    if packet is None:
        return "[|arp]"
    length = f", length {len(frame) - 14}"
    sender, target = names.get(packet.sender, packet.sender), names.get(packet.target, packet.target)
    long = "Ethernet (len 6), IPv4 (len 4), " if "v" in options else ""
    if not packet.request:
        return f"{long}Reply {sender} is-at {packet.sender_mac}{length}"
    mac = packet.target_mac
    whom = "" if mac == "00:00:00:00:00:00" else f" ({names.get(mac, mac)})"
    return f"{long}Request who-has {target}{whom} tell {sender}{length}"


def _format_vrrp(frame: bytes, head: str, options: set[str], names: dict[str, str]) -> list[str]:
    """As print-ip.c and print-vrrp.c of tcpdump do."""
    advert = codec.decode(frame)
    if advert is None:
        return [head + "[|vrrp]"]
    six = is_ipv6(advert.source)
    size = _IPV6_HEADER if six else (frame[14] & 15) * 4
    body = frame[14 + size :]
    source, to = (names.get(address, address) for address in (advert.source, advert.destination))
    lines = []
    if "v" in options and six:
        head += _ipv6_header(frame, f"VRRP ({codec.PROTOCOL})")
    elif "v" in options:
        ident, flags = int.from_bytes(frame[18:20]), "DF" if frame[20] & 0x40 else "none"
        total = int.from_bytes(frame[16:18])
        lines.append(
            f"{head}(tos 0x{frame[15]:x}, ttl {advert.ttl}, id {ident}, offset 0, flags [{flags}], "
            f"proto VRRP (112), length {total})"
        )
        head = "    "
    text = f"{head}{source} > {to}: VRRPv{advert.version}, Advertisement"
    if advert.ttl != 255:
        text += f", (ttl {advert.ttl})"
    text += f", vrid {advert.vrid}, prio {advert.priority}"
    if advert.version == 2 and len(body) > 5:
        if body[4]:
            text += f", authtype {({1: 'simple', 2: 'ah'}).get(body[4], f'[type#{body[4]}]')}"
        text += f", intvl {body[5]}s, length {len(body)}"
    elif len(body) > 5:
        text += f", intvl {int.from_bytes(body[4:6]) & 0xFFF}cs, length {len(body)}"
    if "v" in options:
        if "checksum" in advert.defects:
            text += ", (bad vrrp cksum)"
        count = f"({len(advert.addresses)})" if len(advert.addresses) > 1 else ""
        text += f", addrs{count}: " + ",".join(advert.addresses)
        if advert.version == 2 and body[4] == 1:
            word = body[8 + 4 * body[3] :][:8].rstrip(b"\0").decode("ascii", "replace")
            text += f' auth "{word}"'
    return [*lines, text]


def _format_ndisc(frame: bytes, head: str, options: set[str], names: dict[str, str]) -> list[str]:
    """As print-icmp6.c does."""
    packet = ndisc.decode(frame)
    if packet is None:
        return [head + "[|icmp6]"]
    asks, long = packet.request, "v" in options
    source = packet.sender
    to = str(ip_address(frame[38:54]))
    kind = f"neighbor {'solicitation' if asks else 'advertisement'}"
    about = packet.target if asks else packet.sender
    about = f"{'who has' if asks else 'tgt is'} {names.get(about, about)}"
    length = f"length {len(frame) - 14 - _IPV6_HEADER}"
    route = f"{names.get(source, source)} > {names.get(to, to)}: "
    if not long:
        return [f"{head}{route}ICMP6, {kind}, {about}, {length}"]
    flags = "" if asks else f", Flags [{'override' if packet.gratuitous else 'solicited, override'}]"
    option = "source link-address option (1)" if asks else "destination link-address option (2)"
    mac = bytes.fromhex(packet.sender_mac.replace(":", ""))
    head += f"{_ipv6_header(frame, 'ICMPv6 (58)')}{route}[icmp6 sum ok] "
    return [
        f"{head}ICMP6, {kind}, {length}, {about}{flags}",
        f"\t  {option}, length 8 (1): {packet.sender_mac}",
        f"\t    0x0000:  {mac.hex(' ', -2)}",
    ]


def _ipv6_header(frame: bytes, protocol: str) -> str:
    """What `-v` adds of the header (print-ip6.c)."""
    word = int.from_bytes(frame[14:18])
    traffic, label = word >> 20 & 0xFF, word & 0xFFFFF
    parts = [f"class 0x{traffic:02x}"] if traffic else []
    parts += [f"flowlabel 0x{label:05x}"] if label else []
    length = int.from_bytes(frame[18:20])
    parts += [f"hlim {frame[21]}", f"next-header {protocol}", f"payload length {length}"]
    return f"({', '.join(parts)}) "
