"""Filters of frames in the words of pcap-filter(7), those by which a lab's frames can be told apart.

    expression = term, then any number of: and term, or term   (from left to right, as tcpdump has it)
    term       = not term | ( expression ) | primitive
    primitive  = vrrp | ah | icmp6 | ip | ip6 | arp
               | [ip | ip6] proto NUMBER
               | [ip | ip6 | arp] [src | dst] host ADDRESS
               | ether [src | dst] host MAC

`vrrp`, as with tcpdump, is VRRP over IPv4; `proto 112` is that over IPv6, too. The host of an ARP frame is
its sender or its target. After `src` and `dst` the word `host` may be left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from ipaddress import ip_address
from typing import NamedTuple

from hatlab.errors import UserError

FrameFilter = Callable[[bytes], bool]
"""True for an untagged Ethernet frame that passes."""
WORDS = (
    "vrrp, ah, arp, icmp6, ip, ip6, proto NUMBER, host, src host or dst host ADDRESS, ether host MAC, "
    "and, or, not, parentheses"
)
"""What a filter can be made of, for messages and help."""
_MOST_NESTED = 50
_TOKEN = re.compile(r"\(|\)|&&|\|\||!|[^\s()!&|]+|[&|]")
_ETHER_TYPES = {b"\x08\x00": "ip", b"\x86\xdd": "ip6", b"\x08\x06": "arp"}
_PROTOCOLS = {"vrrp": 112, "ah": 51, "icmp6": 58, "ipv6-icmp": 58}
_MAC = re.compile(r"[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}")
_SIDES = {"src": (True, False), "dst": (False, True)}


class _Fields(NamedTuple):
    """What filters ask of a frame."""

    family: str
    """`ip`, `ip6`, `arp`, or empty."""
    protocol: int
    """Of an IP packet, else -1."""
    source: bytes
    destination: bytes
    source_mac: bytes
    destination_mac: bytes


_Term = Callable[[_Fields], bool]


def parse_filter(text: str, addresses: Mapping[str, Collection[str]] | None = None) -> FrameFilter:
    """Return the filter that an expression means; an empty one lets everything pass.

    Args:
        text: see the module.
        addresses: names that stand for addresses.

    Raises:
        UserError: it is none; the message says at which character.
    """
    parser = _Parser(text, addresses or {})
    term = parser.parse()
    return lambda frame: term(_fields(frame))


def _fields(frame: bytes) -> _Fields:
    family, protocol, source, destination = _ETHER_TYPES.get(frame[12:14], ""), -1, b"", b""
    match family:
        case "ip" if len(frame) >= 34:
            protocol, source, destination = frame[23], frame[26:30], frame[30:34]
        case "ip6" if len(frame) >= 54:
            protocol, source, destination = frame[20], frame[22:38], frame[38:54]
        case "arp" if len(frame) >= 42:
            source, destination = frame[28:32], frame[38:42]
    return _Fields(family, protocol, source, destination, frame[6:12], frame[:6])


class _Parser:
    """Reads an expression word by word."""

    def __init__(self, text: str, addresses: Mapping[str, Collection[str]]) -> None:
        self._tokens = [(match[0], match.start() + 1) for match in _TOKEN.finditer(text)]
        self._end = len(text.rstrip()) + 1
        self._addresses = addresses
        self._next = 0

    def parse(self) -> _Term:
        """Return what the whole text means."""
        if not self._tokens:
            return lambda _: True
        term = self._parse_expression(0)
        if self._peek():
            raise self._error(f"'{self._peek()}' is not expected here", "join two parts by `and` or `or`")
        return term

    def _parse_expression(self, depth: int) -> _Term:
        first = self._parse_term(depth)
        rest: list[tuple[bool, _Term]] = []
        while operator := self._take("and", "&&", "or", "||"):
            rest.append((operator in {"or", "||"}, self._parse_term(depth)))
        if not rest:
            return first

        def matches(fields: _Fields) -> bool:
            passes = first(fields)
            for either, term in rest:
                passes = (passes or term(fields)) if either else (passes and term(fields))
            return passes

        return matches

    def _parse_term(self, depth: int) -> _Term:
        wanted = True
        while self._take("not", "!"):
            wanted = not wanted
        if self._take("("):
            if depth == _MOST_NESTED:
                raise self._error("too many parentheses are open", "")
            term = self._parse_expression(depth + 1)
            if not self._take(")"):
                raise self._error("')' is missing", "")
        else:
            term = self._parse_primitive()
        return term if wanted else lambda fields: not term(fields)

    def _parse_primitive(self) -> _Term:
        if self._take("ether"):
            return self._parse_ether()
        if name := self._take("vrrp", "ah"):
            return _has_protocol(_PROTOCOLS[name], "ip")
        if self._take("icmp6"):
            return _has_protocol(_PROTOCOLS["icmp6"], "ip6")
        family = self._take("ip", "ip6", "arp")
        if family != "arp" and self._take("proto"):
            return _has_protocol(self._parse_protocol(), family)
        side = self._take("src", "dst")
        if self._take("host") or side:
            return _has_host(self._parse_addresses(), side, family)
        if not family:
            raise self._error_at_word("a filter does not know the word '{word}'", "the filter ends too early")
        return lambda fields: fields.family == family

    def _parse_ether(self) -> _Term:
        side = self._take("src", "dst")
        if not self._take("host") and not side:
            raise self._error("'host', 'src' or 'dst' must follow 'ether'", "")
        word = self._peek()
        if not _MAC.fullmatch(word):
            raise self._error(
                "a hardware address is expected here", "for example ether host 02:42:0a:00:00:0b"
            )
        self._next += 1
        mac = bytes(int(part, 16) for part in word.split(":"))
        source, destination = _SIDES.get(side, (True, True))
        return lambda fields: (
            (source and fields.source_mac == mac) or (destination and fields.destination_mac == mac)
        )

    def _parse_protocol(self) -> int:
        word = self._peek().removeprefix("\\")
        number = _PROTOCOLS.get(
            word, int(word) if word.isascii() and word.isdecimal() and len(word) < 4 else 256
        )
        if number > 255:
            raise self._error(
                "a protocol's number is expected here", "112 is VRRP, 51 an authentication header"
            )
        self._next += 1
        return number

    def _parse_addresses(self) -> frozenset[bytes]:
        word = self._peek()
        named = self._addresses.get(self._tokens[self._next][0]) if word else None
        try:
            found = frozenset(ip_address(text).packed for text in named or (word,))
        except ValueError:
            raise self._error_at_word(
                "'{word}' is neither an address nor a node", "an address is missing"
            ) from None
        self._next += 1
        return found

    def _peek(self) -> str:
        return self._tokens[self._next][0].lower() if self._next < len(self._tokens) else ""

    def _take(self, *words: str) -> str:
        """Return the next word and go behind it if it is one of these; else return an empty text."""
        word = self._peek()
        if word not in words:
            return ""
        self._next += 1
        return word

    def _error_at_word(self, message: str, at_end: str) -> UserError:
        word = self._peek()
        return self._error(message.format(word=word) if word else at_end, f"a filter knows {WORDS}")

    def _error(self, message: str, hint: str) -> UserError:
        column = self._tokens[self._next][1] if self._next < len(self._tokens) else self._end
        return UserError(f"the filter, character {column}: {message}", hint)


def _has_protocol(number: int, family: str) -> _Term:
    return lambda fields: fields.protocol == number and family in {"", fields.family}


def _has_host(addresses: frozenset[bytes], side: str, family: str) -> _Term:
    source, destination = _SIDES.get(side, (True, True))

    def matches(fields: _Fields) -> bool:
        if family not in {"", fields.family}:
            return False
        return (source and fields.source in addresses) or (destination and fields.destination in addresses)

    return matches
