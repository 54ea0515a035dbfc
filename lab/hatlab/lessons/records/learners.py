"""Whose file is whose: learners' files are found in folders, and named by the learner, not by the file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from hatlab.errors import UserError
from hatlab.util.visible import show_controls

_GENERIC = re.compile(
    r"progress|drills|marks|recordings|hatlab|state|share|home|\.local|handed-in|work"
    r"|\d{8}-\d{6}-.*"  # as hatlab names a recording
)
"""Names that say nothing of a learner."""
_SUFFIXES = re.compile(r"(?:\.lesson)?\.jsonl?\Z")


def find_learners(paths: Sequence[Path], is_wanted: Callable[[Path], bool]) -> dict[str, list[Path]]:
    """Return each learner's files.

    In a folder, a learner is a folder below it, or a file in it. A file by itself is called as it is named,
    or as the folder in which it stands if its own name says nothing: `s01/progress.json` is that of `s01`.

    Args:
        paths: files and folders.
        is_wanted: whether a file in a folder is one of those sought.

    Raises:
        UserError: a path is not there, or a folder has no such file.
    """
    found: dict[str, list[Path]] = {}
    files = []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        inside = [file for file in sorted(path.rglob("*")) if file.is_file() and is_wanted(file)]
        if not inside:
            raise UserError(
                f"there is nothing of a learner's in {path}", "give the folder that was handed in"
            )
        for file in inside:
            found.setdefault(_name_below(path, file), []).append(file)
    names = [_own_name(file) for file in files]
    counts = Counter(names)
    for file, name in zip(files, names, strict=True):
        twice = counts[name] > 1 and len({file.parent for file in files}) > 1
        found.setdefault(f"{file.parent.name}/{name}" if twice else name, []).append(file)
    return {show_controls(name, ""): theirs for name, theirs in found.items()}


def _name_below(folder: Path, file: Path) -> str:
    *folders, _ = file.relative_to(folder).parts
    speaking = (part for part in folders if not _GENERIC.fullmatch(part))
    return next(speaking, "") or _own_name(file, folder)


def _own_name(file: Path, folder: Path | None = None) -> str:
    """Return what a file is called, or the nearest folder above it whose name says something."""
    stem = _SUFFIXES.sub("", file.name)
    parents = file.absolute().parents if folder is None else [folder.absolute(), *folder.absolute().parents]
    names = [stem, *(parent.name for parent in parents)]
    return next((name for name in names if name and not _GENERIC.fullmatch(name)), stem)
