"""Finds the files that ship with hatlab, and reads topologies.

`topologies/`, `lessons/` and `compose/` stand beside the package in a checkout and inside it in a wheel;
`shipped` is the only code that knows which.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from lab.errors import FileError, UserError

if TYPE_CHECKING:
    from lab.findings import Finding
    from lab.topology import Topology

MOST_BYTES = 1_000_000
"""A file of a person's that is larger is not read."""


def shipped(folder: str) -> Path:
    """The folder `topologies`, `lessons` or `compose` of this hatlab."""
    package = Path(__file__).parent
    for place in (package.parent / folder, package / "_shipped" / folder):
        if place.is_dir() and (
            place != package.parent / folder or (package.parent / "pyproject.toml").is_file()
        ):
            return place
    raise UserError(f"this hatlab has no {folder}/", "install it again: pipx reinstall hatlab")


def topology_names() -> list[str]:
    """Names of the shipped topologies."""
    return sorted(path.stem for path in shipped("topologies").glob("*.yaml"))


def find_topology(name: str) -> Path:
    """The file of a shipped topology's name, or of a path.

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
        guess = get_close_matches(name, names, 1)
        hint = f"did you mean {guess[0]!r}?" if guess else "shipped ones: " + ", ".join(names)
        raise UserError(f"no topology {name!r}", hint)
    return shipped("topologies") / f"{name}.yaml"


def load_topology(name: str) -> Topology:
    """Reads and checks a topology by shipped name or path.

    Raises:
        UserError: no such file.
        FileError: the first error in it, with line and column (`lab.topology_file.examine` finds all).
    """
    from lab.topology_file import examine

    path = find_topology(name)
    examined = examine(read_bytes(path))
    refuse_errors(path, examined.findings)
    assert examined.topology is not None, "no topology without an error"
    return examined.topology


def refuse_errors(path: Path, findings: Iterable[Finding]) -> None:
    """Nothing, for a file that can be used.

    Raises:
        FileError: the first error found in it, with line and column.
    """
    for finding in findings:
        if finding.severity == "error":
            raise FileError(
                finding.message, finding.cure, file=str(path), line=finding.line, column=finding.column
            )


def read_bytes(path: Path, limit: int = MOST_BYTES) -> bytes:
    """What a file holds, up to one byte more than `limit`: enough to see that it is too large.

    Raises:
        UserError: it cannot be read, or is no ordinary file.
    """
    try:
        if not path.is_file():  # a pipe or device could block, or never end
            raise UserError(f"{path} is no file" if path.exists() else f"there is no file {path}")
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
