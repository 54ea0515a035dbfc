"""What went wrong with what a topology wants done before its lab is ready."""

from __future__ import annotations

from hatlab.actions import Action
from hatlab.errors import EngineError

_LONGEST = 80


def statement_failed(node: str, number: int, statement: str, why: str) -> EngineError:
    """A statement of `sql`: the node, its number there from 1, and the server's words."""
    short = statement if len(statement) <= _LONGEST else statement[: _LONGEST - 1] + "…"
    return EngineError(
        f"the topology's start SQL failed: {why}",
        f"statement {number} of `sql: {node}`: {' '.join(short.split())}",
    )


def fault_failed(fault: Action, why: str) -> EngineError:
    """A line of `faults`."""
    return EngineError(f"the lab cannot begin with `{fault}`: {why}", "see `faults` of the topology")
