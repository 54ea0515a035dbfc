"""Seats on the machines of a swarm are services that have few rights."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from docker import APIClient
from docker.errors import APIError, NotFound
from requests import ConnectionError, ReadTimeout

from hatlab.classroom import swarm
from hatlab.classroom.hub.refusal import FULL, NOT_REACHED, SeatNotStartedError
from hatlab.classroom.hub.swarm import SwarmSeat
from hatlab.classroom.seat.settings import SeatSettings
from hatlab.errors import EngineUnavailable, UserError
from tests.classroom.machines.remote_class import ADDRESS, SWARM, class_on, seat_of


class FakeSwarm(APIClient):
    """The real client of an engine that is not there: it keeps what it would send; tasks are a test's."""

    def __init__(self, tasks: list[dict[str, Any]] | None = None) -> None:
        super().__init__(base_url="tcp://127.0.0.1:1", version="1.41")
        self.created: dict[str, Any] = {}
        self.removed: list[str] = []
        self.waiting = tasks or []

    def _post_json(self, _url: str, data: Any, **_: Any) -> Any:
        self.created = data
        return None

    def _result(self, *_: Any, **__: Any) -> Any:
        return {"ID": "service1234"}

    def inspect_service(self, *_: Any) -> Any:
        if not self.created:
            raise NotFound("no such service", response=Mock(status_code=404))
        return {"ID": "service1234"}

    def remove_service(self, service: str) -> Any:
        self.removed.append(service)

    def tasks(self, filters: Any = None) -> Any:
        task = self.waiting[0]
        if len(self.waiting) > 1:
            self.waiting.pop(0)
        return [
            {
                "ServiceID": "service1234",
                "CreatedAt": "2026",
                "NodeID": "n",
                "DesiredState": "running",
                **task,
            }
        ]

    def inspect_node(self, *_: Any) -> Any:
        return {"Status": {"Addr": "0.0.0.0"}, "ManagerStatus": {"Addr": "192.0.2.8:2377"}}


RUNNING = {"Status": {"State": "running", "PortStatus": {"Ports": [{"PublishedPort": 32768}]}}}
PENDING = {"Status": {"State": "pending", "Err": "no suitable node (insufficient resources on 2 nodes)"}}
REJECTED = {"Status": {"State": "rejected", "Err": "invalid mount config: bind source path does not exist"}}


def server_error(text: str) -> APIError:
    return APIError(text, Mock(status_code=500), f"rpc error: code = Unknown desc = The swarm {text}")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeSwarm]:
    def make(*tasks: dict[str, Any]) -> FakeSwarm:
        fake = FakeSwarm(list(tasks))
        monkeypatch.setattr(SwarmSeat, "_client", fake)
        monkeypatch.setattr(SwarmSeat, "_silent_at", -1e9)
        monkeypatch.setattr("hatlab.classroom.hub.swarm._LOOK_EVERY", 0)
        return fake

    return make


def test_a_seat_is_a_service_without_rights(tmp_path: Path, engine: Callable[..., FakeSwarm]) -> None:
    course = class_on(tmp_path, SWARM + 'label = "hatlab=seats"\n')
    fake = engine(RUNNING)
    assert asyncio.run(seat_of(SwarmSeat, course).start()) == ("192.0.2.8", 32768)
    task = fake.created["TaskTemplate"]
    container = task["ContainerSpec"]
    assert container["ReadOnly"]
    assert container["CapabilityDrop"] == ["ALL"]
    assert container["Privileges"] == {"NoNewPrivileges": True}
    assert not container["User"].startswith("0:")
    assert [(m["Type"], m["Target"]) for m in container["Mounts"]] == [
        ("bind", "/home/seat"),
        ("tmpfs", "/tmp"),
    ]
    assert container["Mounts"][0]["Source"] == "/srv/seats/s01"
    assert task["RestartPolicy"] == {"Condition": "none"}
    assert task["Resources"]["Limits"] == {"MemoryBytes": 500_000_000, "Pids": 300}
    assert task["Resources"]["Reservations"] == {"MemoryBytes": 120_000_000, "NanoCPUs": 100_000_000}
    assert task["Placement"]["Constraints"] == ["node.labels.hatlab==seats"]
    assert "Networks" not in task
    assert fake.created["EndpointSpec"]["Ports"][0]["PublishMode"] == "host"
    assert course.seat_folder("s01").is_dir()


def test_a_seat_elsewhere_is_told_what_it_needs_and_no_more(
    tmp_path: Path, engine: Callable[..., FakeSwarm], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFIGPROXY_AUTH_TOKEN", "of the proxy")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    course = class_on(tmp_path, SWARM)
    (course.lessons / "mine.md").write_text("x", encoding="utf-8")
    fake = engine(RUNNING)
    asyncio.run(seat_of(SwarmSeat, course).start())
    env = dict(line.split("=", 1) for line in fake.created["TaskTemplate"]["ContainerSpec"]["Env"])
    settings = SeatSettings.from_environment(env)
    assert env["JUPYTERHUB_API_URL"] == f"{ADDRESS}/hub/api"
    assert settings.board == f"{ADDRESS}/services/board/seat"
    assert (settings.home, settings.lessons) == ("/home/seat", "/home/seat/class-lessons")
    assert settings.words[:2] == ("learn", "/home/seat/class-lessons")
    assert env["TZ"] == "Europe/Berlin"
    assert (course.seat_folder("s01") / "class-lessons" / "mine.md").is_file()
    assert course.secret not in json.dumps(fake.created)
    assert "of the proxy" not in json.dumps(fake.created)
    assert str(tmp_path) not in json.dumps(fake.created)


def test_progress_may_be_on_nfs_and_the_engine_of_the_machine_in_a_seat(
    tmp_path: Path, engine: Callable[..., FakeSwarm]
) -> None:
    storage = 'spawner = "swarm"\nstorage = "nfs://192.0.2.7/srv/seats"\n'
    machines = storage + 'socket = "/run/d.sock"\nsocket_group = 998\n'
    course = class_on(tmp_path, machines, 'engine = "docker"')
    fake = engine(RUNNING)
    asyncio.run(seat_of(SwarmSeat, course).start())
    task = fake.created["TaskTemplate"]
    home, _, socket = task["ContainerSpec"]["Mounts"]
    options = home["VolumeOptions"]["DriverConfig"]["Options"]
    assert options == {"type": "nfs", "o": "addr=192.0.2.7,nfsvers=4,rw", "device": ":/srv/seats/s01"}
    assert (socket["Source"], socket["Target"]) == ("/run/d.sock", "/var/run/docker.sock")
    assert task["ContainerSpec"]["Groups"] == ["998"]
    assert task["Resources"]["Reservations"]["MemoryBytes"] == 420_000_000


@pytest.mark.parametrize(("tasks", "sentence"), [([PENDING], FULL), ([REJECTED], None)])
def test_a_student_for_whom_there_is_no_seat_is_told_why(
    tmp_path: Path,
    engine: Callable[..., FakeSwarm],
    monkeypatch: pytest.MonkeyPatch,
    tasks: list[dict[str, Any]],
    sentence: str | None,
) -> None:
    monkeypatch.setattr("hatlab.classroom.hub.swarm._ROOM_WITHIN", 0)
    engine(*tasks)
    with pytest.raises(SeatNotStartedError) as caught:
        asyncio.run(seat_of(SwarmSeat, class_on(tmp_path, SWARM)).start())
    assert caught.value.jupyterhub_message == sentence


SILENCE = [ConnectionError("refused"), ReadTimeout("timed out"), server_error("does not have a leader")]


@pytest.mark.parametrize("silence", SILENCE, ids=["refused", "silent", "no leader"])
def test_a_swarm_that_cannot_be_asked_has_ended_no_seat(
    tmp_path: Path, engine: Callable[..., FakeSwarm], monkeypatch: pytest.MonkeyPatch, silence: Exception
) -> None:
    fake = engine(RUNNING)
    seat = seat_of(SwarmSeat, class_on(tmp_path, SWARM))

    async def live() -> int | None:
        await seat.start()
        monkeypatch.setattr(fake, "inspect_service", Mock(side_effect=silence))
        code: int | None = await seat.poll()
        with pytest.raises(SeatNotStartedError) as caught:
            await seat.start()
        assert caught.value.jupyterhub_message == NOT_REACHED
        return code

    assert asyncio.run(live()) is None
    assert fake.removed == []


def test_a_silent_manager_is_waited_for_once(
    tmp_path: Path, engine: Callable[..., FakeSwarm], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = engine(RUNNING)
    seat = seat_of(SwarmSeat, class_on(tmp_path, SWARM))
    monkeypatch.setattr(fake, "inspect_service", silent := Mock(side_effect=ReadTimeout("timed out")))

    async def ask() -> None:
        for _ in range(5):
            assert await seat.poll() is None

    asyncio.run(ask())
    silent.assert_called_once()


def test_a_seat_waits_while_another_makes_room(tmp_path: Path, engine: Callable[..., FakeSwarm]) -> None:
    engine(PENDING, PENDING, RUNNING)
    assert asyncio.run(seat_of(SwarmSeat, class_on(tmp_path, SWARM)).start())


@pytest.mark.parametrize(
    ("task", "is_over"),
    [
        (RUNNING, False),
        ({"Status": {"State": "preparing"}}, False),
        ({"Status": {"State": "complete"}}, True),
        ({"Status": {"State": "failed", "ContainerStatus": {"ExitCode": 137}}}, True),
        ({**RUNNING, "DesiredState": "shutdown"}, True),
    ],
    ids=["runs", "is prepared", "has ended", "was killed", "its machine is gone"],
)
def test_what_is_left_of_a_seat_that_has_ended_is_removed(
    tmp_path: Path, engine: Callable[..., FakeSwarm], task: dict[str, Any], is_over: bool
) -> None:
    fake = engine(RUNNING)
    seat = seat_of(SwarmSeat, class_on(tmp_path, SWARM))

    async def live() -> int | None:
        await seat.start()
        fake.waiting = [task]
        code: int | None = await seat.poll()
        return code

    code = asyncio.run(live())
    assert (code is not None) == is_over
    assert fake.removed == (["service1234"] if is_over else [])


class FakeManager:
    """An engine that manages a swarm, as `connect` gives it."""

    def __init__(self, nodes: list[dict[str, Any]], *, manages: bool = True, has_image: bool = True) -> None:
        self.api = self
        self._nodes, self._manages, self._has_image = nodes, manages, has_image

    def info(self) -> Any:
        return {"Swarm": {"ControlAvailable": self._manages}}

    def nodes(self) -> Any:
        return self._nodes

    def images(self, _name: str) -> Any:
        return ["it"] if self._has_image else []

    def close(self) -> None:
        pass


def node(name: str, memory: float, processors: float, **labels: str) -> dict[str, Any]:
    return {
        "Description": {
            "Hostname": name,
            "Resources": {"MemoryBytes": memory * 1e9, "NanoCPUs": processors * 1e9},
        },
        "Status": {"State": "ready"},
        "Spec": {"Availability": "active", "Labels": labels},
    }


def test_a_swarm_says_how_many_seats_have_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = class_on(tmp_path, SWARM + 'label = "hatlab=seats"\n')
    drained = node("cy", 8, 4, hatlab="seats")
    drained["Spec"]["Availability"] = "drain"
    nodes = [node("ada", 2, 8, hatlab="seats"), node("bo", 16, 2, hatlab="seats"), drained, node("dan", 8, 4)]
    monkeypatch.setattr(swarm, "connect", lambda: FakeManager(nodes))
    assert swarm.check_swarm(course) == [swarm.Room("ada", 16), swarm.Room("bo", 20)]


@pytest.mark.parametrize(
    ("manager", "message"),
    [
        (FakeManager([], manages=False), "no manager of a swarm"),
        (FakeManager([node("ada", 8, 4)], has_image=False), "there is no image"),
        (FakeManager([node("ada", 8, 4)]), "no machine with the label hatlab=seats"),
        (FakeManager([node("ada", 0.1, 4, hatlab="seats")]), "no machine is large enough"),
    ],
)
def test_a_swarm_that_cannot_hold_the_class_is_told_before_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manager: FakeManager, message: str
) -> None:
    monkeypatch.setattr(swarm, "connect", lambda: manager)
    with pytest.raises(UserError, match=message) as caught:
        swarm.check_swarm(class_on(tmp_path, SWARM + 'label = "hatlab=seats"\n'))
    assert caught.value.hint


def test_a_manager_that_does_not_answer_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        swarm, "connect", Mock(side_effect=EngineUnavailable("no engine", "use the simulator"))
    )
    course = class_on(tmp_path, SWARM)
    for do in (swarm.check_swarm, lambda course: swarm.end_services(course, 1)):
        with pytest.raises(EngineUnavailable, match="no engine") as caught:
            do(course)
        assert "DOCKER_HOST" in caught.value.hint
