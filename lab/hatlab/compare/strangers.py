"""Nodes that an incident does not have: what played a stranger there is no part of the comparison.

What a stranger sent was captured as that of an address; without its node the run says no more of it, either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from hatlab import events as e
from hatlab.compare.course import Course
from hatlab.compare.pairing import pair


def find_strangers(incident: Course, run: Course) -> frozenset[str]:
    """Return the nodes of a run that stand for none of an incident's; none, if it is no incident."""
    if not incident.is_imported or run.layout is None:
        return frozenset()
    return frozenset(run.layout.server_names) - pair(incident, run).nodes.keys()


def without_nodes(events: Iterable[e.Event], names: Collection[str]) -> Iterator[e.Event]:
    """Yield a run's events as if these nodes were none of it."""
    for event in events:
        if isinstance(event, e.Lab):
            yield replace(event, topology=_without(event.topology, names))
        elif getattr(event, "node", "") not in names:
            yield event


def _without(topology: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    nodes = {name: node for name, node in topology["nodes"].items() if name not in names}
    instances = {}
    for name, spec in topology["instances"].items():
        members = {node: member for node, member in spec["members"].items() if node not in names}
        if members:
            instances[name] = {**spec, "members": members}
    clients = {
        name: spec for name, spec in topology.get("clients", {}).items() if spec["target"] in instances
    }
    return {**topology, "nodes": nodes, "instances": instances, "clients": clients}
