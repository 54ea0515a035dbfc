"""Show the running labs: nodes, who holds the address, clients, faults and how to fix them."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from hatlab.commands.support.json_output import add_json_option, print_json

EXAMPLE = """
hatlab status
hatlab status --json | jq .nodes.db1.instances
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--lab", metavar="ID", help="only this lab: its id, or the start or end of it")
    add_json_option(parser, "print one JSON object per lab and line")


def run(args: Namespace) -> int:
    from hatlab.control import find_lab, list_running_labs, request_result
    from hatlab.state.summary import summary_lines
    from hatlab.util.paths import sockets_dir
    from hatlab.util.unix_socket import require_unix_sockets

    require_unix_sockets()
    folder = sockets_dir()
    labs = [find_lab(folder, args.lab)] if args.lab else list_running_labs(folder)
    if not labs and not args.json:
        sys.stdout.write("no lab is running (to start one: hatlab start)\n")
    for lab in labs:
        status = request_result(lab.path, {"ask": "status"}, timeout=10)
        if args.json:
            print_json(status)
        else:
            sys.stdout.write("".join(f"{line}\n" for line in summary_lines(status)))
    return 0
