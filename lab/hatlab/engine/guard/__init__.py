"""An extension's engine, guarded: whatever is wrong with it, hatlab says whose it is and what to do.

What is asked for once (an action, a check, a shell, a moment) then fails in one sentence. What is asked all
the time, while the screen is drawn, cannot: a lab whose engine fails there ends, and `stopping` says why.

answers     what an engine answers, or an error that names its package
engine      the engine that every reader sees instead of an extension's
abilities   what an engine may have beside the six methods of all
threads     what has ended a thread of an engine's own
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hatlab.engine.base import Engine, NumberedAhead
from hatlab.engine.guard.abilities import ABILITIES, members
from hatlab.engine.guard.answers import ask, require
from hatlab.engine.guard.engine import GuardedEngine
from hatlab.errors import EngineError
from hatlab.registry import Extension

_NEEDED = ("name", "live", "start", "now", "act", "check", "shell", "stop")
"""What every engine has; see `hatlab.engine.base.Engine`."""


def guard_engine(make: Callable[[], Engine], extension: Extension) -> Engine:
    """Return the engine that an extension makes, guarded; it can do what that one can, and no more.

    Raises:
        EngineError: it cannot be had, or is no engine.
    """
    engine: Any = ask(extension, "", make)
    has = partial(_has, engine, extension)
    if missing := [name for name in _NEEDED if not has(name)]:
        raise EngineError(f"{extension.title} has no {missing[0]}", extension.update_hint)
    if engine.name != extension.name:
        text = f"{extension.title} makes an engine whose name is {engine.name!r}"
        raise EngineError(text, extension.update_hint)
    require(extension, "live", engine.live, isinstance(engine.live, bool), "True or False")
    abilities = [ability for ability in ABILITIES if all(map(has, members(ability)))]
    kind = type("GuardedEngine", (*abilities, GuardedEngine), {"name": engine.name, "live": engine.live})
    guarded: Engine = kind(engine, extension)
    if isinstance(guarded, NumberedAhead):
        guarded.layout_before_start  # noqa: B018  where that fails, there is no lab at all
    return guarded


def _has(engine: object, extension: Extension, name: str) -> bool:
    """Return True if an engine has a method or an attribute; to look may run its code."""
    return ask(extension, name, lambda: hasattr(engine, name))
