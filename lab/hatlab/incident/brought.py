"""What somebody brings of an incident: files, and the node that each is of.

`db1=FILE` says it. A folder is of the node that it is called after. A file that is given alone may hold the
lines of several nodes, as a central log does: then each line says whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hatlab.errors import UserError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,30}")
_MOST_FILES = 500


@dataclass(frozen=True, slots=True)
class BroughtFile:
    """One file."""

    path: Path
    name: str
    """As it is called in evidence: short, and unlike every other one's."""
    node: str
    """The node that it is of; empty if its lines say it."""


def find_files(words: Sequence[str]) -> list[BroughtFile]:
    """Return the files that `NODE=FILE`, `NODE=FOLDER`, `FOLDER` and `FILE` name, in their order.

    Raises:
        UserError: there is no such file, or a node cannot be called so.
    """
    found = [file for word in words for file in _files_of(word)]
    if len(found) > _MOST_FILES:
        raise UserError(f"these are {len(found)} files", f"an import reads at most {_MOST_FILES}")
    return found


def _files_of(word: str) -> Iterator[BroughtFile]:
    node, equals, name = word.partition("=")
    if not equals or Path(word).exists():
        node, name = "", word
    elif not _NAME.fullmatch(node):
        raise UserError(
            f"{word[:60]}: a node cannot be called {node[:40]!r}",
            "give NODE=FILE, with letters, digits and hyphens in NODE",
        )
    path = Path(name)
    if not path.is_dir():
        yield BroughtFile(path, name, node)
        return
    folder = node or path.resolve().name
    if not _NAME.fullmatch(folder):
        raise UserError(
            f"{name}: a node cannot be called {folder[:40]!r}", f"say which node it is of: db1={name}"
        )
    files = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
    if not files:
        raise UserError(f"{name} is an empty folder", "give a folder with the files of one node")
    for file in files:
        yield BroughtFile(file, f"{folder}/{file.relative_to(path)}", folder)
