"""A vrrp_instance of a node: its part in a virtual router, sometimes at odds with the others."""

from __future__ import annotations

from collections.abc import Iterator

from tests.differential.case import FIRST_OCTET, subnet
from tests.differential.generate.cluster import Cluster, VirtualRouter
from tests.differential.generate.dice import Dice, block
from tests.differential.generate.tracking import Tracking

ODDS = {
    "nopreempt": 12,
    "preempt_delay {2|3|6}": 8,
    "strict_mode {on|off}": 3,
    "accept": 4,
    "no_accept": 4,
    "lower_prio_no_advert": 4,
    "lower_prio_no_advert {true|false}": 2,
    "higher_prio_send_advert {true|false}": 4,
    "down_timer_adverts {2|4|5}": 6,
    "skip_check_adv_addr": 4,
    "skip_check_adv_addr {on|off}": 2,
    "check_unicast_src": 3,
    "owner_ignore_adverts": 2,
    "garp_master_delay {0|1|3}": 6,
    "garp_master_repeat {1|3}": 6,
    "garp_master_refresh {2|4}": 5,
    "garp_master_refresh_repeat {2|3}": 3,
    "garp_lower_prio_delay {0|1|2}": 4,
    "garp_lower_prio_repeat {0|2}": 4,
    "dont_track_primary": 6,
    "promote_secondaries": 3,
    "unicast_ttl {64|255}": 3,
    "mcast_dst_ip {224.0.0.50|224.0.0.18}": 2,
    "notify_priority_changes {true|false}": 3,
    "track_src_ip": 2,
    "debug {0|4}": 1,
    'notify_master "/usr/bin/true"': 3,
    'notify "/usr/bin/true"': 3,
    "unicast_fault_no_peer": 1,
    "use_vmac": 2,
    "preempt": 1,
    "native_ipv6": 1,
    "v3_checksum_as_v2 true": 1,
}
"""Line → in how many of a hundred instances it stands."""


def instance(dice: Dice, cluster: Cluster, tracking: Tracking, router: VirtualRouter, node: str) -> list[str]:
    """Return the block of one virtual router on one node."""
    lines = [*_identity(dice, cluster, router, node)]
    lines += _peers(dice, cluster, router, node)
    lines += _authentication(dice, router)
    lines += dice.lines(ODDS)
    lines += tracking.used_by_instance(dice, router)
    addresses = [line for line in router.addresses if not dice.chance(3)] or list(router.addresses)
    lines += block("virtual_ipaddress", addresses)
    if router.excluded:
        lines += block("virtual_ipaddress_excluded", router.excluded)
    return block(f"vrrp_instance {router.name}", lines)


def _identity(dice: Dice, cluster: Cluster, router: VirtualRouter, node: str) -> Iterator[str]:
    highest = router.priorities[node] == max(router.priorities[n] for n in cluster.nodes)
    yield from dice.lines({"state BACKUP": 60, "state MASTER": 60 if highest else 10, "state master": 1})
    yield f"interface {router.device}"
    yield f"virtual_router_id {router.vrid + (5 if dice.chance(2) else 0)}"
    if not dice.chance(3):
        yield f"priority {router.priorities[node] if not dice.chance(1) else dice.pick(0, 300)}"
    interval = dice.pick("1", "2") if dice.chance(4) else router.interval
    if interval != "1" or dice.chance(50):
        yield f"advert_int {interval}"
    version = 5 - router.version if dice.chance(2) else router.version
    if version != cluster.version or dice.chance(10):
        yield f"version {version}"


def _peers(dice: Dice, cluster: Cluster, router: VirtualRouter, node: str) -> Iterator[str]:
    net = subnet(router.device, ipv6=router.ipv6)
    addresses = {name: f"{net}{octet}" for octet, name in enumerate(cluster.nodes, FIRST_OCTET)}
    if router.unicast and not dice.chance(5):
        if dice.chance(60):
            yield f"unicast_src_ip {addresses[node]}"
        peers = [address for name, address in addresses.items() if name != node and not dice.chance(4)]
        yield from block("unicast_peer", peers or [addresses[next(n for n in addresses if n != node)]])
    elif dice.chance(5):
        yield f"mcast_src_ip {addresses[node]}"


def _authentication(dice: Dice, router: VirtualRouter) -> list[str]:
    if not router.authentication or dice.chance(4):
        return []
    password = dice.weighted({"1111": 90, "2222": 6, "longer-than-8": 4})
    return block("authentication", [f"auth_type {router.authentication}", f"auth_pass {password}"])
