"""Remove what hatlab leaves on this machine: its files, and the images, networks and containers on Docker.

It lists everything first and asks. What a lab uses stays, and so does what is not yours. The program itself
is removed by what installed it; the last line says how.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.classroom.known_courses import known_courses, running_courses
from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.output import print_line, print_note, print_progress
from hatlab.errors import EngineError, LabError, UserError

if TYPE_CHECKING:
    from hatlab.commands.support.remnants import Remnant
    from hatlab.engine.docker.lab_records import LabRecord

EXAMPLE = """
hatlab uninstall --dry-run    only list it
hatlab uninstall              list it, and ask
hatlab uninstall --yes        do not ask
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="list what is left, and remove nothing")
    parser.add_argument("--yes", action="store_true", help="remove it without asking")
    add_json_option(parser, "print one JSON object per thing and line; with --dry-run or --yes")
    parser.add_argument("--context", metavar="NAME", help="a Docker context (default: the current one)")


def run(args: Namespace) -> int:
    asks = not (args.yes or args.dry_run)
    if asks and (args.json or not sys.stdin.isatty()):
        raise UserError("there is nobody to ask", "list it with --dry-run, or remove it with --yes")
    records = _own_records()
    running = _running_labs(records)
    if running and not args.dry_run:
        raise LabError(f"a lab is running: {', '.join(running)}", "end it first: hatlab down")
    if (classes := running_courses()) and not args.dry_run:
        raise LabError(f"a class is running: {classes[0]}", f"end it first: hatlab class stop {classes[0]}")
    courses = known_courses()
    with ExitStack() as stack:
        remnants = _find_remnants(args.context, records, stack)
        if not args.json:
            _print_list(remnants)
        doomed = [remnant for remnant in remnants if not remnant.kept]
        if asks and doomed and not _agrees(any(remnant.kind == "folder" for remnant in doomed)):
            print_line("Nothing was removed.")
            return 0
        problems = [_settle(remnant, args) for remnant in remnants]
    if not args.json:
        _print_rest(courses)
    return 1 if any(problems) else 0


def _own_records() -> list[LabRecord]:
    """Return the records of this user's labs; no folder is made to look for them."""
    from hatlab.engine.docker.lab_records import read_records
    from hatlab.util.paths import own_folders

    return read_records() if own_folders()[0].is_dir() else []


def _running_labs(records: list[LabRecord]) -> list[str]:
    """Return the ids of this user's labs that run."""
    from hatlab.control import list_running_labs
    from hatlab.util.paths import own_folders, sockets_dir

    if not own_folders()[0].is_dir():
        return []
    recorded = {record.lab for record in records if record.owner_runs()}
    return sorted(recorded | {lab.id for lab in list_running_labs(sockets_dir())})


def _find_remnants(context: str | None, records: list[LabRecord], stack: ExitStack) -> list[Remnant]:
    """Return all that is left, in the order in which it is removed; the stack closes what that takes."""
    from hatlab.commands.support.remnants import folder_remnants, image_remnants, lab_remnants
    from hatlab.engine.docker.cleanup import find_labs, find_own_labs
    from hatlab.engine.docker.connection import connect, plain_errors
    from hatlab.engine.docker.lab_records import find_place

    found: list[Remnant] = []
    elsewhere = records
    try:
        client = stack.enter_context(closing(connect(context, on_slow=print_progress)))
        with plain_errors("cannot list what is on the engine"):
            place, labs = find_place(client, context), find_labs(client)
            found += lab_remnants(client, place, find_own_labs(labs, records))
            found += image_remnants(client, labs, found)
        elsewhere = [each for each in records if each.place is not None and not each.place.is_same(place)]
    except EngineError as error:
        print_note(f"what hatlab made on a Docker engine is unknown: {error.message}")
    return [*found, *folder_remnants(elsewhere)]


def _print_list(remnants: list[Remnant]) -> None:
    if not remnants:
        print_line("hatlab has left nothing here.")
    for remnant in remnants:
        size = "" if remnant.bytes is None else f", {remnant.bytes / 1e6:.1f} MB"
        stays = f"\n    stays: {remnant.kept}" if remnant.kept else ""
        print_line(f"{remnant.kind} {remnant.name}{size}\n    {remnant.detail}{stays}")


def _agrees(has_folders: bool) -> bool:
    """Ask whether all that is listed shall be removed."""
    if has_folders:
        print_line("Your progress is in these folders; `hatlab lessons --export FILE` keeps it.")
    sys.stdout.write("Remove all of this? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _settle(remnant: Remnant, args: Namespace) -> str:
    """Remove a remnant, unless it stays, and say so; return why it could not be removed, or nothing."""
    if args.dry_run or remnant.kept:
        outcome, reason = ("kept" if remnant.kept else "listed"), remnant.kept
    else:
        reason = remnant.remove()
        outcome = "left" if reason else "removed"
    if args.json:
        told = {"kind": remnant.kind, "name": remnant.name, "detail": remnant.detail, "bytes": remnant.bytes}
        print_json({**told, "outcome": outcome, "reason": reason})
    elif outcome == "removed":
        print_line(f"removed {remnant.kind} {remnant.name}")
    elif outcome == "left":
        print_line(f"{remnant.kind} {remnant.name} is still there: {reason}")
    return reason if outcome == "left" else ""


def _print_rest(courses: Sequence[Path]) -> None:
    """Say what hatlab does not remove itself.

    Args:
        courses: the folders of classes.
    """
    from hatlab.commands.support.installers import own_lines, removal_command

    for course in courses:
        print_line(f"{course} is the folder of a class, with what its students did; it is yours to remove.")
    for file in own_lines():
        print_line(f"{file} makes your shell complete hatlab; that line is yours to remove.")
    print_line(f"The program itself is removed by: {removal_command()}")
