"""Asks the manager of a Docker Swarm: has it room for seats, and what of a class does it still hold."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hatlab.classroom import keys
from hatlab.classroom.course import Course
from hatlab.engine.docker.connection import connect, plain_errors
from hatlab.errors import EngineUnavailable, UserError

if TYPE_CHECKING:
    from docker import DockerClient

CLASS_LABEL = "hatlab.class"
"""On each seat's service: which class it is of."""
_OVER = frozenset({"complete", "shutdown", "failed", "rejected", "orphaned", "remove"})
_LOOK_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class Room:
    """How many seats a machine has room for, if it has nothing else to do."""

    machine: str
    seats: int


def is_over(task: dict[str, Any]) -> bool:
    """True if a task has ended, or is meant to: a machine that is gone never says that it has."""
    return task["Status"]["State"] in _OVER or task["DesiredState"] in _OVER


def node_address(node: dict[str, Any]) -> str:
    """Return the address of a machine; a manager may know its own only by its role."""
    address = str(node["Status"].get("Addr") or "0.0.0.0")
    if address in {"0.0.0.0", "127.0.0.1"} and (manager := node.get("ManagerStatus")):
        address = str(manager["Addr"]).rpartition(":")[0].strip("[]")
    return address


def check_swarm(course: Course) -> list[Room]:
    """Return how many seats each machine has room for.

    Raises:
        UserError: this machine's engine is no manager, no machine may hold seats, or none is large enough.
        EngineError: the engine does not answer.
    """
    machines = course.config.machines
    with closing(_connect_to_manager()) as client, plain_errors("cannot ask the swarm"):
        api: Any = client.api
        if not client.info()["Swarm"].get("ControlAvailable"):
            raise UserError(
                "the Docker engine of this machine is no manager of a swarm",
                "make it one: docker swarm init; `hatlab help class.md` goes on from there",
            )
        nodes = [node for node in api.nodes() if _may_hold_seats(node, machines.label)]
        if "/" not in machines.image_name and not api.images(machines.image_name):
            raise UserError(
                f"there is no image {machines.image_name} on this machine",
                f"build it: hatlab class image {course.folder}",
            )
        if not nodes:
            with_label = f" with the label {machines.label}" if machines.label else ""
            raise UserError(
                f"the swarm has no machine{with_label} that takes seats",
                "docker node ls shows them; docker node update --label-add LABEL HOST sets a label",
            )
    memory = machines.reserved_memory(course.config.seats.engine) * 1_000_000
    rooms = [
        Room(node["Description"]["Hostname"], _room(node, memory, machines.processors)) for node in nodes
    ]
    if not any(room.seats for room in rooms):
        raise UserError(
            f"no machine is large enough for a seat, which reserves {memory // 1_000_000} MB and "
            f"{machines.processors:g} processors",
            f"change `memory` or `processors` in {course.config_file}, or add a machine",
        )
    return rooms


def _connect_to_manager() -> DockerClient:
    try:
        return connect()
    except EngineUnavailable as error:
        raise EngineUnavailable(
            error.message,
            "the class's seats are on a swarm: this must be an engine that manages it (DOCKER_HOST)",
        ) from None


def _may_hold_seats(node: dict[str, Any], label: str) -> bool:
    name, _, value = label.partition("=")
    labels = node["Spec"].get("Labels") or {}
    is_there = node["Status"]["State"] == "ready" and node["Spec"]["Availability"] == "active"
    return is_there and (not label or labels.get(name) == value)


def _room(node: dict[str, Any], memory: int, processors: float) -> int:
    has = node["Description"]["Resources"]
    by_memory = int(has["MemoryBytes"] // memory)
    return min(by_memory, int(has["NanoCPUs"] // (processors * 1e9))) if processors else by_memory


def end_services(course: Course, within: float) -> int:
    """Remove the seats of a class that the swarm has; return how many there were.

    Args:
        within: seconds in which they, with their labs, should be gone.

    Raises:
        EngineError: the engine does not answer.
    """
    label = f"{CLASS_LABEL}={keys.class_id(course.secret)}"
    with closing(_connect_to_manager()) as client, plain_errors("cannot end the seats of the swarm"):
        api: Any = client.api
        services = [str(service["ID"]) for service in api.services(filters={"label": label})]
        for service in services:
            api.remove_service(service)
        _wait_for_end(api, services, within)
    return len(services)


def _wait_for_end(api: Any, services: Iterable[str], within: float) -> None:
    """Wait for the ends of services on machines that are there; one that is gone never tells."""
    until, left = time.monotonic() + within, set(services)
    machines = {node["ID"] for node in api.nodes() if node["Status"]["State"] == "ready"}
    while left and time.monotonic() < until:
        left &= {
            str(task["ServiceID"])
            for task in api.tasks()
            if task["Status"]["State"] in {"running", "starting"} and task.get("NodeID") in machines
        }
        time.sleep(_LOOK_EVERY)
