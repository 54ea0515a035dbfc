"""What an extension's engine answers, or an error that names its package."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

from hatlab.errors import EngineError, LabError
from hatlab.registry import Extension, describe_error

T = TypeVar("T")


def ask(extension: Extension, name: str, question: Callable[[], T]) -> T:
    """Return what an extension answers.

    Args:
        extension: whose engine it is.
        name: of the method or attribute.
        question: calls it.

    Raises:
        LabError: the engine's own, or one that says how it failed.
    """
    try:
        return question()
    except LabError as error:
        if isinstance(error.message, str) and isinstance(error.hint, str):
            raise
        raise EngineError(f"{extension.title} failed: {error!r}", extension.update_hint) from error
    except (Exception, SystemExit) as error:
        where = f" in `{name}`" if name else ""
        text = f"{extension.title} failed{where}: {describe_error(error)}"
        raise EngineError(text, extension.update_hint) from error


def require(extension: Extension, name: str, given: object, fits: bool, wanted: str) -> None:
    """Raise EngineError unless an answer fits; `wanted` says what was expected."""
    if not fits:
        what = "nothing" if given is None else type(given).__name__
        raise EngineError(f"{extension.title} gave {what} for `{name}`, not {wanted}", extension.update_hint)


def is_number(given: object) -> bool:
    """Return True for a number that time can be counted with."""
    return isinstance(given, (int, float)) and not isinstance(given, bool) and math.isfinite(given)


def is_text(given: object) -> bool:
    """Return True for a text."""
    return isinstance(given, str)


def are_texts(given: object) -> bool:
    """Return True for texts in a row."""
    return isinstance(given, (list, tuple)) and all(map(is_text, given))


def is_anything(_given: object) -> bool:
    """Return True: nobody looks at it."""
    return True
