"""Prints a topology that runs real keepalived.conf files, one a node, named by their files.

A node whose file says more than a generated configuration can keeps it whole. Scripts that it names must
exist in the node image to run.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from hatlab.errors import UserError

EXAMPLE = """
hatlab topology-from node1.conf node2.conf > incident.yaml
hatlab start incident.yaml
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a node's keepalived.conf")


def run(args: Namespace) -> int:
    from hatlab.keepalived.to_topology.convert import topology_from
    from hatlab.util.files import MOST_BYTES, read_bytes

    confs = []
    for name in args.files:
        path = Path(name)
        raw = read_bytes(path)
        if len(raw) > min(MOST_BYTES, 65_536):
            raise UserError(f"{path} is too large", "a node's configuration has at most 64 KB")
        stem = path.parent.name if path.stem == "keepalived" and path.parent.name else path.stem
        confs.append((stem, raw.decode("utf-8", "replace")))
    text = topology_from(confs)
    sys.stdout.write(
        f"# Made of {', '.join(Path(name).name for name in args.files)} by hatlab topology-from.\n{text}"
    )
    return 0
