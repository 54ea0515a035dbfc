"""Prints the JSON Schema of a kind of file: editors give completion, hover help and marks with it.

With the YAML language server put this above a file:
# yaml-language-server: $schema=topology.schema.json
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace

EXAMPLE = """
hatlab schema topology > topology.schema.json
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=["topology"], help="of which kind of file")


def run(args: Namespace) -> int:
    from lab.topology_schema import topology_schema

    schemas = {"topology": topology_schema}
    sys.stdout.write(json.dumps(schemas[args.kind](), indent=2, ensure_ascii=False) + "\n")
    return 0
