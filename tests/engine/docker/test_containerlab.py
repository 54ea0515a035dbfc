"""The containerlab file: the engine's containers, wired by cables to a bridge a network."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest
import yaml

from hatlab.engine.docker import container_spec as spec
from hatlab.engine.docker import image
from hatlab.engine.docker.compose import containers
from hatlab.engine.docker.containerlab import SWITCH, containerlab
from hatlab.topology import Layout, Topology
from hatlab.topology.library import load_topology, topology_names
from tests.support.topologies import many

NODE_KEYS = {
    *("kind", "image", "image-pull-policy", "restart-policy", "network-mode", "privileged", "entrypoint"),
    *("cap-add", "security-opts", "memory", "env", "exec", "labels", "sysctls"),
}
"""What of containerlab's schema (schemas/clab.schema.json, 0.79) is used here."""


def _made(topology: Topology, name: str = "lab") -> tuple[Layout, dict[str, Any]]:
    layout = Layout.numbered(name, topology)
    return layout, yaml.safe_load(containerlab(layout))


@pytest.mark.parametrize("name", topology_names())
def test_each_shipped_topology_has_one(name: str) -> None:
    layout, data = _made(load_topology(name), name)
    nodes = data["topology"]["nodes"]
    assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9\-._]*", data["name"])
    assert {*layout.node_names, *layout.client_names, SWITCH} < nodes.keys()
    for node, told in nodes.items():
        assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9\-._|]*", node)
        assert told.keys() <= NODE_KEYS


def test_nodes_are_told_what_compose_tells_them_and_may_no_more() -> None:
    layout, data = _made(load_topology("two-node"))
    for told in containers(layout):
        node = data["topology"]["nodes"][told["name"]]
        assert json.loads(node["env"]["HATLAB_NODE"].replace("$$", "$")) == told
        host = spec.host_config(layout, told["name"])
        assert (node["image"], node["privileged"], node["network-mode"]) == (image.tag(), False, "none")
        assert (node["cap-add"], node["security-opts"]) == (host["CapAdd"], host["SecurityOpt"])
        assert node["sysctls"] == host["Sysctls"]
        assert node["memory"] == f"{host['Memory'] // 2**20}mib"


def test_every_interface_has_a_cable_and_its_address_and_is_waited_for() -> None:
    layout, data = _made(many(3, instances=2, networks=3))
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


def test_nothing_of_the_file_becomes_a_variable_of_containerlab() -> None:
    topology = load_topology("two-node")
    db1 = topology.nodes["db1"].model_copy(update={"conf": "$PRIORITY=150\nglobal_defs {\n}\n"})
    changed = topology.model_copy(update={"nodes": {**topology.nodes, "db1": db1}})
    text = containerlab(Layout.numbered("lab", changed))
    assert "$$PRIORITY" in text
    assert not re.search(r"(?<!\$)\$(?!\$)", text)


def test_what_hatlab_itself_would_do_is_said_to_be_missing() -> None:
    plain = load_topology("two-node")
    changed = plain.model_copy(update={"faults": ("cut heartbeat",)})
    assert "# NOT in this file, as hatlab itself carries it out: faults" in containerlab(
        Layout.numbered("lab", changed)
    )
    assert "# NOT in" not in containerlab(Layout.numbered("lab", plain))
