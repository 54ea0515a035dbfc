"""Two-node labs with changes to their virtual routers."""

from __future__ import annotations

from typing import Any

from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.support.simulated_lab import SimLab

TWO_NODE = load_topology("two-node")


def lab_with(
    members: dict[str, dict[str, Any]] | None = None, check: dict[str, int] | None = None, **instance: Any
) -> SimLab:
    """A two-node lab with changes to VI_1, its members and its check."""
    data = TWO_NODE.model_dump(mode="json")
    part = data["instances"]["VI_1"]
    part.update(instance)
    for node, changes in (members or {}).items():
        part["members"][node].update(changes)
    data["checks"]["mysql"].update(check or {})
    return SimLab(Topology.model_validate(data))


SECOND = {"network": "lan", "vrid": 52, "members": {"db1": 150, "db2": 100}, "addresses": {"lan": [101]}}


def grouped_lab(**second: Any) -> SimLab:
    """VI_1 with its check and VI_2 without one, in a sync group."""
    data = TWO_NODE.model_dump(mode="json")
    data["instances"]["VI_2"] = SECOND | second
    data["sync_groups"] = {"VG_1": ["VI_1", "VI_2"]}
    return SimLab(Topology.model_validate(data))
