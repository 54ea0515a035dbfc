"""End the running lab, remove what earlier labs left on the Docker engine, and list what was removed."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.commands.support.output import print_line
from hatlab.errors import EngineUnavailable, LabError, UserError

if TYPE_CHECKING:
    from docker import DockerClient


EXAMPLE = """
hatlab down
hatlab down --all     every lab on this Docker engine, including those of other people
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--lab", metavar="ID", help="only this lab: its id, or the start or end of it")
    parser.add_argument("--all", action="store_true", help="end and remove every lab on this Docker engine")
    parser.add_argument("--context", metavar="NAME", help="a Docker context (default: the current one)")


def run(args: Namespace) -> int:
    from hatlab.control import list_running_labs, request_result
    from hatlab.util.paths import sockets_dir

    dead: list[Path] = []
    labs = list_running_labs(sockets_dir(), forget=dead.append)
    chosen = [lab for lab in labs if lab.is_named(args.lab)]
    if len(chosen) > 1 and not args.all:
        names = ", ".join(f"{lab.id} (pid {lab.pid})" for lab in chosen)
        raise UserError("several labs are running", f"name one with --lab, or use --all: {names}")
    for lab in chosen:
        ended = request_result(lab.path, {"ask": "end"}, timeout=60)
        print_line(f"ended lab {lab.id}: {', '.join(ended.get('removed', ()))}")
    if args.lab is not None and chosen:
        return 0
    try:
        mentioned = _remove_leftovers(args, {path.stem for path in dead}, {lab.id for lab in labs})
    except EngineUnavailable as error:
        if args.all or args.lab:
            raise
        if not chosen:
            print_line(f"no lab is running; whether others left anything is unknown: {error.message}")
        return 0
    if not chosen and not mentioned:
        if args.lab is not None:
            raise LabError(
                f"there is no lab {args.lab!r}, running or left over", "hatlab status lists the labs"
            )
        print_line("no lab is running, and nothing is left over")
    return 0


def _remove_leftovers(args: Namespace, dead: set[str], alive: set[str]) -> int:
    """Remove labs that no hatlab of ours keeps from the engine. Return how many were mentioned.

    A lab whose containers run may be someone else's: it is removed only with --all, by its id, or if its
    owner's socket proved dead.

    Args:
        args: of the command.
        dead: ids of labs whose sockets proved dead.
        alive: ids of labs that run.
    """
    from hatlab.control import matches_id
    from hatlab.engine.docker.cleanup import find_labs, remove_lab
    from hatlab.engine.docker.connection import connect

    mentioned = 0
    with closing(connect(args.context)) as client:
        for remains in find_labs(client):
            lab = remains.lab
            if args.lab is not None and not matches_id(lab, args.lab):
                continue
            if lab in alive and not args.all:
                continue
            mentioned += 1
            if args.all or args.lab is not None or lab in dead or _has_ended(lab, client):
                print_line(f"removed lab {lab}: {', '.join(remove_lab(client, lab))}")
            else:
                state = "is running" if remains.running else "is being made"
                print_line(f"lab {lab} {state}, but is not yours. To remove it: hatlab down --lab {lab}")
    return mentioned


def _has_ended(lab: str, client: DockerClient) -> bool:
    """Return True if a lab's containers ended. A lab without any, or with a new one, may be being made."""
    from hatlab.engine.docker.labels import LAB

    containers = client.api.containers(all=True, filters={"label": f"{LAB}={lab}"})
    return bool(containers) and all(c["State"] in ("exited", "dead", "removing") for c in containers)
