"""The compose file: the same containers as the engine's, without hatlab."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from hatlab.engine.docker import compose_file as module
from hatlab.engine.docker.compose_file import compose_file
from hatlab.engine.docker.container_config import LARGEST_FILE, client_settings, host_config, node_settings
from hatlab.engine.docker.container_creation import create_container
from hatlab.engine.docker.image.name import image_name
from hatlab.engine.docker.networks import BRIDGE_OPTIONS
from hatlab.topology import Layout, Topology
from hatlab.topology.library import load_topology
from hatlab.util.files import shipped_folder
from tests.support.topologies import with_files


@pytest.fixture
def layout() -> Layout:
    return Layout.numbered("two-node", load_topology("two-node"))


def _created_containers(layout: Layout) -> dict[str, dict[str, Any]]:
    """Return the configurations that the engine creates containers with, by container name."""
    created: dict[str, dict[str, Any]] = {}

    def create(config: dict[str, Any], name: str) -> dict[str, str]:
        created[name] = config
        return {"Id": name}

    def connect(container: str, network: str, ipv4_address: str) -> None:
        created[container]["NetworkingConfig"]["EndpointsConfig"][network] = _at(ipv4_address)

    def _at(ipv4_address: str) -> dict[str, Any]:
        return {"IPAMConfig": {"IPv4Address": ipv4_address}}

    api = SimpleNamespace(create_container_from_config=create, create_endpoint_config=_at)
    api.connect_container_to_network = connect
    for settings in (
        *(node_settings(layout, node) for node in layout.node_names),
        *(client_settings(layout, client) for client in layout.client_names),
    ):
        create_container(SimpleNamespace(api=api), "x", layout, image_name(), settings)  # type: ignore[arg-type]
    return {name.removeprefix("hatlab-x-"): config for name, config in created.items()}


def test_the_shipped_file_is_what_hatlab_compose_prints(layout: Layout) -> None:
    shipped_file = (shipped_folder("compose") / "two-node.yaml").read_text()
    assert shipped_file == compose_file(layout), "run: hatlab compose two-node > compose/two-node.yaml"


def test_the_file_has_the_same_containers_as_the_engine(layout: Layout) -> None:
    services = yaml.safe_load(compose_file(layout))["services"]
    created = _created_containers(layout)
    assert services.keys() == created.keys() == {"db1", "db2", "client"}
    for name, config in created.items():
        service, host = services[name], config["HostConfig"]
        assert service["image"] == config["Image"]
        assert service["hostname"] == config["Hostname"]
        assert service["stdin_open"] == config["OpenStdin"]
        assert {service[key] for key in ("pids_limit", "mem_limit")} == {host["PidsLimit"], host["Memory"]}
        rights = {
            "CapDrop": "cap_drop",
            "CapAdd": "cap_add",
            "SecurityOpt": "security_opt",
            "Sysctls": "sysctls",
        }
        for key, compose_key in rights.items():
            assert service[compose_key] == host[key]
        addresses = {
            network.removeprefix("hatlab-x-"): at["IPAMConfig"]["IPv4Address"]
            for network, at in config["NetworkingConfig"]["EndpointsConfig"].items()
        }
        assert {n: at["ipv4_address"] for n, at in service["networks"].items()} == addresses
        by_engine = json.loads(config["Env"][0].removeprefix("HATLAB_NODE="))
        standalone = json.loads(service["environment"]["HATLAB_NODE"])
        assert standalone.pop("lease") == 0
        assert standalone == {key: value for key, value in by_engine.items() if key not in ("lease", "hold")}


def test_files_of_a_node_have_a_variable_of_their_own(layout: Layout) -> None:
    files = {"/opt/check.sh": "#!/bin/sh\necho $HOME lan.12\n"}
    topology = with_files(layout.topology, "db1", files)
    services = yaml.safe_load(compose_file(Layout.numbered("x", topology)))["services"]
    written = json.loads(services["db1"]["environment"]["HATLAB_FILES"])
    assert written["/opt/check.sh"]["content"] == "#!/bin/sh\necho $$HOME 198.18.0.12\n"
    assert "HATLAB_FILES" not in services["db2"]["environment"]


def test_every_limit_of_a_container_is_in_the_file(layout: Layout) -> None:
    assert host_config(layout, "client").keys() - module._HOST_CONFIG_KEYS.keys() <= {"LogConfig", "Ulimits"}
    service = yaml.safe_load(compose_file(layout))["services"]["client"]
    assert service["ulimits"] == {"fsize": LARGEST_FILE}


def test_networks_have_no_way_out(layout: Layout) -> None:
    networks = yaml.safe_load(compose_file(layout))["networks"]
    subnets = {name: config["ipam"]["config"][0]["subnet"] for name, config in networks.items()}
    assert subnets == {"lan": "198.18.0.0/24", "heartbeat": "198.18.1.0/24"}
    for network in networks.values():
        assert network["driver_opts"] == BRIDGE_OPTIONS


def test_names_and_titles_cannot_become_syntax(layout: Layout) -> None:
    topology_data, subnets = layout.to_data()
    topology = Topology.model_validate({**topology_data, "title": "a\nservices: {x: {image: evil}}"})
    data = yaml.safe_load(compose_file(Layout("My lab\n$X", topology, subnets)))
    assert data["name"] == "hatlab-my-lab-x"
    assert data["services"].keys() == {"db1", "db2", "client"}
