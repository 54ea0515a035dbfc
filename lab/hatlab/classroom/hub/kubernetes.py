"""Seats as pods of a Kubernetes cluster: configures KubeSpawner.

A seat is a pod, which the cluster places by what it requests. If the class has Docker, an engine of its own
runs beside the seat in the same pod, as a cluster's machines have none: a lab stays in its pod. The class
itself runs in the cluster, too (compose/class/kubernetes.yaml), as pods are reached from there only.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from kubespawner import KubeSpawner

from hatlab.classroom import keys
from hatlab.classroom.course import Course
from hatlab.classroom.hub.refusal import FULL, SeatNotStartedError
from hatlab.classroom.hub.remote import ENDS_WITHIN, HOME, MOST_TEMPORARY, RemoteSeat, memory_limit, seat_user
from hatlab.classroom.machines import LAB_MEMORY, MachinesSection, nfs_export
from hatlab.classroom.seat_image import PORT

_ROOM_WITHIN = 60.0
"""Seconds for which the cluster may say that no machine has room: it may be adding one."""
_LOOK_EVERY = 2.0
_ENGINE_FOLDER = "/run/engine"
_NODE_IMAGE = ".node-image.tar"
"""The node image beside the students' folders, as `hatlab image save` writes it; no student is called so."""
_NO_RIGHTS = {
    "runAsNonRoot": True,
    "readOnlyRootFilesystem": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


class KubernetesSeat(RemoteSeat, KubeSpawner):  # type: ignore[misc]
    """A seat is a pod."""

    def get_env(self) -> dict[str, str]:
        """Return the environment of the seat's server."""
        env: dict[str, str] = super().get_env()
        if self.course.config.seats.engine == "docker":
            env["DOCKER_HOST"] = f"unix://{_ENGINE_FOLDER}/docker.sock"
        return env

    async def start(self) -> Any:
        """Let the cluster place the seat; return where it is.

        Raises:
            SeatNotStartedError: no machine has room.
        """
        self.make_home()
        starting = asyncio.ensure_future(super().start())
        full_since = 0.0
        try:
            while not (await asyncio.wait({starting}, timeout=_LOOK_EVERY))[0]:
                if not lacks_room(self.events):
                    full_since = 0.0
                elif not full_since:
                    full_since = time.monotonic()
                elif time.monotonic() - full_since > _ROOM_WITHIN:
                    raise SeatNotStartedError(f"no machine has room for the pod {self.pod_name}", FULL)
            return starting.result()
        finally:
            starting.cancel()


def lacks_room(events: list[dict[str, Any]]) -> bool:
    """True if the last that the cluster said of placing a pod is that machines lack something."""
    last = next((e for e in reversed(events) if e.get("reason") in {"FailedScheduling", "Scheduled"}), None)
    return last is not None and "Insufficient" in str(last.get("message"))


def configure_kubernetes(c: Any, course: Course) -> None:
    """Set what makes a seat a pod.

    Args:
        c: traitlets' configuration object.
        course: the class.
    """
    machines, seat = course.config.machines, c.KubernetesSeat
    has_engine = course.config.seats.engine == "docker"
    reserved = machines.reserved_memory(course.config.seats.engine)
    name, _, value = machines.label.partition("=")
    seat.image = machines.image_name
    seat.port = PORT
    seat.namespace = machines.namespace
    seat.pod_name_template = f"hatlab-{keys.class_id(course.secret)}-{{user_server}}"
    seat.extra_labels = {"hatlab.class": keys.class_id(course.secret)}
    seat.node_selector = {name: value} if name else {}
    seat.uid, seat.gid = seat_user()
    seat.container_security_context = _NO_RIGHTS
    seat.automount_service_account_token = False
    seat.extra_pod_config = {"restartPolicy": "Never", "enableServiceLinks": False}
    seat.delete_grace_period = ENDS_WITHIN
    seat.mem_guarantee = max(reserved - LAB_MEMORY * has_engine, 1) * 1_000_000
    seat.mem_limit = memory_limit(course)
    seat.cpu_guarantee = machines.processors
    seat.volumes = [
        {"name": "seats", **_volume(machines.storage)},
        {"name": "temporary", "emptyDir": {"sizeLimit": str(MOST_TEMPORARY)}},
    ]
    seat.volume_mounts = [
        {"name": "seats", "mountPath": HOME, "subPath": "{unescaped_username}"},
        {"name": "temporary", "mountPath": "/tmp"},
    ]
    if has_engine:
        seat.volumes += [{"name": "engine", "emptyDir": {}}, {"name": "engine-data", "emptyDir": {}}]
        seat.volume_mounts += [{"name": "engine", "mountPath": _ENGINE_FOLDER}]
        seat.extra_containers = [_engine(machines)]


def _volume(storage: str) -> dict[str, Any]:
    """Return the source of the volume that holds the students' folders."""
    if storage.startswith("claim:"):
        return {"persistentVolumeClaim": {"claimName": storage.removeprefix("claim:")}}
    if export := nfs_export(storage):
        host, path = export
        return {"nfs": {"server": host, "path": path}}
    return {"hostPath": {"path": storage, "type": "Directory"}}


def _engine(machines: MachinesSection) -> dict[str, Any]:
    """Return the Docker engine beside a seat: it loads the node image once it answers."""
    socket = f"unix://{_ENGINE_FOLDER}/docker.sock"
    load = f"until docker -H {socket} version; do sleep 1; done; docker -H {socket} load -i /{_NODE_IMAGE}"
    return {
        "name": "engine",
        "image": machines.engine_image,
        "args": ["dockerd", f"--host={socket}", f"--group={seat_user()[1]}"],
        "securityContext": {"privileged": True, "runAsUser": 0, "runAsNonRoot": False},
        "lifecycle": {"postStart": {"exec": {"command": ["sh", "-c", load]}}},
        "resources": {"requests": {"memory": f"{LAB_MEMORY}M"}, "limits": {"memory": f"{4 * LAB_MEMORY}M"}},
        "volumeMounts": [
            {"name": "engine", "mountPath": _ENGINE_FOLDER},
            {"name": "engine-data", "mountPath": "/var/lib/docker"},
            {"name": "seats", "mountPath": f"/{_NODE_IMAGE}", "subPath": _NODE_IMAGE, "readOnly": True},
        ],
    }
