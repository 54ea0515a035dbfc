"""Moments of a recording, as somebody writes them on the command line."""

from __future__ import annotations

from math import isfinite

from hatlab.describe.times import RunClock
from hatlab.errors import UserError


def read_moment(option: str, text: str | None, clock: RunClock) -> float | None:
    """Return the moment that an option gives, in seconds since the recording began; None if it is not given.

    Raises:
        UserError: it is no moment.
    """
    if text is None:
        return None
    try:
        moment = clock.parse(text)
        if isfinite(moment):
            return moment
        raise ValueError(text)
    except ValueError:
        example = f"{option} 1:23.4, or {option} 83.4" if clock.day_start is None else f"{option} 03:12:21"
        raise UserError(f"{option} {text[:40]} is not a moment", f"as in: {example}") from None
