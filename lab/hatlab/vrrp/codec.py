"""VRRP advertisements on the wire: version 2 (RFC 3768), version 3 over IPv4 and IPv6 (RFC 9568).

`decode` never raises: what is unsound about a frame is named in `defects`, and a field that could not be
read is None. It is on the hot path (each node's captures pass through it), hence `struct` and no
packet library.

An authentication header (keepalived's `auth_type AH`, IP protocol 51) before a message is read, too. CARP of
OpenBSD and FreeBSD uses protocol 112 and the same group as well, and is told apart: it is no advertisement.

Defects:
    truncated      the frame ends before the message does
    ip_checksum    the IPv4 header's checksum is wrong
    fragment       a fragment of an IP packet; nothing behind the IP header is read
    ttl            sent to the group, its TTL or hop limit is not 255: it may have crossed a router
    destination    neither the VRRP group nor a host's address
    version        not 2 or 3, or version 2 over IPv6
    type           not 1, the only type there is
    vrid           0, which no virtual router may have
    length         the message is not as long as its address count says
    no_addresses   it announces nothing
    checksum       the message's own checksum is wrong
    auth_type      version 2: none of 0 (none), 1 (PASS), 2 (AH)
    interval       an interval of 0
    carp           a CARP message; no field of it is read
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address
from socket import AF_INET6, inet_ntoa, inet_ntop
from struct import Struct

from hatlab.vrrp import authentication_header
from hatlab.vrrp.authentication_header import AuthenticationHeader

PROTOCOL = 112
GROUP_V4, GROUP_V6 = "224.0.0.18", "ff02::12"
GROUPS = frozenset({GROUP_V4, GROUP_V6})
"""All VRRP routers of a network, in IPv4 and IPv6."""
_GROUPS = {4: bytes.fromhex("e0000012"), 16: bytes.fromhex("ff020000000000000000000000000012")}
_MULTICAST = {4: 224, 16: 255}
"""Length of an address → the least first byte of one that is a group's."""
_IPV4, _IPV6 = 0x0800, 0x86DD
_VLAN_TAGS = {0x8100, 0x88A8, 0x9100}
"""EtherTypes of VLAN tags: 802.1Q, 802.1ad, and the one that switches used for the outer tag before that."""
_AUTH_LENGTH = 8
_CARP_KIND, _CARP_WORDS, _CARP_LENGTH = 0x21, 7, 36
"""CARP's first byte (as of a version 2 advert), the words of its digest where VRRP counts addresses, and its
length, which no VRRP message with 7 addresses has."""
_AUTH_TYPES = range(3)

_ip4 = Struct("!BBHHHBBH4s4s")
_ip6 = Struct("!IHBB16s16s")
_vrrp = Struct("!BBBBHH")


@dataclass(frozen=True, slots=True)
class Advertisement:
    """One advertisement as read from a frame.

    Attributes:
        interval: seconds between adverts, as it claims (whole seconds in version 2, hundredths in 3).
        auth_type: version 2 only: 0 none, 1 PASS, 2 AH.
        auth: the password in clear text when `auth_type` is 1.
        ttl: TTL or hop limit.
        checksum_kind: `right`, `wrong`, or in version 3 one that keepalived accepts besides: `group` counts
            the multicast group in place of a unicast's destination, `plain` counts no addresses.
        header: the authentication header before the message; None if there is none.
        defects: names of what is unsound, empty for a sound advert.
    """

    source: str
    destination: str
    ttl: int
    version: int | None = None
    type: int | None = None
    vrid: int | None = None
    priority: int | None = None
    interval: float | None = None
    auth_type: int | None = None
    auth: str | None = None
    addresses: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()
    checksum_kind: str = "right"
    header: AuthenticationHeader | None = None


def payload(frame: bytes) -> tuple[int, int]:
    """EtherType and offset of what an Ethernet frame carries, VLAN tags skipped; (0, 0) if too short."""
    at = 12
    while len(frame) >= at + 2:
        kind = frame[at] << 8 | frame[at + 1]
        if kind not in _VLAN_TAGS:
            return kind, at + 2
        at += 4
    return 0, 0


def has_header(frame: str) -> bool:
    """True if an untagged frame, in hexadecimal, has an authentication header behind its IPv4 header."""
    return frame[24:28] == "0800" and frame[46:48] == f"{authentication_header.PROTOCOL:02x}"


def decode(frame: bytes) -> Advertisement | None:
    """The VRRP advertisement in an Ethernet frame, None if the frame carries none. Never raises."""
    kind, at = payload(frame)
    if kind == _IPV4:
        return _decode_ip4(frame, at)
    if kind == _IPV6:
        return _decode_ip6(frame, at)
    return None


def _decode_ip4(frame: bytes, at: int) -> Advertisement | None:
    if len(frame) < at + _ip4.size:
        return None
    first, _, total, _, fragment, ttl, protocol, _, source, destination = _ip4.unpack_from(frame, at)
    if protocol != PROTOCOL and protocol != authentication_header.PROTOCOL:
        return None
    header = (first & 15) * 4
    defects: list[str] = []
    if header < _ip4.size or first >> 4 != 4 or total < header:
        return Advertisement(_text(source), _text(destination), ttl, defects=("length",))
    if len(frame) < at + total:
        defects.append("truncated")
    if _residue(frame[at : at + header]):
        defects.append("ip_checksum")
    if ttl != 255 and destination[0] >= _MULTICAST[4]:
        defects.append("ttl")
    if destination != _GROUPS[4] and not 0 < destination[0] < _MULTICAST[4]:
        defects.append("destination")
    if fragment & 0x3FFF:  # more fragments, or an offset
        return Advertisement(_text(source), _text(destination), ttl, defects=(*defects, "fragment"))
    message = frame[at + header : at + total]
    if protocol == PROTOCOL:
        return _message(message, source, destination, ttl, defects)
    ah = authentication_header.read_header(
        frame[at : at + header], message, unicast=destination[0] & 0xF0 != 0xE0
    )
    if ah is None:
        return None
    advert = _message(message[authentication_header.LENGTH :], source, destination, ttl, defects)
    return replace(advert, header=ah)


def _decode_ip6(frame: bytes, at: int) -> Advertisement | None:
    if len(frame) < at + _ip6.size:
        return None
    first, length, protocol, hops, source, destination = _ip6.unpack_from(frame, at)
    if protocol != PROTOCOL:
        return None
    if first >> 28 != 6:
        return Advertisement(_text(source), _text(destination), hops, defects=("length",))
    start = at + _ip6.size
    defects = []
    if len(frame) < start + length:
        defects.append("truncated")
    if hops != 255 and destination[0] == _MULTICAST[16]:
        defects.append("ttl")
    if destination != _GROUPS[16] and (destination[0] == _MULTICAST[16] or not any(destination)):
        defects.append("destination")
    return _message(frame[start : start + length], source, destination, hops, defects)


def _message(data: bytes, source: bytes, destination: bytes, ttl: int, defects: list[str]) -> Advertisement:
    """Reads the message behind the IP header; `defects` has the header's and is added to."""
    if len(data) < _vrrp.size:
        if "truncated" not in defects:
            defects.append("length")
        return Advertisement(_text(source), _text(destination), ttl, defects=tuple(defects))
    first, vrid, priority, count, word, _ = _vrrp.unpack_from(data)
    if first == _CARP_KIND and count == _CARP_WORDS and len(data) == _CARP_LENGTH:
        return Advertisement(_text(source), _text(destination), ttl, defects=(*defects, "carp"))
    version, kind = first >> 4, first & 15
    width, size = len(source), len(data)
    end = _vrrp.size + count * width
    auth_type = auth = None
    if version == 2:
        # over IPv6, which no RFC has, keepalived sends no authentication, and the kernel makes the checksum
        summed = data if width == 4 else _pseudo(source, destination, size) + data
        wanted = end + (_AUTH_LENGTH if width == 4 else 0)
        auth_type, seconds = word >> 8, float(word & 0xFF)
        if auth_type == 1 and width == 4:
            auth = data[end:wanted].rstrip(b"\0").decode("ascii", "backslashreplace")
    else:
        summed, wanted = _pseudo(source, destination, size) + data, end
        seconds = (word & 0x0FFF) / 100
    whole = "truncated" not in defects
    if whole and size != wanted:
        defects.append("length")
    sum_ = "right"
    if whole and _residue(summed):
        defects.append("checksum")
        sum_ = _other_checksum(data, source) if version == 3 and width == 4 else "wrong"
    if version != 3 and (version != 2 or width != 4):
        defects.append("version")
    if kind != 1:
        defects.append("type")
    if not vrid:
        defects.append("vrid")
    if not count:
        defects.append("no_addresses")
    if auth_type is not None and auth_type > _AUTH_TYPES[-1]:
        defects.append("auth_type")
    if not seconds:
        defects.append("interval")
    addresses: tuple[str, ...]
    if count == 1 and size >= end:
        addresses = (_text(data[_vrrp.size : end]),)
    else:
        places = range(_vrrp.size, min(end, size - width + 1), width)
        addresses = tuple([_text(data[k : k + width]) for k in places])
    return Advertisement(
        _text(source),
        _text(destination),
        ttl,
        version,
        kind,
        vrid,
        priority,
        seconds,
        auth_type,
        auth,
        addresses,
        tuple(defects),
        sum_,
    )


def _other_checksum(message: bytes, source: bytes) -> str:
    """What the checksum of a version 3 message counts, if not the pseudo-header that it should."""
    if not _residue(message):
        return "plain"
    return "wrong" if _residue(_pseudo(source, _GROUPS[4], len(message)) + message) else "group"


def _pseudo(source: bytes, destination: bytes, length: int) -> bytes:
    """Version 3's pseudo-header, with the real destination (RFC 9568 §5.2.8, RFC 8200 §8.1)."""
    if len(source) == 4:
        return source + destination + bytes((0, PROTOCOL)) + length.to_bytes(2)
    return source + destination + length.to_bytes(4) + bytes((0, 0, 0, PROTOCOL))


def _residue(data: bytes) -> int:
    """The one's complement sum of 16-bit words (RFC 1071).

    65536 ≡ 1 (mod 65535), so the whole number modulo 65535 is the sum with its carries folded in. Over
    data that includes its own right checksum it is 0.
    """
    return int.from_bytes(data + b"\0" if len(data) & 1 else data) % 0xFFFF


def checksum(data: bytes) -> int:
    """The Internet checksum of `data`, whose own checksum field must be zero (RFC 1071)."""
    return 0xFFFF - (_residue(data) or 0xFFFF)


@lru_cache(maxsize=1024)
def _text(address: bytes) -> str:
    return inet_ntoa(address) if len(address) == 4 else inet_ntop(AF_INET6, address)


def encode(
    *,
    version: int,
    vrid: int,
    priority: int,
    addresses: tuple[str, ...],
    source: str,
    destination: str | None = None,
    interval: float = 1.0,
    auth_pass: str | None = None,
    source_mac: str = "02:00:00:00:00:01",
    destination_mac: str | None = None,
    ttl: int = 255,
    ident: int = 0,
    kind: int = 1,
    auth_type: int | None = None,
    wrong_checksum: bool = False,
    checksum_kind: str = "right",
    sequence: int | None = None,
) -> bytes:
    """A whole Ethernet frame with one advertisement, as keepalived sends it: TOS 0xc0, right checksums.

    Args:
        source: decides between IPv4 and IPv6; `addresses` are of the same family.
        destination: the VRRP group unless a unicast peer is given (then give its MAC too).
        interval: seconds; version 2 has whole ones on the wire (at least 1), version 3 hundredths.
        auth_pass: version 2: PASS with this password's first 8 bytes; None for no authentication.
        ttl, kind, auth_type, wrong_checksum: for crafting an unsound advert.
        checksum_kind: what version 3 counts (see `Advertisement`).
        sequence: version 2 over IPv4: an authentication header with this number and `auth_pass`.

    Raises:
        ValueError: a number does not fit its field, or an address does not parse or is of the other family.
    """
    src = ip_address(source).packed
    width = len(src)
    dst = ip_address(destination).packed if destination else _GROUPS[width]
    packed = [ip_address(address).packed for address in addresses]
    if any(len(address) != width for address in (dst, *packed)):
        raise ValueError("addresses of both families in one advert")
    if version == 2:
        whole = max(1, int(interval + 0.5))
        usual = 2 if sequence is not None else 0 if auth_pass is None else 1
        method = usual if auth_type is None else auth_type
        word = _fits("interval", whole, 0xFF) | _fits("auth_type", method, 0xFF) << 8
        secret = (auth_pass if sequence is None else None) or ""
        tail = secret.encode()[:_AUTH_LENGTH].ljust(_AUTH_LENGTH, b"\0") if width == 4 else b""
    else:
        word, tail = _fits("interval", round(interval * 100), 0x0FFF), b""
    fields = (
        _fits("version", version, 15) << 4 | _fits("kind", kind, 15),
        _fits("vrid", vrid, 255),
        _fits("priority", priority, 255),
        _fits("number of addresses", len(packed), 255),
        word,
    )
    body = b"".join(packed) + tail
    message = _vrrp.pack(*fields, 0) + body
    counted = dst if checksum_kind == "right" else _GROUPS[width]
    plain = width == 4 and (version == 2 or checksum_kind == "plain")
    sum_ = checksum(message if plain else _pseudo(src, counted, len(message)) + message)
    message = _vrrp.pack(*fields, sum_ ^ 0x5555 if wrong_checksum else sum_) + body
    macs = (_mac(destination_mac) if destination_mac else _group_mac(dst)) + _mac(source_mac)
    _fits("ttl", ttl, 255)
    if width == 16:
        header = _ip6.pack(6 << 28 | 0xC0 << 20, len(message), PROTOCOL, ttl, src, dst)
        return macs + _IPV6.to_bytes(2) + header + message
    size, protocol = _ip4.size + len(message), PROTOCOL
    if sequence is not None:
        size, protocol = size + authentication_header.LENGTH, authentication_header.PROTOCOL
    ip = (0x45, 0xC0, size, _fits("ident", ident, 0xFFFF), 0, ttl, protocol)
    header = _ip4.pack(*ip, checksum(_ip4.pack(*ip, 0, src, dst)), src, dst)
    if sequence is not None:
        is_unicast = dst[0] & 0xF0 != 0xE0
        message = (
            authentication_header.build_header(
                header, message, password=auth_pass or "", sequence=sequence, unicast=is_unicast
            )
            + message
        )
    return macs + _IPV4.to_bytes(2) + header + message


def _group_mac(group: bytes) -> bytes:
    """The MAC address of a multicast group (RFC 1112 §6.4, RFC 2464 §7); a host's must be given."""
    if len(group) == 16:
        return b"\x33\x33" + group[12:]
    return b"\x01\x00\x5e" + bytes((group[1] & 0x7F,)) + group[2:]


def _fits(name: str, value: int, most: int) -> int:
    if not 0 <= value <= most:
        raise ValueError(f"{name} {value} is not between 0 and {most}")
    return value


def _mac(text: str) -> bytes:
    raw = bytes.fromhex(text.replace(":", ""))
    if len(raw) != 6:
        raise ValueError(f"{text!r} is not a MAC address")
    return raw
