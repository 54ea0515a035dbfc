"""What takes its time, as whoever does it tells it; commands/support/progress.py draws it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Work:
    """How far something is."""

    what: str
    """What is being done, such as `saving`."""
    done: float
    total: float | None = None
    """None where nobody knows it."""
    unit: Literal["bytes", "pieces"] = "pieces"


OnWork = Callable[[Work], None]
"""Hears how far something is, as often as it likes to tell."""


def ignore_work(_work: Work) -> None:
    """For who does not want to know."""
