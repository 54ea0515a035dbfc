"""Open a shell on a node of the running lab, in this terminal; press Ctrl+D to leave it."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from contextlib import closing

from hatlab.commands.support.output import print_progress
from hatlab.errors import ActionFailed, UserError

EXAMPLE = "hatlab shell db1"


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("node", metavar="NODE", help="a node or client of the lab")
    parser.add_argument(
        "--lab", metavar="ID", help="which lab, if several are running: its id, or the start or end of it"
    )


def run(args: Namespace) -> int:
    from hatlab.control import find_lab, request_result
    from hatlab.util.paths import sockets_dir

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError("a shell needs a terminal", "to run a single statement: hatlab do sql db1 'SELECT 1'")
    lab = find_lab(sockets_dir(), args.lab)
    access = request_result(lab.path, {"ask": "place", "node": args.node}, timeout=10)
    if lab.engine != "docker":
        if lab.engine == "sim":
            raise ActionFailed(
                f"{args.node} is simulated, so its shell opens only in the lab's own window",
                f"choose {args.node} there and press s; from here use hatlab do",
            )
        raise ActionFailed(f"a node of the {lab.engine} engine has no shell", "hatlab start --engine docker")
    if access.get("docker_host"):
        os.environ["DOCKER_HOST"] = access["docker_host"]
    return _open_shell(lab.id, args.node, access.get("context"))


def _open_shell(lab: str, node: str, context: str | None) -> int:
    from hatlab.engine.docker.connection import connect
    from hatlab.engine.docker.labels import LAB, NODE
    from hatlab.engine.docker.node_shell import open_shell

    with closing(connect(context, on_slow=print_progress)) as client:
        labels = [f"{LAB}={lab}", f"{NODE}={node}"]
        containers = client.api.containers(filters={"label": labels})
        if not containers:
            raise ActionFailed(f"{node} is off", f"hatlab do power on {node}")
        return open_shell(client, containers[0]["Id"])
