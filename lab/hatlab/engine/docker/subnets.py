"""Subnets that are free: not routed by this host, not used by Docker, not taken by another lab."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from pathlib import Path

from hatlab.errors import EngineError

POOL = IPv4Network("198.18.0.0/15")
"""RFC 2544's range for tests of equipment: never routed on the Internet."""


def host_routes(table: Path = Path("/proc/net/route")) -> list[IPv4Network]:
    """Networks this machine routes (not the default route); empty where it cannot be told."""
    try:
        lines = table.read_text().splitlines()[1:]
    except OSError:
        return []
    found = []
    for line in lines:
        fields = line.split()
        destination, mask = (int.from_bytes(bytes.fromhex(fields[k]), "little") for k in (1, 7))
        if mask:
            found.append(IPv4Network((destination, mask.bit_count())))
    return found


def free(taken: Iterable[IPv4Network], count: int, skip: int = 0) -> list[str]:
    """`count` free /24 networks in a row of the pool, the first `skip` candidates left out.

    Raises:
        EngineError: none is left.
    """
    used = list(taken)
    run: list[IPv4Network] = []
    for candidate in _candidates(skip):
        run = [] if any(candidate.overlaps(other) for other in used) else [*run, candidate]
        if len(run) == count:
            return [str(network) for network in run]
    raise EngineError(f"no {count} free subnets in {POOL}", "`hatlab down --all` removes what old labs left")


def _candidates(skip: int) -> Iterator[IPv4Network]:
    for k, network in enumerate(POOL.subnets(new_prefix=24)):
        if k >= skip:
            yield network


def index(network: IPv4Network) -> int:
    """The place of a /24 in the pool, from 0."""
    return (int(network.network_address) - int(POOL.network_address)) >> 8
