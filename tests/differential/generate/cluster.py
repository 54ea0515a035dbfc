"""What the nodes of a case have in common: virtual routers and how they are reached."""

from __future__ import annotations

from dataclasses import dataclass

from tests.differential.case import DEVICES, subnet
from tests.differential.generate.dice import Dice

FIRST_VIP = 100


@dataclass(frozen=True, slots=True)
class VirtualRouter:
    """One virtual router, as most of its nodes have it."""

    name: str
    device: str
    vrid: int
    version: int
    interval: str
    addresses: tuple[str, ...]
    """Lines of virtual_ipaddress."""
    excluded: tuple[str, ...]
    """Lines of virtual_ipaddress_excluded."""
    priorities: dict[str, int]
    unicast: bool
    ipv6: bool
    authentication: str
    """`PASS`, `AH` or empty."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """All of a case's nodes and virtual routers."""

    nodes: tuple[str, ...]
    routers: tuple[VirtualRouter, ...]
    version: int
    """`vrrp_version` of global_defs."""
    group: str
    """`vrrp_mcast_group4` of all; empty for the usual one."""


def random_cluster(dice: Dice) -> Cluster:
    """Return two to four nodes with one to three virtual routers."""
    nodes = tuple(f"db{number}" for number in range(1, dice.weighted({3: 65, 4: 25, 5: 10})))
    version = dice.weighted({2: 60, 3: 40})
    count = dice.weighted({1: 55, 2: 33, 3: 12})
    routers = tuple(_router(dice, nodes, version, number) for number in range(count))
    return Cluster(nodes, routers, version, dice.weighted({"": 95, "224.0.0.77": 5}))


def _router(dice: Dice, nodes: tuple[str, ...], usual_version: int, number: int) -> VirtualRouter:
    version = usual_version if dice.chance(90) else 5 - usual_version
    ipv6 = version == 3 and dice.chance(20)
    device = dice.weighted({"eth0": 85, "eth1": 15})
    priorities = [200, 180, 150, 120, 100, 90, 60, 50, 40, 2]
    chosen = dict(zip(nodes, dice.some(priorities, 10) + priorities, strict=False))
    if dice.chance(8):
        chosen[dice.pick(*nodes)] = dice.pick(1, 254, 255, 255)
    if dice.chance(6):
        chosen = dict.fromkeys(nodes, 100)
    whole_seconds, hundredths = {"1": 77, "2": 15, "3": 4, "1.5": 4}, {"1": 60, "0.5": 20, "0.3": 5, "2": 15}
    first = FIRST_VIP + 20 * number
    return VirtualRouter(
        name=f"VI_{number + 1}",
        device=device,
        vrid=51 + number,
        version=version,
        interval=dice.weighted(whole_seconds if version == 2 else hundredths),
        addresses=_addresses(dice, device, ipv6, first, dice.weighted({1: 70, 2: 20, 3: 10})),
        excluded=_addresses(dice, device, ipv6, first + 10, dice.weighted({0: 85, 1: 12, 2: 3})),
        priorities=chosen,
        unicast=dice.chance(25),
        ipv6=ipv6,
        authentication=dice.weighted({"": 70, "PASS": 27, "AH": 3}) if version == 2 else "",
    )


def _addresses(dice: Dice, device: str, ipv6: bool, first: int, count: int) -> tuple[str, ...]:
    lines = []
    for octet in range(first, first + count):
        other = dice.chance(10)
        network = next(d for d in DEVICES if d != device) if other else device
        prefix = dice.weighted({"/64" if ipv6 else "/24": 70, "": 20, "/128" if ipv6 else "/32": 10})
        where = f" dev {network}" if other or dice.chance(20) else ""
        if dice.chance(2):
            where = " dev lo"
        no_track = " no_track" if where and dice.chance(10) else ""
        lines.append(f"{subnet(network, ipv6=ipv6)}{octet}{prefix}{where}{no_track}")
    return tuple(lines)
