"""Conditions of one lab, tested at every event.

Each is a value; what it has to remember between two events stands in a `memo` beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from hatlab.lessons.conditions.measures import Observation
from hatlab.lessons.conditions.predicates import Test
from hatlab.lessons.conditions.trace import trace_since

Memo = Any


class CompiledCondition(Protocol):
    """Something that holds or does not. `step` is pure; the first memo is None."""

    def step(self, memo: Memo, seen: Observation, /) -> tuple[bool, Memo]: ...


@dataclass(frozen=True, slots=True)
class Simple:
    """One test of the moment."""

    test: Test

    def step(self, _memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        return self.test(seen), None


@dataclass(frozen=True, slots=True)
class Several:
    """`all` or `any` of some."""

    parts: tuple[CompiledCondition, ...]
    every: bool

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        memos = memo or (None,) * len(self.parts)
        results = [part.step(own, seen) for part, own in zip(self.parts, memos, strict=True)]
        holds = [held for held, _ in results]
        return (all(holds) if self.every else any(holds)), tuple(new for _, new in results)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of its part."""

    part: CompiledCondition

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        holds, memo = self.part.step(memo, seen)
        return not holds, memo


@dataclass(frozen=True, slots=True)
class Held:
    """True for some seconds without a break. The memo: (since when, the part's own)."""

    seconds: float
    part: CompiledCondition

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        since, inner = memo or (None, None)
        holds, inner = self.part.step(inner, seen)
        since = (seen.state.at if since is None else since) if holds else None
        return since is not None and seen.state.at - since >= self.seconds, (since, inner)


@dataclass(frozen=True, slots=True)
class Ever:
    """True from the first moment on that its part was. The memo: (whether it was, the part's own)."""

    part: CompiledCondition

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        done, inner = memo or (False, None)
        if done:
            return True, memo
        holds, inner = self.part.step(inner, seen)
        return holds, (holds, inner)


@dataclass(frozen=True, slots=True)
class Order:
    """Each became true, one after the other; what must have happened counts from the one before on.

    The memo: (how many did, the next one's own, when the last did, the trace then).
    """

    parts: tuple[CompiledCondition, ...]

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        done, inner, at, then = memo or (0, None, 0.0, None)
        while done < len(self.parts):
            here = seen if then is None else Observation(seen.state, trace_since(seen.trace, then, at))
            holds, inner = self.parts[done].step(inner, here)
            if not holds:
                return False, (done, inner, at, then)
            done, inner, at, then = done + 1, None, seen.state.at, seen.trace
        return True, (done, None, at, then)


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Seconds from the moment a condition first held to the moment another did.

    The memo: (when the first held, the seconds, the memo of the one that is waited for).
    """

    first: CompiledCondition
    then: CompiledCondition

    def step(self, memo: Memo, seen: Observation) -> tuple[float | None, Memo]:
        began, seconds, inner = memo or (None, None, None)
        if seconds is not None:
            return seconds, memo
        if began is None:
            holds, inner = self.first.step(inner, seen)
            if not holds:
                return None, (None, None, inner)
            began, inner = float(seen.state.at), None
        # at once too: facts of two nodes can come in the other order
        holds, inner = self.then.step(inner, seen)
        seconds = seen.state.at - began if holds else None
        return seconds, (began, seconds, inner)
