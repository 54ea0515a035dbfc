"""What labs left behind on a Docker engine: find it, name it, remove it."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker.build import LAB, NODE, TOPOLOGY, in_parallel, remove_networks

if TYPE_CHECKING:
    from docker import DockerClient

REMOVALS = 2
"""Containers removed at once. When many of one network go together, Docker 20.10 at times miscounts its
endpoints, and it "has active endpoints" until Docker is restarted. More at once is not quicker."""
MAKING = 300.0
"""Seconds after which a lab that has not started any container is taken for abandoned."""


@dataclass(frozen=True, slots=True)
class Remains:
    """One lab as the engine sees it. `running` if any of its containers does."""

    lab: str
    topology: str
    containers: tuple[str, ...]
    networks: tuple[str, ...]
    running: bool

    def __str__(self) -> str:
        state = "running" if self.running else "ended"
        return f"{self.lab} ({state}): {', '.join((*self.containers, *self.networks))}"


def leftovers(client: DockerClient) -> list[Remains]:
    """Every lab that has a container or a network on this engine, running ones included."""
    containers = client.api.containers(all=True, filters={"label": LAB})
    networks = client.api.networks(filters={"label": LAB})
    labs: dict[str, str] = {}
    for each in (*containers, *networks):
        labs[each["Labels"][LAB]] = each["Labels"].get(TOPOLOGY, "")
    return [
        Remains(
            lab,
            topology,
            tuple(c["Names"][0].lstrip("/") for c in containers if c["Labels"][LAB] == lab),
            tuple(n["Name"] for n in networks if n["Labels"][LAB] == lab),
            any(c["State"] in ("running", "paused") for c in containers if c["Labels"][LAB] == lab),
        )
        for lab, topology in sorted(labs.items())
    ]


def remove(client: DockerClient, lab: str | None = None) -> list[str]:
    """Removes one lab, or all, and returns the names of what was removed."""
    wanted = [lab] if lab else [found.lab for found in leftovers(client)]
    removed: list[str] = []
    for each in wanted:
        removed += _remove_one(client, each)
    return removed


def _remove_one(client: DockerClient, lab: str) -> list[str]:
    from docker.errors import APIError, NotFound

    label = {"label": f"{LAB}={lab}"}
    containers = client.api.containers(all=True, filters=label)

    def end(container: dict[str, Any]) -> None:
        try:
            client.api.remove_container(container["Id"], force=True, v=True)
        except NotFound:
            pass
        except APIError as error:
            if "in progress" not in str(error) and "is not running" not in str(error):
                raise

    in_parallel(end, containers, at_once=REMOVALS)
    networks = [n["Name"] for n in client.api.networks(filters=label)]
    remove_networks(client, lab)
    return [*(c["Names"][0].lstrip("/") for c in containers), *networks]


def sweep(client: DockerClient) -> None:
    """Removes what ended labs left. Never fails, and never touches a lab that runs or is being made."""
    with contextlib.suppress(Exception):
        for found in leftovers(client):
            if not found.running and not _young(client, found.lab):
                remove(client, found.lab)


def _young(client: DockerClient, lab: str) -> bool:
    """Whether a lab may still be being made: nothing of it has ended, and some of it is new."""
    label = {"label": f"{LAB}={lab}"}
    containers = client.api.containers(all=True, filters=label)
    if any(c["State"] == "exited" for c in containers):
        return False
    made = [float(c["Created"]) for c in containers]
    made += [_seconds(n["Created"]) for n in client.api.networks(filters=label)]
    return any(time.time() - each < MAKING for each in made)


def _seconds(stamp: str) -> float:
    """An RFC 3339 time with nanoseconds, as Docker writes it, in seconds since the epoch."""
    return datetime.fromisoformat(stamp[:19] + "+00:00").timestamp() if stamp.endswith("Z") else 0.0


__all__ = ["LAB", "NODE", "Remains", "leftovers", "remove", "sweep"]
