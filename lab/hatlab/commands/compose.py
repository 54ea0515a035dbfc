"""Print a topology as a compose or containerlab file that runs alone, without hatlab."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from hatlab.commands.support.json_output import add_json_option, print_json

EXAMPLE = """
hatlab compose two-node > compose.yaml && docker compose up
hatlab compose two-node --to containerlab > two-node.clab.yml && containerlab deploy
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("topology", metavar="TOPOLOGY", help="a shipped name or a .yaml file")
    parser.add_argument(
        "--to", choices=("compose", "containerlab"), default="compose", help="the tool it is for"
    )
    add_json_option(parser, "print one JSON object with the file's text")


def run(args: Namespace) -> int:
    from hatlab.engine.docker.compose_file import compose_file
    from hatlab.engine.docker.containerlab_file import containerlab_file
    from hatlab.topology import Layout
    from hatlab.topology.library import load_named_topology

    layout = Layout.numbered(*load_named_topology(args.topology))
    text = containerlab_file(layout) if args.to == "containerlab" else compose_file(layout)
    if args.json:
        print_json({"topology": args.topology, "to": args.to, "text": text})
    else:
        sys.stdout.write(text)
    return 0
