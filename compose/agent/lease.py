"""How long the agent goes on without hearing from hatlab."""

from __future__ import annotations

import time

LONGEST_ROUND = 5.0
"""Seconds between two looks at the lease that count; the agent looks several times a second."""


class Lease:
    """Expires `seconds` after the last line on stdin, so that no container outlives its lab; 0: never.

    Only time in which the agent ran counts. When a whole machine stood still (a closed lid, a paused virtual
    machine), hatlab could not renew the lease either.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._renewed = self._looked = time.monotonic()

    def renew(self) -> None:
        """A line came."""
        self._renewed = time.monotonic()

    def holds(self, now: float) -> bool:
        """True until it expires."""
        self._renewed += max(0.0, now - self._looked - LONGEST_ROUND)
        self._looked = now
        return not self._seconds or now - self._renewed <= self._seconds
