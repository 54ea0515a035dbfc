"""When an imported event was, and where that stands."""

from __future__ import annotations

from typing import TypedDict


class Moment(TypedDict):
    """What every imported event has: see `hatlab.events.Event`."""

    at: float
    about: float
    evidence: str
