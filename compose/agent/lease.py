"""How long the agent goes on without a word from hatlab."""

from __future__ import annotations

import time


class Lease:
    """Runs out `seconds` after the last line on stdin, so that no container outlives its lab; 0: never."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._heard = time.monotonic()

    def renew(self) -> None:
        self._heard = time.monotonic()

    def holds(self, now: float) -> bool:
        return not self._seconds or now - self._heard <= self._seconds
