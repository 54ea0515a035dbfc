"""Runs of labs as an operator's files tell of them: some nodes are brought, others are only heard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hatlab import events as e
from hatlab.actions.timed_script import read_script
from hatlab.incident.brought import find_files
from hatlab.incident.recording import import_incident
from hatlab.incident.reproduce.search import Reproduction, Search
from hatlab.incident.reproduce.seen import Seen
from hatlab.incident.reproduce.trial import play
from hatlab.incident.sources import find_zone
from hatlab.topology import Layout, Topology
from hatlab.topology.library import load_topology
from tests.incident.field_files import write_files

BROUGHT = ("db1", "db2")


def with_stranger(priority: int) -> Topology:
    """The pair on one network, and a node of somebody else's there, whose VRID is 200."""
    data: dict[str, Any] = load_topology("one-network").model_dump(mode="json", exclude_defaults=True)
    data["nodes"]["x"] = {"octet": 77, "service": "router"}
    spec = {"network": "lan", "vrid": 200, "members": {"x": priority}, "addresses": {"lan": [150]}}
    data["instances"]["X"] = spec
    return Topology.model_validate({"version": 1, **data, "clients": {}})


def run(folder: Path, topology: Topology, script: str, length: float) -> tuple[e.Event, ...]:
    """Play a script on the simulator and return what was seen."""
    file = folder / "script.txt"
    file.write_text(script)
    trial = play("lab", topology, read_script(file, Layout.numbered("lab", topology)), length)
    assert not trial.failures
    return trial.events


def bring(
    events: Sequence[e.Event], folder: Path, logs: Sequence[str] = BROUGHT, captures: Sequence[str] = BROUGHT
) -> Reproduction:
    """Write what the nodes left, import it, and reproduce it."""
    words = write_files(events, folder / "brought", logs=logs, captures=captures, precise=True)
    imported = import_incident(find_files(words), zone=find_zone("UTC"))
    return Search(Seen(list(imported.events))).run()


def faults(found: Reproduction) -> list[str]:
    return [fault.words for fault in found.best.faults]
