"""Lists the topologies that ship with hatlab."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

EXAMPLE = """
hatlab topologies
hatlab start two-node
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="an object a topology, one a line")


def run(args: Namespace) -> int:
    import json

    from lab.files import load_topology, topology_names

    for name in topology_names():
        topology = load_topology(name)
        data = {"name": name, "title": topology.title, "nodes": list(topology.nodes)}
        text = json.dumps(data, ensure_ascii=False) if args.json else f"{name:<16} {topology.title}"
        sys.stdout.write(text + "\n")
    return 0
