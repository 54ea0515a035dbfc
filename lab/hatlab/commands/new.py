"""Write something to start from into this folder: a topology, a lesson, a drill, an incident's files.

All but the last are commented; `-` as their name prints them.
"""

from __future__ import annotations

import re
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

from hatlab.commands.support.file_templates import DRILL, LESSON, TOPOLOGY
from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.errors import UserError
from hatlab.util.files import read_text, shipped_folder, write_new, write_text
from hatlab.util.paths import hatlab_command

EXAMPLE = """
hatlab new topology my-lab
hatlab new lesson my-lesson
hatlab new drill my-drill
hatlab new incident night                  logs, configurations and a capture, to try hatlab import on
hatlab new topology - > labs/other.yaml
"""
KINDS = {
    "topology": (TOPOLOGY, ".yaml", "hatlab check {0} && hatlab start {0}"),
    "lesson": (LESSON, ".md", "hatlab check {0} && hatlab verify {0}"),
    "drill": (DRILL, ".md", "hatlab check {0} && hatlab verify {0}"),
}
"""Kind → the text of its start, the ending of its files, and the command to run next."""
SCHEMAS_BESIDE = {"topology"}
"""Kinds of files in which an editor finds the schema by a line of theirs."""
INCIDENT = "incident"
INCIDENT_FILES = Path("lessons", "your-own-incident")
"""Where the files of the shipped incident are, in a folder a node."""
_LESSON_NAME = (r"[a-z][a-z0-9-]{0,39}", "lower-case letters, digits and -, starting with a letter")
_NAMES = {
    "topology": (r"[A-Za-z0-9][\w-]*", "letters, digits, - and _"),
    "lesson": _LESSON_NAME,
    "drill": _LESSON_NAME,
    INCIDENT: (r"[A-Za-z0-9][\w-]*", "letters, digits, - and _"),
}
"""Kind → the pattern of its names, and that in words."""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=[*KINDS, INCIDENT], help="what to write")
    parser.add_argument("name", metavar="NAME", help="its name: letters, digits and -, or - to print it")
    add_json_option(parser, "print one JSON object: what was written, and the command to run next")


def run(args: Namespace) -> int:
    if args.kind == INCIDENT:
        return _copy_incident(args.name, as_json=args.json)
    template, ending, next_command = KINDS[args.kind]
    name = args.name.removesuffix(ending)
    if name == "-":
        name = f"my-{args.kind}"
        text = _fill(template, f"{name}{ending}", name)
        if args.json:
            print_json({"kind": args.kind, "text": text})
        else:
            sys.stdout.write(text)
        return 0
    path = Path(f"{_checked(name, args.kind)}{ending}")
    with _writing(path):
        write_new(path, _fill(template, str(path), name))
    following = next_command.format(path)
    schema = _write_schema(args.kind) if args.kind in SCHEMAS_BESIDE else None
    if args.json:
        print_json({"kind": args.kind, "file": str(path), "schema": schema, "next": following})
        return 0
    sys.stdout.write(f"Edit {path}, then run: {following}\n")
    if schema is not None:
        sys.stdout.write(f"Editors complete its keys by {schema}, which stands beside it.\n")
    return 0


def _write_schema(kind: str) -> str:
    """Write the schema that a new file names, in place of one of another version; return its name."""
    from hatlab.commands.support.schemas import read_schema, schema_text

    path = Path(f"{kind}.schema.json")
    if not path.exists() or f'"{read_schema(kind)["$id"]}"' in read_text(path, "schema"):
        write_text(path, schema_text(kind))
    return str(path)


def _copy_incident(name: str, *, as_json: bool) -> int:
    """Copy the files of the shipped incident into a new folder."""
    source, folder = shipped_folder(str(INCIDENT_FILES)), Path(_checked(name, INCIDENT))
    nodes = sorted(path for path in source.iterdir() if path.is_dir())
    with _writing(folder):
        folder.mkdir()
        for node in nodes:
            shutil.copytree(node, folder / node.name)
    brought = " ".join(f"{folder}/{node.name}" for node in nodes)
    following = f"{hatlab_command()} import {brought} --tz UTC"
    if as_json:
        print_json({"kind": INCIDENT, "file": str(folder), "next": following})
    else:
        sys.stdout.write(f"The files of an incident are in {folder}. Run: {following}\n")
    return 0


def _checked(name: str, kind: str) -> str:
    """Return a name.

    Raises:
        UserError: it cannot be one.
    """
    pattern, characters = _NAMES[kind]
    if not re.fullmatch(pattern, name):
        article = "an" if kind == INCIDENT else "a"
        raise UserError(f"{name!r} cannot be the name of {article} {kind}", f"use {characters}")
    return name


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Say in a sentence why a file or folder cannot be written."""
    try:
        yield
    except FileExistsError:
        raise UserError(f"{path} already exists", "choose another name, or remove it") from None
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror}", "run it in a folder where you may write"
        ) from None


def _fill(template: str, path: str, name: str) -> str:
    title = name.replace("-", " ").replace("_", " ").capitalize()
    return Template(template).substitute(path=path, id=name, title=title)
