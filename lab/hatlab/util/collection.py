"""When Python looks for garbage: while nobody types, and not among what stays.

A lab keeps everything that happened. Looking through all of it soon takes a tenth of a second and more, for
which a key would have to wait. At each key Textual leaves hundreds of objects to collect; at rest hardly any.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable

IDLE = 1.0
"""Seconds without a key after which nobody is typing."""
EVERY = 5.0
"""Seconds between two looks for garbage."""
AT_LATEST = 20.0
"""Seconds after which garbage is looked for although somebody types."""
MAY_GROW = 1.1
"""By how much what is left out may grow, as a factor, before a look is through everything: of it some has
become garbage, as screens and lists do that were shown when it was left out."""
THOROUGH_AFTER = 60.0
"""Seconds from one look through everything to the next, at least, while somebody types."""
RETURN_EVERY = 60.0
"""Seconds between two times that freed memory is returned to the system."""
_RARELY = 10_000
"""Python's own threshold for its oldest objects: so high that only `IdleCollector` looks among them."""

_SELDOM = 20_000, 20, 50
"""Python's thresholds for work without a screen: objects in use are looked through a thirtieth as often."""


def pause_collection() -> None:
    """Look for no cycles of objects until `resume_collection`: loading takes a tenth less."""
    gc.disable()


def resume_collection() -> None:
    """Look for them again, but not among what was loaded meanwhile: that stays to the end."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(*gc.get_threshold()[:2], _RARELY)
        gc.enable()


def collect_rarely() -> None:
    """Look for cycles of objects now and then only, for work that leaves few: a tenth less processor time."""
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    gc.enable()


class IdleCollector:
    """Looks for garbage while nobody types. What has outlived a look is left out of the next ones.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._typed = self._collected = clock()
        self._thorough = -THOROUGH_AFTER
        """When everything was looked through last, on the clock."""
        self._returned = clock()
        self._left_out = 0
        """Objects that were left out after that."""
        self._most_left_out = 0
        """Objects that are left out now, as far as it is known: to count them takes 20 ms."""
        self._counted = -THOROUGH_AFTER
        """When they were counted last, on the clock."""

    def note_key(self) -> None:
        """Somebody is typing."""
        self._typed = self._clock()

    def collect_if_idle(self) -> bool:
        """Look for garbage if it is time to; call this about once a second."""
        now = self._clock()
        since, is_idle = now - self._collected, now - self._typed >= IDLE
        if since < EVERY or (not is_idle and since < AT_LATEST):
            return False
        self._collected = now
        has_grown = self._has_grown(now)
        is_thorough = has_grown and (is_idle or now - self._thorough >= THOROUGH_AFTER)
        if is_thorough:
            gc.unfreeze()
        gc.collect()
        self._most_left_out += len(gc.get_objects())
        gc.freeze()
        if is_thorough:
            self._thorough, self._left_out = now, gc.get_freeze_count()
            self._most_left_out, self._counted = self._left_out, now
        if now - self._returned >= RETURN_EVERY:
            self._returned = now
            return_freed_memory()
        return True

    def _has_grown(self, now: float) -> bool:
        """True if what is left out has grown by more than it may; counted if it may have, or each minute."""
        if self._most_left_out >= MAY_GROW * self._left_out or now - self._counted >= THOROUGH_AFTER:
            self._most_left_out, self._counted = gc.get_freeze_count(), now
        return self._most_left_out > MAY_GROW * self._left_out


def return_freed_memory() -> None:
    """Give the system back what was freed, where that is GNU's C library: it takes a few milliseconds.

    The library keeps what was freed between pieces in use; while a screen is drawn, that grows slowly for
    hours, although what is in use does not.
    """
    if sys.platform == "linux":
        import ctypes

        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)
