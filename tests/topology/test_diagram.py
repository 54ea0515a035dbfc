"""Small maps of topologies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hatlab.cli import main
from hatlab.topology import Topology
from hatlab.topology.diagram import draw_topology
from hatlab.topology.library import load_topology, topology_names
from tests.support.topologies import many, write


def test_two_nodes_are_drawn() -> None:
    assert draw_topology(load_topology("two-node")) == [
        "              db1  db2",
        "  lan        ──●────●──  ◆ .100  ▣ client",
        "  heartbeat  ──●────●──  ≈ VI_1",
        "  VI_1       ★150  100",
    ]


def test_a_node_that_is_not_on_a_network_or_in_an_instance_has_a_gap() -> None:
    data = many(3, networks=3).model_dump(exclude_defaults=True)
    data["nodes"]["db2"] = {"octet": 12, "networks": ["lan", "heartbeat"]}
    del data["instances"]["VI_1"]["members"]["db3"]
    drawn = draw_topology(Topology.model_validate({"version": 1, **data}))
    rows = {line.split()[0]: line for line in drawn[1:]}
    assert rows["storage"].split()[1] == "──●─────────●──"
    assert rows["VI_1"].split() == ["VI_1", "★200", "190"]


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize(
    "topology",
    [*map(load_topology, topology_names()), many(1), many(16), many(16, instances=16, networks=8, clients=8)],
    ids=lambda t: t.title,
)
def test_every_node_network_and_instance_is_there_within_the_width(topology: Topology, width: int) -> None:
    drawn = draw_topology(topology, width)
    assert max(map(len, drawn)) <= width
    words = "\n".join(drawn).split()
    for name in (*topology.nodes, *topology.networks, *topology.instances):
        assert name in words
    every = len(topology.networks)
    on = (every if node.networks is None else len(node.networks) for node in topology.nodes.values())
    assert "\n".join(drawn).count("●") == sum(on)


def test_the_command_takes_files_and_gives_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(many(3), tmp_path / "mine.yaml")
    assert main(["topologies", str(path)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("mine             3 MySQL servers\n")
    assert main(["topologies", "--json", str(path), "two-node"]) == 0
    mine, two = map(json.loads, capsys.readouterr().out.splitlines())
    assert mine["map"] == shown.splitlines()[1:-1]
    assert two["instances"]["VI_1"]["members"] == {"db1": 150, "db2": 100}
    assert two["clients"] == {"client": "VI_1"}
