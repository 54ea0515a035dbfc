"""Open a shell on a node of the running lab, in this terminal; press Ctrl+D to leave it.

With --json it opens none, and says in which container it would be.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.output import print_progress
from hatlab.errors import ActionFailed, UserError

if TYPE_CHECKING:
    from docker import DockerClient

T = TypeVar("T")
EXAMPLE = """
hatlab shell db1
hatlab shell db1 --json | jq -r .container
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("node", metavar="NODE", help="a node or client of the lab")
    parser.add_argument(
        "--lab", metavar="ID", help="which lab, if several are running: its id, or the start or end of it"
    )
    add_json_option(parser, "print where the shell would be as one JSON object, and open none")


def run(args: Namespace) -> int:
    from hatlab.control import find_lab, request_result
    from hatlab.util.paths import sockets_dir

    if not args.json and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError("a shell needs a terminal", "to run a single statement: hatlab do sql db1 'SELECT 1'")
    lab = find_lab(sockets_dir(), args.lab)
    access = request_result(lab.path, {"ask": "place", "node": args.node}, timeout=10)
    if lab.engine != "docker":
        if lab.engine == "replay":
            raise ActionFailed(
                f"a node of the {lab.engine} engine has no shell", "hatlab start --engine docker"
            )
        runs = "is simulated" if lab.engine == "sim" else f"runs on the engine {lab.engine}"
        raise ActionFailed(
            f"{args.node} {runs}, so its shell opens only in the lab's own window",
            f"choose {args.node} there and press s; from here use hatlab do",
        )
    if access.get("docker_host"):
        os.environ["DOCKER_HOST"] = access["docker_host"]
    if args.json:
        container = _with_container(lab.id, args.node, access.get("context"), lambda _, found: found)
        print_json({"lab": lab.id, "node": args.node, "container": container, **access})
        return 0
    from hatlab.engine.docker.node_shell import open_shell

    return _with_container(lab.id, args.node, access.get("context"), open_shell)


def _with_container(lab: str, node: str, context: str | None, use: Callable[[DockerClient, str], T]) -> T:
    """Return what `use` makes of the engine and the id of a node's container.

    Raises:
        ActionFailed: the node is off.
    """
    from hatlab.engine.docker.connection import connect
    from hatlab.engine.docker.labels import LAB, NODE

    with closing(connect(context, on_slow=print_progress)) as client:
        labels = [f"{LAB}={lab}", f"{NODE}={node}"]
        containers = client.api.containers(filters={"label": labels})
        if not containers:
            raise ActionFailed(f"{node} is off", f"hatlab do power on {node}")
        return use(client, str(containers[0]["Id"]))
