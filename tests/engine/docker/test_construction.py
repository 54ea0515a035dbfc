"""A lab is built all at once, and nothing before what it needs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from docker.errors import APIError

from hatlab.engine.docker.construction import Construction
from hatlab.engine.docker.networks import plan_networks
from hatlab.errors import EngineError
from hatlab.topology import Layout
from hatlab.topology.library import load_topology

LAYOUT = Layout.numbered("two-node", load_topology("two-node"))


class Engine:
    """Keeps in which order things were made; refuses as many networks as it is told."""

    def __init__(self, refusals: int = 0, reason: str = "Pool overlaps with other one") -> None:
        self.done: list[str] = []
        self.refusals, self.reason = refusals, reason
        self.api = self
        self._lock = threading.Lock()

    def note(self, what: str) -> None:
        with self._lock:
            self.done.append(what)

    def version(self) -> dict[str, str]:
        return {"Version": "20.10.24"}

    def networks(self, **_filters: object) -> list[dict[str, Any]]:
        return []

    def containers(self, **_filters: object) -> list[dict[str, Any]]:
        self.note("looked for what is left")
        return []

    def create_network(self, name: str, **_asked: object) -> dict[str, str]:
        with self._lock:
            self.refusals -= 1
            refused = self.refusals >= 0
        if refused:
            raise APIError(self.reason)
        self.note(name.removeprefix("hatlab-ab"))
        return {"Id": "0123456789abcdef"}


class Containers:
    """Containers that take as long as what they wait for."""

    owner = ""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.startup = SimpleNamespace(check_not_stopping=lambda: None)
        self.subnets: list[str] = []

    def create(
        self, _lab: str, layout: Layout, _image: str, settings: Any, await_networks: Callable[[], None]
    ) -> None:
        self.engine.note(f"made {settings['name']}")
        await_networks()
        self.engine.note(f"joined {settings['name']}")
        self.subnets.append(str(layout.subnets["lan"]))

    def start_switch(
        self, _lab: str, _layout: Layout, _image: str, await_bridges: Callable[[], None]
    ) -> None:
        await_bridges()
        self.engine.note("switch")

    def put_up_wall(self, _lab: str, _layout: Layout, _image: str, obstacle: str) -> None:
        self.engine.note("wall")

    def start(self, node: str) -> None:
        self.engine.note(f"started {node}")

    def forget_created(self) -> None:
        self.engine.note("forgot")


def build(engine: Engine, obstacle: str = "") -> tuple[Containers, list[Layout]]:
    told: list[Layout] = []
    containers = Containers(engine)
    Construction(
        cast("Any", engine),
        "ab",
        "two-node",
        LAYOUT.topology,
        "image",
        cast("Any", containers),
        on_networks=told.append,
    ).build(obstacle)
    return containers, told


def test_nothing_is_made_before_what_it_needs() -> None:
    engine = Engine()
    _, told = build(engine)
    at = {what: k for k, what in enumerate(engine.done)}
    bridges, networks = [f".{n}" for n in LAYOUT.network_names], [f"-{n}" for n in LAYOUT.network_names]
    assert max(at[bridge] for bridge in bridges) < at["switch"]
    for node in ("db1", "db2", "client"):
        assert max(at[network] for network in networks) < at[f"joined {node}"] < at[f"started {node}"]
    assert max(at["started db1"], at["started db2"]) < at["started client"]
    assert len(told) == 1


def test_podman_sees_the_networks_before_a_container() -> None:
    engine = Engine()
    build(engine, "there is no switch")
    networks = [f"-{name}" for name in LAYOUT.network_names]
    assert set(engine.done[: len(networks)]) == set(networks)
    assert "switch" not in engine.done
    walled = engine.done.index("wall")
    assert walled < min(k for k, what in enumerate(engine.done) if what.startswith("started"))


@pytest.mark.parametrize("refusals", [1, 2, 3])
def test_a_subnet_that_another_lab_takes_meanwhile_costs_a_second_try(refusals: int) -> None:
    engine = Engine(refusals)
    containers, told = build(engine)
    first = next(plan_networks(cast("Any", engine), "two-node", LAYOUT.topology, isolated=True)).layout
    assert "forgot" in engine.done
    assert engine.done.index("forgot") < engine.done.index("looked for what is left")
    assert str(first.subnets["lan"]) not in {str(layout.subnets["lan"]) for layout in told}
    assert containers.subnets[-1] == str(told[0].subnets["lan"])


def test_another_refusal_is_told_and_nothing_waits_for_ever() -> None:
    with pytest.raises(EngineError, match=r"networks and containers: .*no more room"):
        build(Engine(1, "no more room"))
