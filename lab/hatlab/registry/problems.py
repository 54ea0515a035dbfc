"""What is wrong with an extension: told once, in a sentence that names its package, and never raised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExtensionProblem:
    """Why a part of an extension is left out, or what went wrong in it."""

    title: str
    """The extension, with its package and version."""
    what: str
    """What is wrong with it: the rest of the sentence."""
    hint: str
    """What to do about it."""

    @property
    def message(self) -> str:
        """One sentence."""
        return f"{self.title} {self.what}"

    @property
    def in_one_line(self) -> str:
        return f"{self.message} ({self.hint})"


_known: dict[ExtensionProblem, None] = {}
_tell: Callable[[str], object] | None = None


def report(problem: ExtensionProblem) -> None:
    """Tell of a problem, unless it has been told."""
    if problem not in _known:
        _known[problem] = None
        if _tell is not None:
            _tell(problem.in_one_line)


def known_problems() -> tuple[ExtensionProblem, ...]:
    """Return the problems that were met so far."""
    return tuple(_known)


def forget_problems() -> None:
    """Forget the problems that were met so far."""
    _known.clear()


def tell_problems_to(tell: Callable[[str], object] | None) -> Callable[[str], object] | None:
    """Let problems be told by a function from now on (from any thread); return the one that did before."""
    global _tell
    before, _tell = _tell, tell
    return before
