from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from hatlab.engine.docker import build, compose, image
from hatlab.engine.docker import container_spec as spec
from hatlab.keepalived import write_config
from hatlab.topology import Layout, Topology
from hatlab.topology.library import load_topology
from hatlab.util.files import shipped_folder


@pytest.fixture
def layout() -> Layout:
    return Layout.numbered("two-node", load_topology("two-node"))


def _asked_for(layout: Layout) -> dict[str, dict[str, Any]]:
    """What the engine asks the Docker API for, by container name."""
    asked: dict[str, dict[str, Any]] = {}

    def create(config: dict[str, Any], name: str) -> dict[str, str]:
        asked[name] = config
        return {"Id": name}

    def connect(container: str, network: str, ipv4_address: str) -> None:
        asked[container]["NetworkingConfig"]["EndpointsConfig"][network] = _at(ipv4_address)

    def _at(ipv4_address: str) -> dict[str, Any]:
        return {"IPAMConfig": {"IPv4Address": ipv4_address}}

    api = SimpleNamespace(
        create_container_from_config=create,
        connect_container_to_network=connect,
        create_endpoint_config=_at,
    )
    placeholders = {network: f"@{network}@" for network in layout.network_names}
    for data in (
        *(spec.node(layout, node, write_config(layout, node, placeholders)) for node in layout.node_names),
        *(spec.client(layout, client) for client in layout.client_names),
    ):
        build.create_container(SimpleNamespace(api=api), "x", layout, image.tag(), data)  # type: ignore[arg-type]
    return {name.removeprefix("hatlab-x-"): config for name, config in asked.items()}


def test_the_shipped_file_is_what_hatlab_compose_prints(layout: Layout) -> None:
    shipped_file = (shipped_folder("compose") / "two-node.yaml").read_text()
    assert shipped_file == compose.compose(layout), "run: hatlab compose two-node > compose/two-node.yaml"


def test_the_same_containers_as_the_engine_s(layout: Layout) -> None:
    services = yaml.safe_load(compose.compose(layout))["services"]
    asked = _asked_for(layout)
    assert services.keys() == asked.keys() == {"db1", "db2", "client"}
    for name, config in asked.items():
        service, host = services[name], config["HostConfig"]
        assert service["image"] == config["Image"]
        assert service["hostname"] == config["Hostname"]
        assert service["stdin_open"] == config["OpenStdin"]
        assert {service[key] for key in ("pids_limit", "mem_limit")} == {host["PidsLimit"], host["Memory"]}
        for key, spelled in (
            ("CapDrop", "cap_drop"),
            ("CapAdd", "cap_add"),
            ("SecurityOpt", "security_opt"),
            ("Sysctls", "sysctls"),
        ):
            assert service[spelled] == host[key]
        addresses = {
            network.removeprefix("hatlab-x-"): at["IPAMConfig"]["IPv4Address"]
            for network, at in config["NetworkingConfig"]["EndpointsConfig"].items()
        }
        assert {n: at["ipv4_address"] for n, at in service["networks"].items()} == addresses
        told = json.loads(config["Env"][0].removeprefix("HATLAB_NODE="))
        alone = json.loads(service["environment"]["HATLAB_NODE"])
        assert alone.pop("lease") == 0
        assert alone == {key: value for key, value in told.items() if key not in ("lease", "hold")}


def test_nothing_of_what_limits_a_container_is_lost(layout: Layout) -> None:
    assert spec.host_config(layout, "client").keys() - compose._SPELLED.keys() <= {"LogConfig"}


def test_networks_have_no_way_out(layout: Layout) -> None:
    networks = yaml.safe_load(compose.compose(layout))["networks"]
    assert {n: c["ipam"]["config"][0]["subnet"] for n, c in networks.items()} == {
        "lan": "198.18.0.0/24",
        "heartbeat": "198.18.1.0/24",
    }
    for network in networks.values():
        assert network["driver_opts"] == {"com.docker.network.bridge.enable_ip_masquerade": "false"}


def test_names_and_titles_cannot_become_syntax(layout: Layout) -> None:
    data, subnets = layout.to_data()
    topology = Topology.model_validate({**data, "title": "a\nservices: {x: {image: evil}}"})
    found = yaml.safe_load(compose.compose(Layout("My lab\n$X", topology, subnets)))
    assert found["name"] == "hatlab-my-lab-x"
    assert found["services"].keys() == {"db1", "db2", "client"}
