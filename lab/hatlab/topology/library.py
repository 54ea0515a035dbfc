"""Finds topologies by name or path: the shipped ones, and a person's own files."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.diagnostics.finding import raise_first_error
from hatlab.errors import UserError
from hatlab.util.files import read_bytes, shipped_folder

if TYPE_CHECKING:
    from hatlab.topology import Topology


def topology_names() -> list[str]:
    """Names of the shipped topologies."""
    return sorted(path.stem for path in shipped_folder("topologies").glob("*.yaml"))


def find_topology(name: str) -> Path:
    """The file of a topology that is named by a shipped one's name or by a path.

    Raises:
        UserError: there is no such file.
    """
    path = Path(name)
    if path.suffix in {".yaml", ".yml"} or "/" in name:
        if path.is_file():
            return path
        raise UserError(f"there is no file {name}", "give a shipped name or a path to a .yaml file")
    names = topology_names()
    if name not in names:
        similar = get_close_matches(name, names, 1)
        hint = f"did you mean {similar[0]!r}?" if similar else "the shipped ones are: " + ", ".join(names)
        raise UserError(f"there is no topology {name!r}", hint)
    return shipped_folder("topologies") / f"{name}.yaml"


def load_named_topology(name: str) -> tuple[str, Topology]:
    """Return a topology's short name, and what `load_topology` returns."""
    return find_topology(name).stem, load_topology(name)


def load_topology(name: str) -> Topology:
    """Read and check a topology by shipped name or path.

    Raises:
        UserError: no such file.
        FileError: the first error in it, with line and column (`topology.file.parse_topology` finds all).
    """
    from hatlab.topology.file import parse_topology

    path = find_topology(name)
    result = parse_topology(read_bytes(path))
    raise_first_error(path, result.findings)
    assert result.topology is not None, "no topology without an error"
    return result.topology
