"""Runs a check at once and again after each change of a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from hatlab.errors import UserError

_POLL_SECONDS = 0.3
"""From one look at watched files to the next."""


def watch_files(
    paths: Sequence[str], check: Callable[[], int], goes_on: Callable[[], bool] = lambda: True
) -> int:
    """Run `check` at once and after each change of a file, until interrupted or `goes_on` says no.

    The topologies that lessons name belong to them. A file that disappears is reported, and waited for.
    """
    before: object = None
    code = 0
    watched: Sequence[str] = paths
    while True:
        if _signature(watched) != before:
            watched = [*paths, *_topologies_beside(paths)]
            before = _signature(watched)  # before it is checked: a change meanwhile is one
            try:
                code = check()
            except UserError as error:
                code = 1
                sys.stdout.write(f"{error.message}; waiting for it\n")
            sys.stdout.flush()
        if not goes_on():
            return code
        time.sleep(_POLL_SECONDS)


def _topologies_beside(paths: Sequence[str]) -> list[str]:
    """The topologies that lessons bring with them."""
    from hatlab.commands.support.file_checks import find_files
    from hatlab.commands.support.file_kinds import kind_of
    from hatlab.lessons.library.loader import own_topology_path

    try:
        named = [own_topology_path(file) for file in find_files(paths) if kind_of(file) == "lesson"]
    except UserError:  # one that is not there is told by the check
        return []
    return [str(file) for file in named if file is not None]


def _signature(paths: Sequence[str]) -> object:
    """A value that changes whenever a file does, comes or goes."""
    files = []
    for path in map(Path, paths):
        for file in (path, *(sorted(path.rglob("*")) if path.is_dir() else ())):
            try:
                status = file.stat()
            except OSError:
                files.append((str(file), 0, 0))
            else:
                files.append((str(file), status.st_mtime_ns, status.st_size))
    return files
