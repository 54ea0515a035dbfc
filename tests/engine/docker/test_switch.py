"""What carries a lab's networks: what the engine is asked for, its lease, and when it cannot be had."""

from __future__ import annotations

import socket
import subprocess
from typing import Any, cast

import pytest
from docker.errors import NotFound

from hatlab.engine.docker import switch
from hatlab.engine.docker.labels import LAB, OWNER
from hatlab.engine.docker.leased_container import ROUND
from hatlab.engine.docker.switch import Switch, obstacle_to_isolation
from hatlab.topology import Layout, Topology
from hatlab.topology.library import load_topology

TWO_NODE = load_topology("two-node")
LAYOUT = Layout.numbered("two-node", TWO_NODE)


class Engine:
    """An engine that notes what it is asked for; it is its own `api`."""

    def __init__(self, component: str = "Engine") -> None:
        self.api = self
        self.asked: list[tuple[str, Any]] = []
        self.state: dict[str, bool] | None = {"Running": True, "Paused": False}
        self.ours, self.theirs = socket.socketpair()
        self._component = component

    def version(self) -> dict[str, Any]:
        return {"Version": "20.10", "Components": [{"Name": self._component}]}

    def create_container_from_config(self, config: dict[str, Any], name: str) -> dict[str, str]:
        self.asked.append((name, config))
        return {"Id": "switch-1"}

    def connect_container_to_network(self, container: str, network: str) -> None:
        self.asked.append(("connect", network))

    def attach_socket(self, container: str, params: dict[str, int]) -> socket.socket:
        return self.ours

    def start(self, container: str) -> None:
        self.asked.append(("start", container))

    def inspect_container(self, container: str) -> dict[str, Any]:
        if self.state is None:
            raise NotFound("gone")
        return {"State": self.state}

    def remove_container(self, container: str, *, force: bool) -> None:
        self.asked.append(("remove", container))
        if self.state is None:
            raise NotFound("gone")


@pytest.fixture
def engine() -> Any:
    engine = Engine()
    yield engine
    engine.ours.close()
    engine.theirs.close()


def test_it_is_plugged_into_every_bridge_before_it_starts_and_has_no_rights(engine: Engine) -> None:
    Switch(cast("Any", engine), "ab", LAYOUT, "image", "token").close()
    (name, config), *rest = engine.asked
    first, *others = LAYOUT.network_names
    assert name == "hatlab-ab.switch"
    assert rest == [*(("connect", f"hatlab-ab.{n}") for n in others), ("start", "switch-1")]
    host = config["HostConfig"]
    assert host["NetworkMode"] == f"hatlab-ab.{first}"
    assert host["CapDrop"] == ["ALL"]
    assert "CapAdd" not in host
    assert host["ReadonlyRootfs"]
    assert config["User"] == "nobody"
    assert (config["Labels"][LAB], config["Labels"][OWNER]) == ("ab", "token")


def test_each_renewal_is_a_line(engine: Engine) -> None:
    made = Switch(cast("Any", engine), "ab", LAYOUT, "image", "")
    made.renew_lease()
    made.renew_lease()
    assert engine.theirs.recv(10) == b"\n\n"
    made.close()


@pytest.mark.parametrize(
    ("state", "runs"),
    [
        ({"Running": True, "Paused": False}, True),
        ({"Running": True, "Paused": True}, False),
        ({"Running": False, "Paused": False}, False),
        (None, False),
    ],
)
def test_one_that_was_stopped_paused_or_removed_does_not_run_and_can_be_removed(
    state: dict[str, bool] | None, runs: bool, engine: Engine
) -> None:
    made = Switch(cast("Any", engine), "ab", LAYOUT, "image", "")
    engine.state = state
    assert made.runs() == runs
    made.remove()
    assert engine.asked[-1] == ("remove", "switch-1")


def test_its_program_lives_while_lines_come_and_ends_when_none_does() -> None:
    """With rounds of a tenth of a second in place of five."""
    program = switch._PROGRAM.replace(f"-t {ROUND}", "-t 0.1")
    assert program != switch._PROGRAM
    with subprocess.Popen(["bash", "-c", program], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for _ in range(3):
            process.stdin.write(b"\n")
            process.stdin.flush()
        assert process.poll() is None
        assert process.wait(20) == 0, "nobody renews its lease any more"


@pytest.mark.parametrize(
    ("component", "conf", "obstacle"),
    [
        ("Engine", "", ""),
        ("Engine", "vrrp_instance A {\n use_vmac\n}", "use_vmac"),
        ("Podman Engine", "", "Podman"),
    ],
)
def test_what_keeps_a_lab_on_ordinary_bridges_is_named(component: str, conf: str, obstacle: str) -> None:
    data = TWO_NODE.model_dump()
    data["nodes"]["db1"]["conf"] = conf or None
    engine = Engine(component)
    engine.ours.close()
    engine.theirs.close()
    told = obstacle_to_isolation(cast("Any", engine), Topology.model_validate(data))
    assert obstacle in told
    assert bool(told) == bool(obstacle)
