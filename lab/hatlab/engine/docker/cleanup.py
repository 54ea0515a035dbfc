"""Finds labs on a Docker engine and removes them, above all what ended labs left behind."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker.labels import LAB, TOPOLOGY
from hatlab.engine.docker.networks import remove_networks
from hatlab.engine.docker.parallel import in_parallel

if TYPE_CHECKING:
    from docker import DockerClient

REMOVALS_AT_ONCE = 2
"""Containers removed together. If many of one network are, Docker 20.10 sometimes miscounts the network's
endpoints, and it "has active endpoints" until Docker is restarted. More are not quicker."""
ABANDONED_AFTER = 300.0
"""Seconds after which a lab that has not started any container counts as abandoned."""


@dataclass(frozen=True, slots=True)
class LabRemains:
    """The containers and networks of one lab on an engine."""

    lab: str
    """The lab's id."""
    topology: str
    containers: tuple[str, ...]
    """Names."""
    networks: tuple[str, ...]
    """Names."""
    running: bool
    """True if any of its containers runs."""

    def __str__(self) -> str:
        state = "running" if self.running else "ended"
        return f"{self.lab} ({state}): {', '.join((*self.containers, *self.networks))}"


def find_labs(client: DockerClient) -> list[LabRemains]:
    """Return every lab that has a container or a network on this engine, running labs included."""
    containers = client.api.containers(all=True, filters={"label": LAB})
    networks = client.api.networks(filters={"label": LAB})
    labs: dict[str, str] = {}
    for labels in (item["Labels"] for item in (*containers, *networks)):
        labs[labels[LAB]] = labels.get(TOPOLOGY, "")
    return [
        LabRemains(
            lab,
            topology,
            tuple(c["Names"][0].lstrip("/") for c in containers if c["Labels"][LAB] == lab),
            tuple(n["Name"] for n in networks if n["Labels"][LAB] == lab),
            any(c["State"] in ("running", "paused") for c in containers if c["Labels"][LAB] == lab),
        )
        for lab, topology in sorted(labs.items())
    ]


def remove_lab(client: DockerClient, lab: str) -> list[str]:
    """Remove a lab's containers and networks, and return their names."""
    from docker.errors import APIError, NotFound

    label = {"label": f"{LAB}={lab}"}
    containers = client.api.containers(all=True, filters=label)

    def remove(container: dict[str, Any]) -> None:
        try:
            client.api.remove_container(container["Id"], force=True, v=True)
        except NotFound:
            pass
        except APIError as error:
            if "in progress" not in str(error) and "is not running" not in str(error):
                raise

    in_parallel(remove, containers, at_once=REMOVALS_AT_ONCE)
    networks = [n["Name"] for n in client.api.networks(filters=label)]
    remove_networks(client, lab)
    return [*(c["Names"][0].lstrip("/") for c in containers), *networks]


def remove_ended_labs(client: DockerClient) -> None:
    """Remove what ended labs left. Never fails, and never touches a lab that runs or is being made."""
    with contextlib.suppress(Exception):
        for remains in find_labs(client):
            if not remains.running and not _may_be_starting(client, remains.lab):
                remove_lab(client, remains.lab)


def _may_be_starting(client: DockerClient, lab: str) -> bool:
    """True if no container of a lab has ended and some part of it is new."""
    label = {"label": f"{LAB}={lab}"}
    containers = client.api.containers(all=True, filters=label)
    if any(c["State"] == "exited" for c in containers):
        return False
    created = [float(c["Created"]) for c in containers]
    created += [_parse_time(n["Created"]) for n in client.api.networks(filters=label)]
    return any(time.time() - moment < ABANDONED_AFTER for moment in created)


def _parse_time(stamp: str) -> float:
    """Read an RFC 3339 time with nanoseconds, as Docker writes it; return seconds since the epoch."""
    return datetime.fromisoformat(stamp[:19] + "+00:00").timestamp() if stamp.endswith("Z") else 0.0
