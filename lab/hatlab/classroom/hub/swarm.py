"""Seats as services of a Docker Swarm: configures dockerspawner's SwarmSpawner.

A seat is a service of one task, which Swarm places by what it reserves. It has no network of the swarm: its
port is one of its machine's, as overlay networks need more of a kernel (ip_vs) than a seat does. Swarm
restarts nothing: the hub does, so its proxy always knows where a seat is.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

from docker.errors import APIError, DockerException
from docker.types import DriverConfig, Mount
from dockerspawner import SwarmSpawner
from requests import ReadTimeout, RequestException

from hatlab.classroom import keys
from hatlab.classroom.course import Course
from hatlab.classroom.hub.refusal import FULL, NOT_REACHED, SeatNotStartedError
from hatlab.classroom.hub.remote import (
    ENDS_WITHIN,
    HOME,
    MOST_PROCESSES,
    MOST_TEMPORARY,
    RemoteSeat,
    memory_limit,
    seat_user,
)
from hatlab.classroom.machines import nfs_export
from hatlab.classroom.seat_image import PORT
from hatlab.classroom.swarm import CLASS_LABEL, is_over, node_address

_ROOM_WITHIN = 5.0
"""Seconds for which Swarm may say that no machine has room: a seat that just ends may make some."""
_LOOK_EVERY = 0.2
_ENGINE_SOCKET = "/var/run/docker.sock"
_MANAGER_ANSWERS_WITHIN = 15
"""Seconds; every seat's request waits for the one before it."""
_NOT_ASKED_FOR = 10.0
"""Seconds for which a manager that was silent is not asked again: whoever waits in line is told at once."""


class ManagerNotReachedError(SeatNotStartedError):
    """The engine that manages the swarm does not answer, or has lost the other managers."""


class SwarmSeat(RemoteSeat, SwarmSpawner):  # type: ignore[misc]
    """A seat is a service."""

    @property
    def mounts(self) -> list[Mount]:
        """The student's folder, one for temporary files, and the machine's engine if the class has it."""
        machines = self.course.config.machines
        mounts = [
            _home_mount(machines.storage, self.user.name, self.object_name),
            Mount("/tmp", None, type="tmpfs", tmpfs_size=MOST_TEMPORARY, tmpfs_mode=0o1777),
        ]
        if machines.socket:
            mounts.append(Mount(_ENGINE_SOCKET, machines.socket, type="bind"))
        return mounts

    async def get_command(self) -> list[str]:
        """Return nothing: the image's entry point is a seat's server."""
        return []

    _silent_at = -_NOT_ASKED_FOR
    """When the manager did not answer last."""

    def _docker(self, method: str, *args: Any, **options: Any) -> Any:
        """Ask the manager, in the thread of all requests."""
        if time.monotonic() - SwarmSeat._silent_at < _NOT_ASKED_FOR:
            raise ReadTimeout("it did not answer a moment ago")
        try:
            return super()._docker(method, *args, **options)
        except ReadTimeout:
            SwarmSeat._silent_at = time.monotonic()
            raise

    async def docker(self, method: str, *args: Any, **options: Any) -> Any:
        """Ask the manager of the swarm.

        Raises:
            APIError: it refuses.
            ManagerNotReachedError: it does not answer, or cannot.
        """
        try:
            return await super().docker(method, *args, **options)
        except APIError as error:
            if error.response is None or error.response.status_code < 500:
                raise
            problem = str(error.explanation or error)
        except (DockerException, RequestException) as error:
            problem = str(error)
        raise ManagerNotReachedError(f"the swarm cannot be asked: {problem}", NOT_REACHED)

    async def start(self) -> tuple[str, int]:
        """Let Swarm place the seat; return where it is."""
        self.make_home()
        address: tuple[str, int] = await super().start()
        return address

    async def start_object(self) -> None:
        """Wait until the seat runs somewhere.

        Raises:
            SeatNotStartedError: it does not; no machine has room, or one refused it.
        """
        full_since = 0.0
        while True:
            task = await self._task()
            status: dict[str, Any] = task["Status"] if task else {"State": "removed"}
            error = status.get("Err", "")
            if status["State"] == "running":
                return
            if task is None or is_over(task):
                raise SeatNotStartedError(f"the service {self.object_name} is {status['State']}: {error}")
            if "no suitable node" not in error:
                full_since = 0.0
            elif not full_since:
                full_since = time.monotonic()
            elif time.monotonic() - full_since > _ROOM_WITHIN:
                raise SeatNotStartedError(error, FULL if "insufficient resources" in error else None)
            await asyncio.sleep(_LOOK_EVERY)

    async def get_ip_and_port(self) -> tuple[str, int]:
        """Return the address of the machine that has the seat, and the port there."""
        until = time.monotonic() + self.http_timeout
        while (task := await self._task()) is not None and time.monotonic() < until:
            if ports := (task["Status"].get("PortStatus") or {}).get("Ports"):
                node = await self.docker("inspect_node", task["NodeID"])
                return node_address(node), ports[0]["PublishedPort"]
            await asyncio.sleep(_LOOK_EVERY)
        raise SeatNotStartedError(f"the service {self.object_name} has no port on its machine")

    async def poll(self) -> int | None:
        """Return None while the seat runs, or is about to; what is left of one that has ended is removed.

        A swarm that cannot be asked has ended nothing.
        """
        try:
            task = await self._task()
        except ManagerNotReachedError as error:
            self.log.warning("class: %s", error)
            return None
        if task is not None and not is_over(task):
            return None
        if self.object_id:
            await self.remove_object()
        return int((task or {}).get("Status", {}).get("ContainerStatus", {}).get("ExitCode") or 0)

    async def remove_object(self) -> None:
        with suppress(APIError, ManagerNotReachedError):
            await super().remove_object()

    async def _task(self) -> dict[str, Any] | None:
        """The newest task of the service, None if there is none."""
        if await self.get_object() is None:
            return None
        tasks = await self.docker("tasks", filters={"service": self.object_name})
        return max(tasks, key=lambda task: str(task["CreatedAt"]), default=None)


def _home_mount(storage: str, name: str, volume: str) -> Mount:
    """Return the mount of a student's folder.

    Args:
        storage: where each machine finds the students' folders.
        name: the student's.
        volume: what the volume is called, if there is one.
    """
    if (export := nfs_export(storage)) is None:
        return Mount(HOME, f"{storage}/{name}", type="bind")
    host, path = export
    options = {"type": "nfs", "o": f"addr={host},nfsvers=4,rw", "device": f":{path}/{name}"}
    return Mount(HOME, volume, type="volume", no_copy=True, driver_config=DriverConfig("local", options))


def configure_swarm(c: Any, course: Course) -> None:
    """Set what makes a seat a service.

    Args:
        c: traitlets' configuration object.
        course: the class.
    """
    machines, seat = course.config.machines, c.SwarmSeat
    memory = machines.reserved_memory(course.config.seats.engine) * 1_000_000
    user, group = seat_user()
    groups = [] if machines.socket_group is None else [str(machines.socket_group)]
    seat.image = machines.image_name
    seat.prefix = f"hatlab-{keys.class_id(course.secret)}"
    seat.port = PORT
    seat.client_kwargs = {"timeout": _MANAGER_ANSWERS_WITHIN}
    seat.extra_create_kwargs = {"labels": {CLASS_LABEL: keys.class_id(course.secret)}}
    seat.extra_container_spec = {
        "user": f"{user}:{group}",
        "groups": groups,
        "read_only": True,
        "cap_drop": ["ALL"],
        "privileges": {"NoNewPrivileges": True},  # since Docker 25; the image's entry point does it before
        "stop_grace_period": ENDS_WITHIN * 1_000_000_000,
    }
    seat.extra_task_spec = {
        "restart_policy": {"Condition": "none"},
        "resources": {
            "Limits": {"MemoryBytes": memory_limit(course), "Pids": MOST_PROCESSES},
            "Reservations": {"MemoryBytes": memory, "NanoCPUs": int(machines.processors * 1e9)},
        },
    }
    seat.extra_placement_spec = {
        "constraints": [f"node.labels.{machines.label.replace('=', '==', 1)}"] if machines.label else None
    }
    seat.extra_endpoint_spec = {
        "ports": [{"Protocol": "tcp", "TargetPort": PORT, "PublishMode": "host"}],
        "mode": "dnsrr",
    }
