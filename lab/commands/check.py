"""Checks topology files: every faulty file is named as file:line:column: message, with a suggestion."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from lab.errors import FileError, UserError

EXAMPLE = """
hatlab check topologies/two-node.yaml
hatlab check my-topologies/
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a topology file, or a folder of them")


def run(args: Namespace) -> int:
    from lab.files import load_topology

    bad = 0
    files = [file for path in args.paths for file in _files(Path(path))]
    for file in files:
        try:
            load_topology(str(file) if "/" in str(file) else f"./{file}")
        except FileError as error:
            bad += 1
            hint = f" ({error.hint})" if error.hint else ""
            sys.stdout.write(f"{error.message}{hint}\n")
        else:
            sys.stdout.write(f"{file}: fine\n")
    return 1 if bad else 0


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted([*path.glob("*.yaml"), *path.glob("*.yml")])
        if not found:
            raise UserError(f"there is no topology file in {path}", "they end in .yaml")
        return found
    if not path.is_file():
        raise UserError(f"there is no file {path}", "give the path of a .yaml file or of a folder")
    if path.suffix not in {".yaml", ".yml"}:
        raise UserError(f"{path} is no topology file", "topology files end in .yaml")
    return [path]
