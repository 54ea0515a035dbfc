"""Write a commented topology, lesson or drill to start from into this folder (`-` for standard output)."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from string import Template

from hatlab.commands.support.file_templates import DRILL, LESSON, TOPOLOGY
from hatlab.errors import UserError
from hatlab.util.files import write_new

EXAMPLE = """
hatlab new topology my-lab
hatlab new lesson my-lesson
hatlab new drill my-drill
hatlab new topology - > labs/other.yaml
"""
KINDS = {
    "topology": (TOPOLOGY, ".yaml", "hatlab check {0} && hatlab start {0}"),
    "lesson": (LESSON, ".md", "hatlab check {0} && hatlab verify {0}"),
    "drill": (DRILL, ".md", "hatlab check {0} && hatlab verify {0}"),
}
"""Kind → the text of its start, the ending of its files, and the command to run next."""
_LESSON_NAME = (r"[a-z][a-z0-9-]{0,39}", "lower-case letters, digits and -, starting with a letter")
_NAMES = {
    "topology": (r"[A-Za-z0-9][\w-]*", "letters, digits, - and _"),
    "lesson": _LESSON_NAME,
    "drill": _LESSON_NAME,
}
"""Kind → the pattern of its names, and that in words."""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=list(KINDS), help="what to write")
    parser.add_argument("name", metavar="NAME", help="its name: letters, digits and -, or - to print it")


def run(args: Namespace) -> int:
    template, ending, next_command = KINDS[args.kind]
    name = args.name.removesuffix(ending)
    if name == "-":
        name = f"my-{args.kind}"
        sys.stdout.write(_fill(template, f"{name}{ending}", name))
        return 0
    pattern, characters = _NAMES[args.kind]
    if not re.fullmatch(pattern, name):
        raise UserError(f"{args.name!r} cannot be the name of a {args.kind}", f"use {characters}")
    path = Path(f"{name}{ending}")
    try:
        write_new(path, _fill(template, str(path), name))
    except FileExistsError:
        raise UserError(f"{path} already exists", "choose another name, or remove it") from None
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror}", "run it in a folder where you may write"
        ) from None
    sys.stdout.write(f"Edit {path}, then run: {next_command.format(path)}\n")
    return 0


def _fill(template: str, path: str, name: str) -> str:
    title = name.replace("-", " ").replace("_", " ").capitalize()
    return Template(template).substitute(path=path, id=name, title=title)
