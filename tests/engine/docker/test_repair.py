"""A node that is not what its layout says: what is repaired, what must boot afresh, and what is told."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from docker.errors import APIError, NotFound

from hatlab.engine.docker import repair as module
from hatlab.engine.docker.repair import Repair
from hatlab.errors import ActionFailed
from hatlab.topology import Layout
from hatlab.topology.library import load_topology

LAYOUT = Layout.numbered("two-node", load_topology("two-node"))
NETWORKS = LAYOUT.networks_of("db1")


class Engine:
    """An engine with db1's container on all of its networks; it is its own `api`."""

    def __init__(self) -> None:
        self.api = self
        self.api_version = "1.41"
        self.state: dict[str, Any] | None = {"Running": True, "Paused": False, "StartedAt": "1"}
        self.networks_there = {f"hatlab-ab-{n}": f"id-{n}" for n in NETWORKS}
        self.endpoints: dict[str, dict[str, Any]] = {
            f"hatlab-ab-{n}": {
                "IPAMConfig": {"IPv4Address": LAYOUT.address("db1", n)},
                "NetworkID": f"id-{n}",
            }
            for n in NETWORKS
        }
        self.asked: list[str] = []
        self.refusal = ""

    def version(self) -> dict[str, str]:
        return {"Version": "20.10"}

    def inspect_container(self, container: str) -> dict[str, Any]:
        if self.state is None:
            raise NotFound("No such container")
        return {"State": self.state, "NetworkSettings": {"Networks": self.endpoints}}

    def networks(self, *, filters: Any = None, names: Any = None) -> list[dict[str, str]]:
        there = self.networks_there
        return [{"Name": n, "Id": there[n]} for n in there if names is None or n in names]

    def create_network(self, name: str, **settings: Any) -> dict[str, str]:
        self.asked.append(f"make {name}")
        self.networks_there[name] = "id-new"
        return {"Id": "id-new"}

    def disconnect_container_from_network(self, container: str, network: str, *, force: bool) -> None:
        if network not in self.endpoints:
            raise APIError("is not connected")

    def connect_container_to_network(self, container: str, network: str, **settings: Any) -> None:
        if self.refusal:
            raise APIError(self.refusal)
        self.asked.append(f"connect {network} {settings['ipv4_address']}")

    def create_endpoint_config(self, **settings: Any) -> dict[str, Any]:
        return settings

    def create_container_from_config(self, config: dict[str, Any], name: str) -> dict[str, str]:
        self.asked.append(f"create {name}")
        return {"Id": "new"}

    def unpause(self, container: str) -> None:
        self.asked.append("unpause")


class Containers:
    """What a repair asks of a lab's containers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.ids = {"db1": "c1"}
        self.started_at = {"db1": "1"}
        self.is_isolated = False
        self.owner, self.security = "token", [""]
        self.heard = True
        self.told: list[str] = []
        self.closed_off: list[str] = []

    def is_heard(self, node: str) -> bool:
        return self.heard

    def restore_switch_or_wall(self, lab: str, layout: Layout, image: str) -> bool:
        return False

    def close_off(self, node: str) -> None:
        self.closed_off.append(node)

    def note_off(self, node: str, reason: str) -> None:
        self.told.append(reason)

    def kill(self, node: str) -> None:
        self._engine.asked.append("kill")
        assert self._engine.state is not None
        self._engine.state["Running"] = False


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def containers(engine: Engine) -> Containers:
    return Containers(engine)


@pytest.fixture
def repair(engine: Engine, containers: Containers, monkeypatch: pytest.MonkeyPatch) -> Repair:
    links = [
        {"ifname": f"eth{k}", "address": "02:00", "addr_info": [{"local": LAYOUT.address("db1", n)}]}
        for k, n in enumerate(NETWORKS)
    ]
    monkeypatch.setattr(module, "run_line", lambda client, container, line: json.dumps(links))
    return Repair(cast("Any", engine), "ab", LAYOUT, "image", cast("Any", containers))


def test_a_whole_node_is_left_alone(repair: Repair, engine: Engine) -> None:
    assert repair.restore_container("db1") == []
    assert engine.asked == []


def test_a_paused_one_is_resumed_and_nothing_else(repair: Repair, engine: Engine) -> None:
    assert engine.state is not None
    engine.state["Paused"] = True
    assert repair.restore_container("db1") == ["its container was resumed"]
    assert engine.asked == ["unpause"]


def test_a_removed_one_is_made_again_and_off(repair: Repair, engine: Engine, containers: Containers) -> None:
    engine.state = None
    assert repair.restore_container("db1") == ["its container was made again"]
    assert containers.ids["db1"] == "new"
    assert containers.told == ["its container was removed"]


@pytest.mark.parametrize("running", [True, False])
def test_what_podman_tells_of_a_whole_node_is_understood(
    running: bool, repair: Repair, engine: Engine
) -> None:
    """The network's name for its id, and no address of a container that does not run."""
    assert engine.state is not None
    engine.state["Running"] = running
    for n in NETWORKS:
        address = LAYOUT.address("db1", n) if running else ""
        endpoint = {"IPAMConfig": None, "IPAddress": address, "NetworkID": f"hatlab-ab-{n}"}
        engine.endpoints[f"hatlab-ab-{n}"] = endpoint
    assert repair.restore_container("db1") == []
    assert engine.asked == []


@pytest.mark.parametrize("way", ["off", "other address", "other network"])
def test_one_off_a_network_is_attached_with_its_address_and_boots_afresh(
    way: str, repair: Repair, engine: Engine, containers: Containers
) -> None:
    network = f"hatlab-ab-{NETWORKS[0]}"
    match way:
        case "off":
            del engine.endpoints[network]
        case "other address":
            engine.endpoints[network]["IPAMConfig"] = {"IPv4Address": "198.18.0.77"}
        case _:
            engine.endpoints[network]["NetworkID"] = "one that was removed"
    assert repair.restore_container("db1") == [f"it was attached to {NETWORKS[0]} again"]
    assert engine.asked == [f"connect {network} {LAYOUT.address('db1', NETWORKS[0])}", "kill"]
    assert containers.told == ["it is started again"]


def test_a_network_that_was_removed_is_made_first(repair: Repair, engine: Engine) -> None:
    network = f"hatlab-ab-{NETWORKS[1]}"
    del engine.networks_there[network]
    done = repair.restore_container("db1")
    assert done[0] == f"the network {NETWORKS[1]} was made again"
    assert engine.asked[:2] == [f"make {network}", f"connect {network} {LAYOUT.address('db1', NETWORKS[1])}"]


@pytest.mark.parametrize("sign", ["restarted", "not heard"])
def test_one_that_hatlab_did_not_start_boots_afresh(
    sign: str, repair: Repair, engine: Engine, containers: Containers
) -> None:
    assert engine.state is not None
    if sign == "restarted":
        engine.state["StartedAt"] = "2"
    else:
        containers.heard = False
    repair.restore_container("db1")
    assert engine.asked == ["kill"]


def test_an_interface_that_was_deleted_makes_it_boot_afresh(
    repair: Repair, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "run_line", lambda *_: "[]")
    assert repair.restore_container("db1") == [f"its interface on {', '.join(NETWORKS)} was missing"]
    assert engine.asked == ["kill"]


def test_what_the_engine_refuses_is_said_and_nothing_is_killed(repair: Repair, engine: Engine) -> None:
    del engine.endpoints[f"hatlab-ab-{NETWORKS[0]}"]
    engine.refusal = "Address already in use"
    with pytest.raises(ActionFailed, match=r"db1 cannot be repaired: .*already in use") as caught:
        repair.restore_container("db1")
    assert not caught.value.definite
    assert "kill" not in engine.asked


def test_a_running_one_is_attached_while_it_runs_and_boots_at_the_next_reset(
    repair: Repair, engine: Engine, containers: Containers
) -> None:
    class Startup:
        interfaces: dict[str, Any] = {}  # noqa: RUF012

    containers.startup = Startup()  # type: ignore[attr-defined]
    network = NETWORKS[0]
    endpoint = engine.endpoints.pop(f"hatlab-ab-{network}")
    assert repair.attach_again("db1", network)
    engine.endpoints[f"hatlab-ab-{network}"] = endpoint
    assert Startup.interfaces["db1"].keys() == set(NETWORKS)
    assert not repair.attach_again("db1", network)
    assert "kill" not in engine.asked
    repair.restore_container("db1")
    assert engine.asked[-1] == "kill"
