"""Errors of a topology's `sql` and `faults`, which are carried out before its lab is ready."""

from __future__ import annotations

from hatlab.actions import Action
from hatlab.errors import EngineError

_MAX_LENGTH = 80


def statement_failed(node: str, number: int, statement: str, why: str) -> EngineError:
    """A statement of `sql` failed on `node`; `number` counts from 1, `why` is the server's message."""
    short = statement if len(statement) <= _MAX_LENGTH else statement[: _MAX_LENGTH - 1] + "…"
    return EngineError(
        f"the topology's start SQL failed: {why}",
        f"statement {number} of `sql: {node}`: {' '.join(short.split())}",
    )


def fault_failed(fault: Action, why: str) -> EngineError:
    """A line of `faults` could not be carried out."""
    return EngineError(f"the lab cannot start with `{fault}`: {why}", "look at `faults` in the topology")
