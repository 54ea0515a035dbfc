"""Last octets for what a lab has in place of an incident's other machines."""

from __future__ import annotations

from collections.abc import Collection

_FIRST = 200
"""Of those that stand for an address whose own is taken, or not known."""


def free_octet(address: str, used: Collection[int]) -> int:
    """Return an address's own last octet if that is free, else a free one; of IPv6 the last two digits."""
    tail = address.rpartition(":" if ":" in address else ".")[2]
    last = int(tail, 16 if ":" in address else 10) & 0xFF if tail else 0
    if 2 <= last <= 254 and last not in used:
        return last
    return next(number for number in range(_FIRST, 255) if number not in used)
