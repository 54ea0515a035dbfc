"""vrrp_sync_group of a node."""

from __future__ import annotations

from tests.differential.generate.cluster import Cluster
from tests.differential.generate.dice import Dice, block
from tests.differential.generate.tracking import Tracking

ODDS = {
    "sync_group_tracking_weight": 10,
    "global_tracking": 5,
    'notify_master "/usr/bin/true"': 5,
    "notify_priority_changes true": 3,
}
"""Line → in how many of a hundred groups it stands."""


def sync_groups(dice: Dice, cluster: Cluster, tracking: Tracking) -> list[str]:
    """Return the blocks: a group of all instances, often."""
    if len(cluster.routers) < 2 or not dice.chance(50):
        return []
    members = block("group", [router.name for router in cluster.routers])
    return block("vrrp_sync_group VG_1", [*members, *dice.lines(ODDS), *tracking.used_by_group(dice)])
