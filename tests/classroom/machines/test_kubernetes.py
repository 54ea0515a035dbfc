"""Seats on a cluster are pods that have few rights; what a class needs there is what the API takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes_asyncio.client import ApiClient, models

from hatlab.classroom.course import Course
from hatlab.classroom.hub.kubernetes import KubernetesSeat, lacks_room
from hatlab.classroom.seat.settings import SeatSettings
from hatlab.util.files import shipped_folder
from tests.classroom.machines.remote_class import KUBERNETES, class_on, seat_of


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """What KubeSpawner would ask for a cluster's address, and its client, are not there."""
    monkeypatch.setattr("kubespawner.spawner.load_config", lambda **_: None)
    monkeypatch.setattr("kubespawner.spawner.shared_client", lambda _name: None)


async def pod_of(course: Course) -> dict[str, Any]:
    """The pod of a seat, as KubeSpawner would send it."""
    async with ApiClient() as client:
        manifest = await seat_of(KubernetesSeat, course).get_pod_manifest()
        pod: dict[str, Any] = client.sanitize_for_serialization(manifest)
    for container in pod["spec"]["containers"]:  # a quantity may be a number, too
        for amounts in container["resources"].values():
            amounts.update({what: str(amount) for what, amount in amounts.items()})
    return pod


async def as_read_by_kubernetes(manifest: dict[str, Any]) -> Any:
    """What is left of a manifest once the API's own models have read it: they lose what they do not know."""
    version = "".join(part.capitalize() for part in manifest["apiVersion"].split("/")[-1:])
    kind = getattr(models, f"{version}{manifest['kind']}")
    async with ApiClient() as client:
        return client.sanitize_for_serialization(client._ApiClient__deserialize(manifest, kind))


async def test_a_seat_is_a_pod_without_rights(tmp_path: Path) -> None:
    pod = await pod_of(class_on(tmp_path, KUBERNETES + 'label = "hatlab=seats"\n'))
    spec = pod["spec"]
    (seat,) = spec["containers"]
    rights = seat["securityContext"]
    assert rights["readOnlyRootFilesystem"]
    assert rights["allowPrivilegeEscalation"] is False
    assert rights["capabilities"] == {"drop": ["ALL"]}
    assert rights["runAsUser"] > 0
    assert spec["automountServiceAccountToken"] is False
    assert spec["restartPolicy"] == "Never"
    assert spec["nodeSelector"] == {"hatlab": "seats"}
    assert seat["resources"]["requests"]["memory"] == "120000000"
    assert seat["resources"]["limits"]["memory"] == "500000000"
    home = next(mount for mount in seat["volumeMounts"] if mount["mountPath"] == "/home/seat")
    assert home["subPath"] == "s01"
    assert spec["volumes"][0]["persistentVolumeClaim"] == {"claimName": "seats"}
    env = {each["name"]: each.get("value", "") for each in seat["env"]}
    assert env["JUPYTERHUB_API_URL"] == "http://class:30800/hub/api"
    assert SeatSettings.from_environment(env).name == "s01"
    assert await as_read_by_kubernetes(pod) == pod


async def test_with_docker_an_engine_runs_beside_the_seat_and_only_there(tmp_path: Path) -> None:
    machines = KUBERNETES.replace("claim:seats", "nfs://192.0.2.7/srv/seats")
    pod = await pod_of(class_on(tmp_path, machines, 'engine = "docker"'))
    seat, engine = pod["spec"]["containers"]
    assert engine["securityContext"]["privileged"]
    assert "privileged" not in json.dumps(seat)
    assert {"name": "DOCKER_HOST", "value": "unix:///run/engine/docker.sock"} in seat["env"]
    assert pod["spec"]["volumes"][0]["nfs"] == {"server": "192.0.2.7", "path": "/srv/seats"}
    assert "hostPath" not in json.dumps(pod)
    assert await as_read_by_kubernetes(pod) == pod


def test_a_cluster_without_room_is_told_from_one_that_prepares() -> None:
    lacking = {"reason": "FailedScheduling", "message": "0/2 nodes are available: 2 Insufficient memory."}
    unbound = {"reason": "FailedScheduling", "message": "pod has unbound immediate PersistentVolumeClaims"}
    assert lacks_room([{"reason": "Other"}, lacking])
    assert not lacks_room([lacking, {"reason": "Scheduled", "message": ""}, {"reason": "Pulling"}])
    assert not lacks_room([unbound])
    assert not lacks_room([])


async def test_the_class_on_kubernetes_is_what_the_api_takes_and_may_do_what_the_hub_does() -> None:
    text = (shipped_folder("compose") / "class" / "kubernetes.yaml").read_text(encoding="utf-8")
    objects = list(yaml.safe_load_all(text))
    for each in objects:
        assert await as_read_by_kubernetes(each) == each, each["kind"]
    kinds = {each["kind"]: each for each in objects}
    assert "ClusterRole" not in kinds
    may = {(r, verb) for rule in kinds["Role"]["rules"] for r in rule["resources"] for verb in rule["verbs"]}
    assert {("pods", "create"), ("pods", "delete"), ("pods", "watch"), ("events", "watch")} <= may
    assert not {what for what, _ in may} & {"secrets", "pods/exec", "nodes"}
