"""Writes a commented start of a new topology or lesson into this folder (or to standard output with `-`)."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from string import Template

from hatlab.commands.support.file_templates import LESSON, TOPOLOGY
from hatlab.errors import UserError

EXAMPLE = """
hatlab new topology my-lab
hatlab new lesson my-lesson
hatlab new topology - > labs/other.yaml
"""
KINDS = {
    "topology": (TOPOLOGY, ".yaml", "hatlab check {0} && hatlab start {0}"),
    "lesson": (LESSON, ".md", "hatlab check {0} && hatlab verify {0}"),
}
"""What each kind begins with, how its files end, and what to do next."""
_NAMES = {"topology": r"[A-Za-z0-9][\w-]*", "lesson": r"[a-z][a-z0-9-]{0,39}"}


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=list(KINDS), help="what to write")
    parser.add_argument("name", metavar="NAME", help="its name: letters, digits and -, or - to print it")


def run(args: Namespace) -> int:
    text, ending, then = KINDS[args.kind]
    name = args.name.removesuffix(ending)
    if name == "-":
        own = f"my-{args.kind}"
        sys.stdout.write(_filled(text, f"{own}{ending}", own))
        return 0
    if not re.fullmatch(_NAMES[args.kind], name):
        small = (
            "small letters, digits and -, a letter first"
            if args.kind == "lesson"
            else "letters, digits, - and _"
        )
        raise UserError(f"{args.name!r} is no name of a {args.kind}", f"use {small}")
    path = Path(f"{name}{ending}")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_filled(text, str(path), name))
    except FileExistsError:
        raise UserError(f"{path} exists already", "choose another name, or remove it") from None
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror}", "run it in a folder that you may write to"
        ) from None
    sys.stdout.write(f"{path}: edit it, then: {then.format(path)}\n")
    return 0


def _filled(text: str, path: str, name: str) -> str:
    title = name.replace("-", " ").replace("_", " ").capitalize()
    return Template(text).substitute(path=path, id=name, title=title)
