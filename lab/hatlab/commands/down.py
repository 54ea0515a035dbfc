"""Ends the running lab, removes what ended labs left on the Docker engine, and names what it removed."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.errors import EngineUnavailable, LabError, UserError

if TYPE_CHECKING:
    from docker import DockerClient

    from hatlab.engine.docker.cleanup import LabRemains

EXAMPLE = """
hatlab down
hatlab down --all     every lab on this Docker engine, also those of other people and terminals
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--lab", metavar="ID", help="only this lab; the beginning or end of its id")
    parser.add_argument("--all", action="store_true", help="every lab on this Docker engine")
    parser.add_argument("--context", metavar="NAME", help="a Docker context; the current one if left out")


def run(args: Namespace) -> int:
    from hatlab.control import list_running_labs
    from hatlab.util.paths import sockets_dir

    dead: list[Path] = []
    labs = list_running_labs(sockets_dir(), forget=dead.append)
    chosen = [lab for lab in labs if lab.is_named(args.lab)]
    if len(chosen) > 1 and not args.all:
        listed = ", ".join(f"{lab.id} (pid {lab.pid})" for lab in chosen)
        raise UserError("several labs are running", f"name one with --lab, or say --all: {listed}")
    from hatlab.control import request_result

    ended = 0
    for lab in chosen:
        found = request_result(lab.path, {"ask": "end"}, timeout=60)
        _say(f"ended lab {lab.id}: {', '.join(found.get('removed', ()))}")
        ended += 1
    if args.lab is not None and ended:
        return 0
    try:
        left = _leftovers(args, {path.stem for path in dead}, {lab.id for lab in labs})
    except EngineUnavailable as error:
        if args.all or args.lab:
            raise
        left = 0
        if not ended:
            _say(f"no lab is running; what others left cannot be seen: {error.message}")
            return 0
    if not ended and not left:
        if args.lab is not None:
            raise LabError(f"there is no lab {args.lab!r}, neither running nor left over", "hatlab status")
        _say("no lab is running and nothing is left of one")
    return 0


def _leftovers(args: Namespace, dead: set[str], alive: set[str]) -> int:
    """Removes labs from the engine that no hatlab of ours keeps; returns how many it named.

    A lab whose containers run may be someone else's: it goes only with --all, by its id, or if its owner's
    socket proved dead.
    """
    from hatlab.control import matches_id
    from hatlab.engine.docker.cleanup import find_labs, remove_lab
    from hatlab.engine.docker.connection import connect

    client = connect(args.context)
    named = 0
    try:
        for found in find_labs(client):
            if args.lab is not None and not matches_id(found.lab, args.lab):
                continue
            named += 1
            mine = args.all or args.lab is not None or found.lab in dead
            if found.lab in alive and not args.all:
                named -= 1
            elif mine or _ended(found, client):
                _say(f"removed lab {found.lab}: {', '.join(remove_lab(client, found.lab))}")
            else:
                state = "runs" if found.running else "is being made"
                how = f"hatlab down --lab {found.lab}"
                _say(f"left alone: lab {found.lab} {state}, and not by you ({how} removes it)")
    finally:
        client.close()
    return named


def _ended(found: LabRemains, client: DockerClient) -> bool:
    """Whether a lab is over: its containers ended. One without any, or with a new one, may be being made."""
    from hatlab.engine.docker.labels import LAB

    containers = client.api.containers(all=True, filters={"label": f"{LAB}={found.lab}"})
    return bool(containers) and all(c["State"] in ("exited", "dead", "removing") for c in containers)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
