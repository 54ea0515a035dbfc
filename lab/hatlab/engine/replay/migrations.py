"""Brings recordings of earlier versions up to date, line by line as they are read.

The version is raised only when a name changes or disappears; new names need no migration. Whoever raises
`hatlab.events.FORMAT` adds a migration here and a sample of the old version to its test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hatlab import events as e
from hatlab.errors import UserError

Migration = Callable[[dict[str, Any]], dict[str, Any]]


def _add_version(data: dict[str, Any]) -> dict[str, Any]:
    """Version 0 is a file whose `lab` event has no version: written by hand or by a script."""
    return {**data, "version": 1} if data.get("kind") == e.Lab.kind else data


MIGRATIONS: dict[int, Migration] = {0: _add_version}
"""Version → what turns the data of one event into that of the next version."""


def migrate(data: dict[str, Any], version: int) -> dict[str, Any]:
    """Return an event of an older version as one of today's; of a newer version, unchanged.

    Raises:
        UserError: nothing is known of so old a version.
    """
    for step in range(version, e.FORMAT):
        if step not in MIGRATIONS:
            raise UserError(f"version {step} is unknown")
        data = MIGRATIONS[step](data)
    return data
