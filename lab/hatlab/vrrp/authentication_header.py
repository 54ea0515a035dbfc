"""The IPsec authentication header (RFC 2402) that `auth_type AH` puts before a version 2 message.

Its digest is HMAC-MD5 of the IP header without what a router may change, of this header without the digest,
and of the message, cut to 96 bits (vrrp_in_chk_ipsecah).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from struct import Struct

PROTOCOL = 51
LENGTH = 24
_NEXT_HEADER = 112
_DIGEST_LENGTH = 12
_layout = Struct("!BBH4sI12s")
_NO_DIGEST = bytes(_DIGEST_LENGTH)


@dataclass(frozen=True, slots=True)
class AuthenticationHeader:
    """One such header as read from a frame."""

    sequence: int
    """Counts up with each advert, whoever sends it: what is not higher than before is a replay."""
    digest: bytes
    covered: bytes
    """What the digest covers."""

    def matches(self, password: str) -> bool:
        """True if a router with this password made the digest."""
        return hmac.compare_digest(self.digest, _digest(password, self.covered))


def read_header(ip: bytes, rest: bytes, *, unicast: bool) -> AuthenticationHeader | None:
    """Read the header behind an IP header; None if it is cut short, or something else than VRRP follows.

    Args:
        rest: all that follows the IP header.
        unicast: keepalived leaves the TTL out of the digest then, as routers count it down.
    """
    if len(rest) < LENGTH:
        return None
    next_header, _, _, spi, sequence, digest = _layout.unpack_from(rest)
    if next_header != _NEXT_HEADER:
        return None
    covered = _immutable(ip, unicast) + _pack(spi, sequence, _NO_DIGEST) + rest[LENGTH:]
    return AuthenticationHeader(sequence, digest, covered)


def build_header(ip: bytes, message: bytes, *, password: str, sequence: int, unicast: bool) -> bytes:
    """Return the header between an IP header, whose length counts it in, and a message."""
    spi = ip[12:16]  # keepalived takes the sender's address
    covered = _immutable(ip, unicast) + _pack(spi, sequence, _NO_DIGEST) + message
    return _pack(spi, sequence, _digest(password, covered))


def _pack(spi: bytes, sequence: int, digest: bytes) -> bytes:
    return _layout.pack(_NEXT_HEADER, LENGTH // 4 - 2, 0, spi, sequence, digest)


def _immutable(ip: bytes, unicast: bool) -> bytes:
    """Return an IP header with type of service, fragment, checksum and a unicast's TTL zeroed."""
    ttl = b"\0" if unicast else ip[8:9]
    return ip[:1] + b"\0" + ip[2:6] + b"\0\0" + ttl + ip[9:10] + b"\0\0" + ip[12:]


def _digest(password: str, covered: bytes) -> bytes:
    return hmac.digest(password.encode()[:8], covered, "md5")[:_DIGEST_LENGTH]
