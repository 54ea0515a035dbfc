"""How long the agent goes on without hearing from hatlab."""

from __future__ import annotations

import time


class Lease:
    """Expires `seconds` after the last line on stdin, so that no container outlives its lab; 0: never."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._renewed = time.monotonic()

    def renew(self) -> None:
        """A line came."""
        self._renewed = time.monotonic()

    def holds(self, now: float) -> bool:
        """True until it expires."""
        return not self._seconds or now - self._renewed <= self._seconds
