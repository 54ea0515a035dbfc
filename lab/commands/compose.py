"""Prints a topology as a compose file that runs alone under `docker compose up`, without hatlab."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

EXAMPLE = "hatlab compose two-node > compose.yaml && docker compose up"


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("topology", metavar="TOPOLOGY", help="a shipped name or a .yaml file")


def run(args: Namespace) -> int:
    from lab.engine.docker.compose import compose
    from lab.files import find_topology, load_topology
    from lab.topology import Layout

    topology = load_topology(args.topology)
    sys.stdout.write(compose(Layout.numbered(find_topology(args.topology).stem, topology)))
    return 0
