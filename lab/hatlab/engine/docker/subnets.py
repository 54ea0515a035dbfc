"""Finds free subnets: not routed by this host, not used by Docker, not taken by another lab."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from ipaddress import IPv4Network
from pathlib import Path

from hatlab.errors import EngineError, UserError
from hatlab.util.files import read_bytes

_MOST_OF_ROUTES = 16_000_000
"""Bytes of the kernel's table that are read."""
POOL = IPv4Network("198.18.0.0/15")
"""The range of RFC 2544 for testing equipment: never routed on the Internet."""


def host_routes(table: Path = Path("/proc/net/route")) -> list[IPv4Network]:
    """Return the networks this machine routes, without the default route; empty if they cannot be read."""
    try:
        lines = read_bytes(table, _MOST_OF_ROUTES).decode("ascii", "replace").splitlines()[1:]
    except UserError:
        return []
    networks = []
    for line in lines:
        fields = line.split()
        destination, mask = (int.from_bytes(bytes.fromhex(fields[k]), "little") for k in (1, 7))
        if mask:
            networks.append(IPv4Network((destination, mask.bit_count())))
    return networks


def free_subnets(taken: Iterable[IPv4Network], count: int, skip: int = 0) -> list[str]:
    """Return `count` consecutive free /24 networks of the pool, leaving out the first `skip` candidates.

    Raises:
        EngineError: none is left.
    """
    used = list(taken)
    run: list[IPv4Network] = []
    for candidate in itertools.islice(POOL.subnets(new_prefix=24), skip, None):
        run = [] if any(candidate.overlaps(other) for other in used) else [*run, candidate]
        if len(run) == count:
            return [str(network) for network in run]
    raise EngineError(
        f"there are no {count} free subnets in {POOL}",
        "`hatlab down --all` removes the leftovers of old labs",
    )


def pool_index(network: IPv4Network) -> int:
    """Return the number of a /24 in the pool, from 0."""
    return (int(network.network_address) - int(POOL.network_address)) >> 8
