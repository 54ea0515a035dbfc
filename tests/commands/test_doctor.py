"""What the doctor says where something is missing; tests/docker has it look at a real engine."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import pytest
from docker.errors import APIError

from hatlab.commands import doctor
from hatlab.commands.support import engine_choice
from hatlab.engine.docker import kernel_probe
from hatlab.engine.docker.engine_facts import EngineFacts, read_engine_facts
from hatlab.engine.docker.image import build, name
from hatlab.errors import EngineError
from tests.support.command_line import CommandLine


def test_without_docker_it_fails_with_a_cure(monkeypatch: pytest.MonkeyPatch, hatlab: CommandLine) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    found = [json.loads(line) for line in hatlab("doctor", "--json", code=1).out.splitlines()]
    assert [f["name"] for f in found] == [
        "Python",
        "terminal",
        "hatlab's files",
        "settings",
        "extensions",
        "running labs",
        "Docker",
    ]
    assert [f["level"] for f in found] == ["ok", "ok", "ok", "ok", "ok", "ok", "fail"]
    assert "no Docker engine answers" in found[-1]["text"]
    assert found[-1]["cure"]
    assert "✖ fail" in hatlab("doctor", code=1).out


@pytest.mark.parametrize(
    ("text", "works", "message"),
    [
        ("0 ok\n1 ok", True, ""),
        ("0 no Error: Operation not permitted", False, "Error: Operation not permitted"),
        ("", False, "it did not answer"),
        ("nonsense\n7\n0", False, "it did not answer"),
    ],
)
def test_the_answers_of_the_kernel_probe_are_read(text: str, works: bool, message: str) -> None:
    first = kernel_probe._parse_answers(text)[0]
    assert (first.works, first.message) == (works, message)


class _Containers:
    """Stands for a Docker client; runs nothing."""

    def __init__(self, answer: bytes) -> None:
        self.containers = self
        self._answer = answer

    def run(self, *args: object, **kwargs: object) -> bytes:
        return self._answer


def test_a_container_that_cannot_be_started_is_not_left() -> None:
    class Engine:
        def __init__(self) -> None:
            self.api = self.containers = self
            self.left: list[str] = []

        def run(self, *args: object, name: str, **kwargs: object) -> bytes:
            self.left.append(name)
            raise APIError("runc create failed")

        def remove_container(self, name: str, *, force: bool) -> None:
            self.left.remove(name)

    engine = Engine()
    with pytest.raises(EngineError, match="runc create failed"):
        kernel_probe.probe_kernel(cast("Any", engine), "image")
    assert engine.left == []


@pytest.mark.parametrize(
    ("answer", "levels"),
    [
        (
            b"0 ok\n1 ok\n2 ok\n3 no x\n4 ok\n5 ok\n6 no y\n",
            ["ok", "ok", "ok", "ok", "warn", "ok", "ok", "warn"],
        ),
        (
            b"0 no x\n1 no x\n2 no x\n3 no x\n4 ok\n5 ok\n6 ok\n",
            ["ok", "fail", "fail", "warn", "warn", "ok", "ok", "ok"],
        ),
    ],
)
def test_a_missing_kernel_feature_is_graded_by_its_importance(
    answer: bytes, levels: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name, "has_node_image", lambda client: True)
    found = list(doctor._check_image_and_kernel(cast("Any", _Containers(answer))))
    assert [finding.level for finding in found] == levels


class _Engine:
    """Stands for a Docker client that tells what it is."""

    def __init__(self, info: dict[str, Any], component: str = "Engine") -> None:
        self._info, self._component = info, component

        self.api = self
        self.base_url = "http+docker://localhost"

    def info(self) -> dict[str, Any]:
        return self._info

    def version(self) -> dict[str, Any]:
        return {"Version": "28.5.2", "Components": [{"Name": self._component, "Version": "28.5.2"}]}


def _facts(**other: Any) -> EngineFacts:
    known = EngineFacts("Docker", "28.5.2", "1.51", "6.18", "linux", False, "unix:///x", "")
    return replace(known, **other)


def test_an_engine_is_named_with_how_it_is_reached() -> None:
    rootless = _facts(rootless=True, address="unix:///run/user/1000/docker.sock", context="rootless")
    assert str(rootless) == (
        "Docker 28.5.2 rootless, on this machine (context rootless: unix:///run/user/1000/docker.sock), "
        "API 1.51, kernel 6.18"
    )
    assert "remote by ssh (DOCKER_HOST: ssh://me@host)" in str(_facts(address="ssh://me@host"))
    assert "remote by TLS" in str(_facts(address="https://host:2376"))


@pytest.mark.parametrize(
    ("component", "options", "kind", "rootless"),
    [
        ("Engine", ["name=seccomp,profile=default"], "Docker", False),
        ("Engine", ["name=seccomp", "name=rootless"], "Docker", True),
        ("Podman Engine", ["name=rootless"], "Podman", True),
    ],
)
def test_what_an_engine_says_of_itself_is_read(
    component: str, options: list[str], kind: str, rootless: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///x.sock")
    engine = _Engine({"SecurityOptions": options}, component)
    facts = read_engine_facts(cast("Any", engine), None)
    assert (facts.kind, facts.version, facts.rootless, facts.remote) == (kind, "28.5.2", rootless, False)


def test_limits_are_had_otherwise_without_root() -> None:
    found = doctor._check_limits(cast("Any", _Engine({"MemoryLimit": False})), _facts(rootless=True))
    assert "delegate" in found.cure


@pytest.mark.parametrize(
    ("lacking", "level", "text"),
    [
        ([], "ok", "memory, swap, processor and processes"),
        (["SwapLimit"], "warn", "does not limit a node's swap, so it may swap as much again"),
        (["MemoryLimit", "SwapLimit", "PidsLimit"], "warn", "a node's memory, swap and processes"),
    ],
)
@pytest.mark.parametrize("cpu", ["CpuCfsQuota", "CPUCfsQuota"])
def test_limits_that_the_kernel_does_not_keep_are_told(
    lacking: list[str], level: str, text: str, cpu: str
) -> None:
    info = {key: key not in lacking for key in ("MemoryLimit", "SwapLimit", cpu, "PidsLimit")}
    found = doctor._check_limits(cast("Any", _Engine(info)), _facts())
    assert found.level == level
    assert text in found.text
    assert bool(found.cure) == bool(lacking)


@pytest.mark.parametrize(
    ("drivers", "component", "level", "text"),
    [
        (["bridge", "host", "macvlan"], "Engine", "ok", "nothing but its lab"),
        (["bridge", "host"], "Engine", "fail", "no driver macvlan"),
        ([], "Engine", "fail", "no driver bridge and no driver macvlan"),
        (["bridge", "macvlan"], "Podman Engine", "ok", "ordinary bridges"),
        (["bridge", "macvlan"], "Podman Engine, rootless", "warn", "without a wall"),
    ],
)
def test_networks_that_keep_a_node_in_are_looked_for(
    drivers: list[str], component: str, level: str, text: str
) -> None:
    component, _, rootless = component.partition(", ")
    info = {"Plugins": {"Network": drivers}, "SecurityOptions": [f"name={rootless}"] if rootless else None}
    found = doctor._check_networks(cast("Any", _Engine(info, component)))
    assert found.level == level
    assert text in found.text


def test_a_missing_image_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name, "has_node_image", lambda client: False)
    found = list(doctor._check_image_and_kernel(cast("Any", None)))
    assert {finding.level for finding in found} == {"warn"}
    assert "hatlab image build" in found[0].cure


class _Builds:
    """Notes how the image was asked for; a pull fails."""

    def __init__(self, error: str) -> None:
        self.asked: list[bool] = []
        self._error = error

    def __call__(self, client: object, report: object, *, bootstrap: bool = False, **_: object) -> str:
        self.asked.append(bootstrap)
        if not bootstrap:
            raise EngineError(self._error, "hatlab image build --bootstrap")
        return "hatlab-node:x"


@pytest.mark.parametrize(
    ("error", "can", "asked"),
    [
        ("cannot pull debian:sid: no route", True, [False, True]),
        ("cannot pull debian:sid: no route", False, [False]),
        ("step 3/9 failed", True, [False]),
    ],
)
def test_start_builds_a_missing_image_where_it_can(
    error: str, can: bool, asked: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    builds = _Builds(error)
    monkeypatch.setattr(name, "has_node_image", lambda client: False)
    monkeypatch.setattr(build, "build_image", builds)
    monkeypatch.setattr(engine_choice, "can_bootstrap", lambda: can)
    said: list[str] = []
    if asked[-1]:
        engine_choice.ensure_image(cast("Any", None), said.append)
        assert any("debootstrap" in line for line in said)
    else:
        with pytest.raises(EngineError):
            engine_choice.ensure_image(cast("Any", None), said.append)
    assert builds.asked == asked
