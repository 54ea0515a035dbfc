"""Print the keepalived.conf of a topology's node, with every line explained.

Subnets and interface names are those of a first lab on an idle machine; those of a running lab may differ.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from difflib import get_close_matches

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.errors import UserError

EXAMPLE = """
hatlab conf two-node db1
hatlab conf two-node db1 --plain > keepalived.conf
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("topology", metavar="TOPOLOGY", help="a shipped name or a .yaml file")
    parser.add_argument("node", metavar="NODE", help="one of its nodes")
    parser.add_argument("--plain", action="store_true", help="leave out the explanations")
    add_json_option(parser, "print one JSON object with the file's text")


def run(args: Namespace) -> int:
    from hatlab.keepalived import write_config
    from hatlab.keepalived.tokens import paint_conf
    from hatlab.topology import Layout
    from hatlab.topology.library import load_named_topology
    from hatlab.util.terminal import wants_colour

    layout = Layout.numbered(*load_named_topology(args.topology))
    if args.node not in layout.node_names:
        guess = get_close_matches(args.node, layout.node_names, 1)
        hint = f"did you mean {guess[0]!r}?" if guess else f"use one of: {', '.join(layout.node_names)}"
        raise UserError(f"{args.topology} has no node {args.node!r}", hint)
    if args.node not in layout.server_names:
        raise UserError(
            f"{args.node} is a host and does not run keepalived",
            f"use one of: {', '.join(layout.server_names)}",
        )
    interfaces = {network: f"eth{index}" for index, network in enumerate(layout.networks_of(args.node))}
    text = write_config(layout, args.node, interfaces, comments=not args.plain)
    if args.json:
        print_json({"topology": args.topology, "node": args.node, "text": text})
    else:
        sys.stdout.write(paint_conf(text) if wants_colour(os.environ, sys.stdout.isatty()) else text)
    return 0
