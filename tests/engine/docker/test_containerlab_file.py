"""The containerlab file: the engine's containers, wired by cables to a bridge a network."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest
import yaml

from hatlab.engine.docker.compose_file import standalone_settings
from hatlab.engine.docker.container_config import host_config
from hatlab.engine.docker.containerlab_file import SWITCH, containerlab_file
from hatlab.engine.docker.image.name import image_name
from hatlab.topology import Layout, Topology
from hatlab.topology.library import load_topology, topology_names
from tests.support.topologies import many

NODE_KEYS = {
    *("kind", "image", "image-pull-policy", "restart-policy", "network-mode", "privileged", "entrypoint"),
    *("cap-add", "security-opts", "memory", "env", "exec", "labels", "sysctls"),
}
"""The keys of containerlab's schema (schemas/clab.schema.json, 0.79) that are used here."""


def _parsed_file(topology: Topology, name: str = "lab") -> tuple[Layout, dict[str, Any]]:
    layout = Layout.numbered(name, topology)
    return layout, yaml.safe_load(containerlab_file(layout))


@pytest.mark.parametrize("name", topology_names())
def test_each_shipped_topology_has_a_file(name: str) -> None:
    layout, data = _parsed_file(load_topology(name), name)
    nodes = data["topology"]["nodes"]
    assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9\-._]*", data["name"])
    assert {*layout.node_names, *layout.client_names, SWITCH} < nodes.keys()
    for node, config in nodes.items():
        assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9\-._|]*", node)
        assert config.keys() <= NODE_KEYS


def test_nodes_have_the_settings_and_rights_of_the_compose_file() -> None:
    layout, data = _parsed_file(load_topology("two-node"))
    for settings in standalone_settings(layout):
        node = data["topology"]["nodes"][settings["name"]]
        assert json.loads(node["env"]["HATLAB_NODE"].replace("$$", "$")) == settings
        host = host_config(layout, settings["name"])
        assert (node["image"], node["privileged"], node["network-mode"]) == (image_name(), False, "none")
        assert (node["cap-add"], node["security-opts"]) == (host["CapAdd"], host["SecurityOpt"])
        assert node["sysctls"] == host["Sysctls"]
        assert node["memory"] == f"{host['Memory'] // 2**20}mib"


def test_every_interface_gets_a_cable_and_an_address_and_the_agent_waits_for_it() -> None:
    layout, data = _parsed_file(many(3, instances=2, networks=3))
    nodes, links = data["topology"]["nodes"], data["topology"]["links"]
    ends = [link["endpoints"] for link in links]
    assert len({end for pair in ends for end in pair}) == 2 * len(ends), "an end is used twice"
    cables = dict(ends)
    for name in (*layout.node_names, *layout.client_names):
        networks = layout.networks_of(name)
        for k, network in enumerate(networks, 1):
            bridge = cables[f"{name}:eth{k}"].rpartition(":")[0]
            assert nodes[bridge]["labels"] == {"hatlab.network": network}
            assert nodes[bridge]["network-mode"] == f"container:{SWITCH}"
            address = f"ip address add {layout.address(name, network)}/24 dev eth{k}"
            assert nodes[name]["exec"][k - 1] == address
        *_, script = shlex.split(nodes[name]["entrypoint"])
        assert re.findall(r"dev (eth\d+)", script) == [f"eth{k}" for k in range(1, len(networks) + 1)]
        assert "$" not in script, "containerlab would replace it"
    assert len(ends) == 3 * 3 + 1


def test_containerlab_replaces_no_variable_in_the_file_file() -> None:
    topology = load_topology("two-node")
    db1 = topology.nodes["db1"].model_copy(update={"conf": "$PRIORITY=150\nglobal_defs {\n}\n"})
    changed = topology.model_copy(update={"nodes": {**topology.nodes, "db1": db1}})
    text = containerlab_file(Layout.numbered("lab", changed))
    assert "$$PRIORITY" in text
    assert not re.search(r"(?<!\$)\$(?!\$)", text)


def test_the_file_says_what_only_hatlab_does() -> None:
    plain = load_topology("two-node")
    changed = plain.model_copy(update={"faults": ("cut heartbeat",)})
    assert "# NOT in this file, because hatlab itself does it: faults" in containerlab_file(
        Layout.numbered("lab", changed)
    )
    assert "# NOT in" not in containerlab_file(Layout.numbered("lab", plain))
