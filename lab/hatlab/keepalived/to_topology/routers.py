"""Finds the virtual routers of several configurations: which vrrp_instances of the nodes are the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hatlab.keepalived.diagnose.conf import Configuration, Member
from hatlab.keepalived.settings import InstanceSettings
from hatlab.keepalived.to_topology.names import free_name

_ENOUGH = 2
"""Of name, VRID and addresses so many must be the same; of the only ones of a pair one is enough."""


@dataclass
class Router:
    """A virtual router: the same instance on each of its nodes, whatever is different in it by mistake."""

    name: str
    """In the topology."""
    members: dict[str, Member] = field(default_factory=dict)
    """Node → its instance."""

    @property
    def family(self) -> int:
        """4 or 6."""
        return next(iter(self.members.values()))[1].family

    def settings(self, node: str) -> InstanceSettings:
        return self.members[node][1]


def find_routers(nodes: Mapping[str, Configuration]) -> list[Router]:
    """Group the instances of all nodes, those of the first node first."""
    routers: list[Router] = []
    of_nodes = {node: _instances(conf) for node, conf in nodes.items()}
    is_simple = len(nodes) == 2 and all(len(instances) == 1 for instances in of_nodes.values())
    for node, instances in of_nodes.items():
        for member in instances:
            settings = member[1]
            candidates = [
                (agreement, router)
                for router in routers
                if node not in router.members and router.family == settings.family
                if (agreement := _agreement(router, settings)) >= (1 if is_simple else _ENOUGH)
            ]
            if candidates:
                max(candidates, key=lambda candidate: candidate[0])[1].members[node] = member
            else:
                name = free_name(settings.instance, [router.name for router in routers], "VI")
                routers.append(Router(name, {node: member}))
    return routers


def _instances(conf: Configuration) -> list[Member]:
    """The instances of a node; of several with one name the last."""
    return list({member[1].instance: member for member in conf.members}.values())


def _agreement(router: Router, ours: InstanceSettings) -> int:
    """How many of name, VRID and addresses an instance has in common with the member most like it."""
    return max(
        (ours.instance == theirs.instance)
        + (ours.vrid == theirs.vrid)
        + bool({*ours.addresses} & {*theirs.addresses})
        for _, theirs in router.members.values()
    )
