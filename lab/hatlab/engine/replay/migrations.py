"""Recordings of earlier versions, brought up to date line by line as they are read.

A version is raised only when a name changes or goes; new names need none. Whoever raises
`hatlab.events.FORMAT` adds a migration here and a sample of the old version to its test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hatlab import events as e
from hatlab.errors import UserError

Migration = Callable[[dict[str, Any]], dict[str, Any]]


def _unversioned(data: dict[str, Any]) -> dict[str, Any]:
    """Version 0 is a file whose `lab` event carries no version: written by hand, or by a script."""
    return {**data, "version": 1} if data.get("kind") == e.Lab.kind else data


MIGRATIONS: dict[int, Migration] = {0: _unversioned}
"""Version → what turns one event of it, as data, into one of the next version."""


def migrate(data: dict[str, Any], version: int) -> dict[str, Any]:
    """One event of an older version as one of today's; of a newer version as it is.

    Raises:
        UserError: nothing is known of so old a version.
    """
    for step in range(version, e.FORMAT):
        if step not in MIGRATIONS:
            raise UserError(f"nothing is known of version {step}")
        data = MIGRATIONS[step](data)
    return data
