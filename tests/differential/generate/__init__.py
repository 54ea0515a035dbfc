"""Makes a random case from a seed: `case_of` always returns the same case for the same seed.

dice      chance, with the odds beside what they decide
cluster   what the nodes have in common: virtual routers and how they are reached
globals   global_defs of a node
instance  a vrrp_instance of a node
tracking  what an instance or group depends on, and the files that say so
groups    vrrp_sync_group
script    what is done to the nodes, and when
"""

from __future__ import annotations

from dataclasses import replace

from tests.differential.case import Case
from tests.differential.generate.cluster import Cluster, random_cluster
from tests.differential.generate.dice import Dice
from tests.differential.generate.globals import global_defs
from tests.differential.generate.groups import sync_groups
from tests.differential.generate.instance import instance
from tests.differential.generate.script import random_steps
from tests.differential.generate.tracking import Tracking, random_tracking

LENGTH = 20.0
"""Seconds of every case."""


def case_of(seed: int) -> Case:
    """Return the case of a seed."""
    dice = Dice(seed)
    cluster = random_cluster(dice)
    tracking = random_tracking(dice, cluster)
    case = Case(
        confs={node: _conf(dice, cluster, tracking, node) for node in cluster.nodes},
        steps=(),
        length=LENGTH,
        files=tracking.files,
    )
    return replace(case, steps=random_steps(dice, cluster, tracking, case))


def _conf(dice: Dice, cluster: Cluster, tracking: Tracking, node: str) -> str:
    blocks = [
        *global_defs(dice, cluster),
        *tracking.definitions,
        *(line for router in cluster.routers for line in instance(dice, cluster, tracking, router, node)),
        *sync_groups(dice, cluster, tracking),
    ]
    return "".join(line + "\n" for line in blocks)
