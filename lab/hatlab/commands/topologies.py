"""Show the topologies that ship with hatlab, or your own, each with a small map.

In the map each column is a node. ● is its interface on a network, ≈ marks the network of the adverts, ◆
stands for virtual addresses (by their last octet) and ▣ for clients. Below are the priorities (★ is the
highest) and the files that nodes bring.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from hatlab.commands.support.json_output import add_json_option, print_json

if TYPE_CHECKING:
    from hatlab.topology import Topology

EXAMPLE = """
hatlab topologies
hatlab topologies my-lab.yaml
hatlab start two-node
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "topology",
        nargs="*",
        metavar="TOPOLOGY",
        help="a shipped name or a .yaml file (default: all shipped ones)",
    )
    add_json_option(parser, "print one JSON object per topology and line")


def run(args: Namespace) -> int:
    from hatlab.topology.diagram import draw_topology
    from hatlab.topology.library import load_named_topology, topology_names

    for name in args.topology or topology_names():
        stem, topology = load_named_topology(name)
        if args.json:
            print_json(_topology_data(stem, topology))
            continue
        lines = [f"{stem:<16} {topology.title}"[:80], *draw_topology(topology)]
        lines += [f"  {node}: {path}" for node, paths in _files(topology).items() for path in paths]
        sys.stdout.write("\n".join([*lines, "", ""]))
    return 0


def _files(topology: Topology) -> dict[str, list[str]]:
    """Node → the paths of the files that it brings."""
    return {node: [*spec.files] for node, spec in topology.nodes.items() if spec.files}


def _topology_data(name: str, topology: Topology) -> dict[str, Any]:
    from hatlab.topology.diagram import draw_topology

    return {
        "name": name,
        "title": topology.title,
        "nodes": list(topology.nodes),
        "networks": list(topology.networks),
        "instances": {
            name: {
                "network": instance.network,
                "members": {node: member.priority for node, member in instance.members.items()},
                "addresses": instance.addresses,
            }
            for name, instance in topology.instances.items()
        },
        "files": _files(topology),
        "clients": {name: client.target for name, client in topology.clients.items()},
        "map": draw_topology(topology),
    }
