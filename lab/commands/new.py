"""Writes a commented start of a new topology, NAME.yaml in this folder (or to standard output with `-`)."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from lab.errors import UserError

EXAMPLE = """
hatlab new topology my-lab
hatlab new topology - > labs/other.yaml
"""
TOPOLOGY = """\
# A topology: what should exist in a lab. Run it: hatlab start {path}
# Check it while you write: hatlab check {path} --watch
# All keys: docs/writing-topologies.md. For completion and help in your editor:
#   hatlab schema topology > topology.schema.json
# yaml-language-server: $schema=topology.schema.json
version: 1
title: {title}
description: >-
  One or two sentences that say what this lab shows.

networks: [lan, heartbeat]    # each is a /24 of its own, picked free when the lab starts

nodes:                        # name: last octet of its address on every network
  db1: 11
  db2: 12
  # db3: {{octet: 13, networks: [lan, heartbeat]}}

instances:                    # virtual routers: who may hold which address
  VI_1:
    network: heartbeat        # where the adverts travel
    vrid: 51                  # unique on that network
    # version: 3              # 2 (whole seconds, passwords) or 3 (hundredths, no passwords)
    # interval: 1             # seconds between adverts
    auth_pass: hatlab         # version 2 only, at most 8 characters, readable on the wire
    members:                  # node: priority; the highest becomes Master
      db1: 150
      db2: 100
      # db3: {{priority: 90, nopreempt: true}}
    addresses: {{lan: [100]}}   # network: last octets of the virtual addresses
    checks: [mysql]           # a failure of weight 0 means FAULT

checks:                       # a question to the node's own mysqld
  mysql: {{ask: SELECT 1, interval: 2, fall: 2, rise: 2}}

replication: {{kind: two-sources, network: heartbeat}}    # of two nodes; with three: none

clients:                      # asks the virtual address 20 times a second, and writes rows
  client: {{network: lan, octet: 50, target: VI_1}}
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=["topology"], help="what to write")
    parser.add_argument("name", metavar="NAME", help="its name: letters, digits and -, or - to print it")


def run(args: Namespace) -> int:
    name = args.name.removesuffix(".yaml")
    if name == "-":
        sys.stdout.write(TOPOLOGY.format(path="FILE.yaml", title="My lab"))
        return 0
    if not all(char.isalnum() or char in "-_" for char in name) or not name[:1].isalnum():
        raise UserError(f"{args.name!r} is no name", "use letters, digits, - and _")
    path = Path(f"{name}.yaml")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(
                TOPOLOGY.format(path=path, title=name.replace("-", " ").replace("_", " ").capitalize())
            )
    except FileExistsError:
        raise UserError(f"{path} exists already", "choose another name, or remove it") from None
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror}", "run it in a folder that you may write to"
        ) from None
    sys.stdout.write(f"{path}: edit it, then: hatlab check {path} && hatlab start {path}\n")
    return 0
