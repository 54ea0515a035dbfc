"""Print a topology that runs real keepalived.conf files: one per node, named after the file.

If a file says more than a generated configuration can, the node keeps the whole file. Files it includes and
scripts it names are taken from the same folder. Whatever differs from your files is listed in the topology's
first comment, and on stderr.
"""

from __future__ import annotations

import sys
import textwrap
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.output import print_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatlab.commands.support.configuration_files import ConfigurationFile
    from hatlab.keepalived.to_topology.convert import NodeInput

EXAMPLE = """
hatlab topology-from node1.conf node2.conf > incident.yaml
hatlab start incident.yaml
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a node's keepalived.conf")
    parser.add_argument(
        "--config-id",
        metavar="ID",
        action="append",
        default=[],
        help="read lines for @ID, as keepalived -i does; give it once for all files, once per "
        "file, or several for one file",
    )
    add_json_option(parser, "print one JSON object with the topology's text and what differs")


def run(args: Namespace) -> int:
    from hatlab.commands.support.configuration_files import (
        configuration_files,
        ids_of_files,
        read_configuration,
    )
    from hatlab.keepalived.to_topology.convert import topology_from

    paths = [Path(name) for name in args.files]
    texts = {path: read_configuration(path) for path in paths}
    notes: list[str] = []
    inputs = [
        _node_input(file, notes)
        for file in configuration_files(texts, ids_of_files(list(texts), args.config_id))
    ]
    made = topology_from(inputs)
    notes += made.notes
    text = _first_comment(paths, notes) + made.text
    if args.json:
        print_json({"topology": text, "notes": [_one_line(note) for note in notes]})
        return 0
    sys.stdout.write(text)
    for note in notes:
        print_note(_one_line(note))
    return 0


def _node_input(file: ConfigurationFile, notes: list[str]) -> NodeInput:
    """What is brought of a node: its text as one, and the files that it names."""
    from hatlab.commands.support.script_files import programs_not_there, scripts_beside, scripts_without_path
    from hatlab.errors import UserError
    from hatlab.keepalived.diagnose.conf import Configuration
    from hatlab.keepalived.diagnose.scripts.commands import find_commands
    from hatlab.keepalived.flatten import flatten_config
    from hatlab.keepalived.parser import parse_document
    from hatlab.keepalived.to_topology.convert import NodeInput

    try:
        flat = flatten_config(file.text, file.config_id, file.include)
    except UserError as error:
        raise UserError(f"{file.path}, {error.message}", error.hint) from None
    for problem in flat.problems:
        what = (
            "the line is kept as it is" if problem.kind == "include" else f"it is read for {file.config_id}"
        )
        notes.append(f"{problem.file or file.path}, line {problem.line}: {problem.text}; {what}.")
    conf = Configuration(parse_document(flat.text))
    files = scripts_beside(file.path, conf)
    for name, script in scripts_without_path(file.path, conf).items():
        files[f"/usr/local/bin/{name}"] = script
        notes.append(f"{file.node} names {name} without a path; here it is /usr/local/bin/{name}.")
    missing = programs_not_there((command.script_path for command in find_commands(conf)), files)
    return NodeInput(file.node, flat.text, files, missing)


def _first_comment(paths: Sequence[Path], notes: Sequence[str]) -> str:
    names = ", ".join(path.name for path in paths)
    lines = _comment(f"Made from {names} by hatlab topology-from.", "")
    if notes:
        lines += _comment("What differs from the files:", "")
    for note in notes:
        lines += _comment(note, "- ")
    return "".join(f"{line}\n" for line in lines)


def _comment(text: str, mark: str) -> list[str]:
    indent = "# " + " " * len(mark)
    return textwrap.wrap(
        _one_line(text),
        width=110,
        initial_indent=f"# {mark}",
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
