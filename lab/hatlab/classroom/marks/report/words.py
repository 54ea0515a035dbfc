"""How numbers of marks are written, the same everywhere."""

from __future__ import annotations

from hatlab.classroom.marks.scoring import Points
from hatlab.describe.times import format_moment


def format_number(value: float) -> str:
    """Return points: `7` or `7.5`."""
    return f"{value:g}"


def format_points(points: Points) -> str:
    """Return points as in `7.5 of 8`."""
    return f"{format_number(points.got)} of {format_number(points.of)}"


def format_time(seconds: float) -> str:
    """Return how long something took by a clock, as in `12:30`."""
    return format_moment(round(seconds))
