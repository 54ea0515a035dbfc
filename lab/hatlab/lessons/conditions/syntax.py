"""Conditions and captures as a syntax tree, whose lines are compiled for a lab later.

    holds db2                     a predicate (`hatlab.lessons.conditions.predicates`)
    outage client < 2             a measure compared (`hatlab.lessons.conditions.measures`)
    {all: [...]}                  every part holds; a list alone says the same
    {any: [...]}                  a part holds
    {not: ...}                    the part does not hold
    {held: 5, when: ...}          the part has held for so many seconds without a break
    {ever: ...}                   the part held once since the task began
    {order: [first, then, ...]}   each part held, none before the one in front of it did; what must have
                                  happened counts from then on

A capture is a line that names a measure, or `{from: ..., to: ...}`. Each node knows where it stands. What
makes no sense stays in the tree, as `Malformed`, so that one pass over it finds everything that is wrong.

A condition is a value: `step` is pure. What it has to remember from one event to the next stands in a `memo`
beside it, None at first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hatlab.diagnostics.location import Loc
from hatlab.errors import UserError
from hatlab.lessons.conditions.trace import Observation, trace_since

COMBINATORS = ("all", "any", "not", "held", "when", "ever", "order")
Memo = Any


class WordError(UserError):
    """A condition or measure that says nothing, or names what the lab has not."""


@dataclass(frozen=True, slots=True)
class Node:
    """A condition, a capture, or a part of one."""

    written: Any
    """What the lesson has here: a line of text, or a list or mapping."""
    loc: Loc
    """Where that stands, from wherever the parser was told to begin."""
    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaf(Node):
    """One line."""

    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line(Leaf):
    """A condition of one line."""

    test: Callable[[Observation], bool] | None = None
    """What it says in a lab, None before it is compiled for one."""

    def step(self, _memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        assert self.test is not None, "compiled first"
        return self.test(seen), None


class Predicate(Line):
    """Something that is so or is not: `holds db2`."""


class Comparison(Line):
    """A measure, an operator and a value: `outage client < 2`."""


class MeasureCall(Leaf):
    """A measure: `outage client`."""


class All(Node):
    """Every part holds. The memo: those of the parts."""

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        holds, memos = _step_parts(self.parts, memo, seen)
        return all(holds), memos


class AnyOf(Node):
    """At least one part holds. The memo: those of the parts."""

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        holds, memos = _step_parts(self.parts, memo, seen)
        return any(holds), memos


def _step_parts(parts: tuple[Condition, ...], memo: Memo, seen: Observation) -> tuple[list[bool], Memo]:
    """Step each part, also where the first ones decide: what comes later may have to be remembered."""
    memos = memo or (None,) * len(parts)
    results = [part.step(inner, seen) for part, inner in zip(parts, memos, strict=True)]
    return [holds for holds, _ in results], tuple(inner for _, inner in results)


class Not(Node):
    """Its one part does not hold. The memo: the part's."""

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        holds, memo = self.parts[0].step(memo, seen)
        return not holds, memo


class Ever(Node):
    """Its one part held once. The memo: (whether it did, the part's)."""

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        done, inner = memo or (False, None)
        if done:
            return True, memo
        holds, inner = self.parts[0].step(inner, seen)
        return holds, (holds, inner)


class Order(Node):
    """Each part held, one after the other; what must have happened counts from the one before on.

    The memo: (how many did, the next one's, when the last did, the trace then).
    """

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
class Held(Node):
    """Its one part has held for some time without a break. The memo: (since when, the part's)."""

    seconds: float = 0.0

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        since, inner = memo or (None, None)
        holds, inner = self.parts[0].step(inner, seen)
        since = (seen.state.at if since is None else since) if holds else None
        return since is not None and seen.state.at - since >= self.seconds, (since, inner)


class Interval(Node):
    """The seconds from when the first of its two parts held until the second did.

    The memo: (when the first held, the seconds, the memo of the part that is waited for).
    """

    def step(self, memo: Memo, seen: Observation) -> tuple[float | None, Memo]:
        began, seconds, inner = memo or (None, None, None)
        if seconds is not None:
            return seconds, memo
        first, then = self.parts
        if began is None:
            holds, inner = first.step(inner, seen)
            if not holds:
                return None, (None, None, inner)
            began, inner = float(seen.state.at), None
        # at once too: facts of two nodes can come in the other order
        holds, inner = then.step(inner, seen)
        seconds = seen.state.at - began if holds else None
        return seconds, (began, seconds, inner)


@dataclass(frozen=True, slots=True)
class Malformed(Node):
    """Something that says nothing; its parts are what may be checked all the same."""

    message: str = ""
    hint: str = ""

    @property
    def error(self) -> WordError:
        return WordError(self.message, self.hint)

    def step(self, _memo: Memo, _seen: Observation) -> tuple[bool, Memo]:
        raise self.error


Condition = Predicate | Comparison | All | AnyOf | Not | Ever | Order | Held | Malformed
Capture = MeasureCall | Interval | Malformed


def find_held(condition: Condition, memo: Memo, seen: Observation) -> tuple[float | None, float] | None:
    """Return since when the first `held` in a condition holds, and for how long it must; None without one.

    It is None since when as long as something else is missing that must be true beside it.
    """
    match condition:
        case Held(seconds=seconds):
            return (memo or (None, None))[0], seconds
        case Order(parts=parts):
            done, inner, at, then = memo or (0, None, 0.0, None)
            here = seen if then is None else Observation(seen.state, trace_since(seen.trace, then, at))
            return find_held(parts[done], inner, here) if done < len(parts) else None
    memos = memo if isinstance(memo, tuple) and len(memo) == len(condition.parts) else ()
    pairs = list(zip(condition.parts, memos, strict=False))
    for number, (part, part_memo) in enumerate(pairs):
        if (found := find_held(part, part_memo, seen)) is None:
            continue
        others = pairs[:number] + pairs[number + 1 :]
        missing = isinstance(condition, All) and not all(other.step(m, seen)[0] for other, m in others)
        return (None, found[1]) if missing else found
    return None


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and every node inside it, innermost first."""
    for part in node.parts:
        yield from walk(part)
    yield node


def lines_of(node: Node) -> Iterator[str]:
    """Yield every line of a condition."""
    return (part.written for part in walk(node) if isinstance(part, Leaf))
