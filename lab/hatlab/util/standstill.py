"""Notices that the process, or its machine, stood still: a closed lid, Ctrl+Z, a paused virtual machine."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST_ROUND = 3.0
"""Seconds that a round of a loop may take, on a busy machine too; a longer one was a standstill."""


class StandstillDetector:
    """Asked in each round of a loop that goes round at least once a second.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looked = clock()

    def stood_still(self) -> bool:
        """Return True if the loop has not come by for longer than a round takes."""
        before, self._looked = self._looked, self._clock()
        return self._looked - before > LONGEST_ROUND
