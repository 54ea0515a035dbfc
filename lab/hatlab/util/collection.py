"""When Python looks for garbage: not while hatlab loads, which leaves none and makes much to look through."""

from __future__ import annotations

import gc


def pause_collection() -> None:
    """Look for no cycles of objects until `resume_collection`: loading takes a tenth less."""
    gc.disable()


def resume_collection() -> None:
    """Look for them again, but not among what was loaded meanwhile: that stays to the end."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
