"""Conditions as a lesson writes them, made ready to be tested at every event.

    holds db2                              one, by name (`hatlab.lessons.conditions.predicates`)
    outage client < 2                      a measure compared (`hatlab.lessons.conditions.measures`)
    {all: [...]}  {any: [...]}  {not: ...}
    {held: 5, when: ...}                   true for so many seconds without a break
    {ever: ...}                            true once since the task began
    {order: [first, then, ...]}            each held, none before the one in front of it did; what must
                                           have happened counts from then on

Each is a value; what it has to remember between two events stands in a `memo` beside it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from hatlab.diagnostics.finding import did_you_mean
from hatlab.lessons.conditions.grammar import WordError, resolve_words, tokenize
from hatlab.lessons.conditions.measures import (
    EITHER,
    MEASURES,
    NOBODY,
    WORDS,
    Measure,
    Observation,
    join_nodes,
    parse_number,
)
from hatlab.lessons.conditions.predicates import CONDITIONS, Test
from hatlab.lessons.conditions.trace import trace_since
from hatlab.topology import Layout

Memo = Any
COMBINATORS = ("all", "any", "not", "held", "when", "ever", "order")
_NOTHING: tuple[Any, Any, Any] = (None, None, None)
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}

_MEANT = {"==": "=", "=<": "<=", "=>": ">=", "<>": "!="}
"""As other languages write it."""


class Condition(Protocol):
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

    parts: tuple[Condition, ...]
    every: bool

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        memos = memo or (None,) * len(self.parts)
        found = [part.step(own, seen) for part, own in zip(self.parts, memos, strict=True)]
        holds = [h for h, _ in found]
        return (all(holds) if self.every else any(holds)), tuple(m for _, m in found)


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        holds, memo = self.part.step(memo, seen)
        return not holds, memo


@dataclass(frozen=True, slots=True)
class Held:
    """True for some seconds without a break. The memo: (since when, the part's own)."""

    seconds: float
    part: Condition

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        since, own = memo or (None, None)
        holds, own = self.part.step(own, seen)
        since = (seen.state.at if since is None else since) if holds else None
        return since is not None and seen.state.at - since >= self.seconds, (since, own)


@dataclass(frozen=True, slots=True)
class Ever:
    """True from the first moment on that its part was."""

    part: Condition

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        done, own = memo or (False, None)
        if done:
            return True, memo
        holds, own = self.part.step(own, seen)
        return holds, (holds, own)


@dataclass(frozen=True, slots=True)
class Order:
    """Each became true, one after the other; what must have happened counts from the one before on.

    The memo: (how many did, the next one's own, when the last did, the trace then).
    """

    parts: tuple[Condition, ...]

    def step(self, memo: Memo, seen: Observation) -> tuple[bool, Memo]:
        done, own, at, then = memo or (0, None, 0.0, None)
        while done < len(self.parts):
            here = seen if then is None else Observation(seen.state, trace_since(seen.trace, then, at))
            holds, own = self.parts[done].step(own, here)
            if not holds:
                return False, (done, own, at, then)
            done, own, at, then = done + 1, None, seen.state.at, seen.trace
        return True, (done, None, at, then)


def compile_condition(written: Any, layout: Layout) -> Condition:
    """What a lesson wrote, for a lab. A list means all of it.

    Raises:
        WordError: it says nothing, or names what the lab has not.
    """
    match written:
        case str():
            return Simple(_simple(written, layout))
        case list() if written:
            return Several(tuple(compile_condition(part, layout) for part in written), every=True)
        case {"all": list() as parts} if len(written) == 1 and parts:
            return compile_condition(parts, layout)
        case {"any": list() as parts} if len(written) == 1 and parts:
            return Several(tuple(compile_condition(part, layout) for part in parts), every=False)
        case {"not": part} if len(written) == 1:
            return Not(compile_condition(part, layout))
        case {"ever": part} if len(written) == 1:
            return Ever(compile_condition(part, layout))
        case {"order": list() as parts} if len(written) == 1 and parts:
            return Order(tuple(compile_condition(part, layout) for part in parts))
        case {"held": int() | float() as seconds, "when": part} if len(written) == 2 and seconds > 0:
            return Held(float(seconds), compile_condition(part, layout))
    keys = list(map(str, written)) if isinstance(written, dict) else []
    shown = f"{{{', '.join(f'{key}: …' for key in keys)}}}" if keys else str(written)
    guess = "".join(did_you_mean(key, COMBINATORS) for key in keys if key not in COMBINATORS)
    raise WordError(
        f"this is no condition: {shown[:60]}{guess}",
        "a line, or a mapping with one of: all, any, not, ever, order (or held with when)",
    )


def simple_conditions(written: Any) -> Iterator[str]:
    """Every simple condition in what a lesson wrote."""
    match written:
        case str():
            yield written
        case list():
            for part in written:
                yield from simple_conditions(part)
        case dict():
            for key, part in written.items():
                if key != "held":
                    yield from simple_conditions(part)


def unmet_conditions(
    written: Any, layout: Layout, seen: Observation, *, wanted: bool = True
) -> Iterator[str]:
    """Why a condition does not hold now, line by line; of an order the lines of all its parts.

    Args:
        wanted: whether it is to hold; False inside a `not`.
    """
    match written:
        case str():
            if compile_condition(written, layout).step(None, seen)[0] is not wanted:
                yield f"{'not true' if wanted else 'true'}: {written}"
        case {"not": part}:
            yield from unmet_conditions(part, layout, seen, wanted=not wanted)
        case {"any": list() as parts} if wanted and any(
            compile_condition(part, layout).step(None, seen)[0] for part in parts
        ):
            return
        case list() | dict():
            parts = written if isinstance(written, list) else [v for k, v in written.items() if k != "held"]
            for part in parts:
                yield from unmet_conditions(part, layout, seen, wanted=wanted)


def compile_measure(line: str, layout: Layout) -> Measure:
    """The measure that a line names.

    Raises:
        WordError: no such measure, or it names what the lab has not.
    """
    return resolve_words(tokenize(line), MEASURES, "measure", layout)


def measure_unit(line: str) -> str:
    """The unit of the measure that a line names, empty for a word or a count."""
    entry = MEASURES.get(line.split()[0]) if line.split() else None
    return entry.unit if entry else ""


def _simple(line: str, layout: Layout) -> Test:
    words = tokenize(line)
    if meant := next((_MEANT[word] for word in words if word in _MEANT), None):
        raise WordError(f"`{line}` does not compare", f"write `{meant}`")
    at = next((k for k, word in enumerate(words) if word in _OPERATORS), None)
    if at is None:
        return resolve_words(words, CONDITIONS, "condition", layout)
    if at == 0 or at != len(words) - 2:
        raise WordError(f"`{line}` does not compare", "as in: outage client < 2")
    own = resolve_words(words[:at], MEASURES, "measure", layout)
    _comparable(words[0], words[-1], layout)
    return _compared(own, words[at], words[-1])


def _comparable(measure: str, word: str, layout: Layout) -> None:
    """Refuses a word that a measure never is: no number, or no node's name."""
    if measure in EITHER:
        return
    if measure not in WORDS:
        if not isinstance(parse_number(word), float):
            example = f"{MEASURES[measure].example} = 2"
            raise WordError(f"`{measure}` is a number, not `{word}`", f"digits alone, as in: {example}")
        return
    parts = [word] if measure == "answered" else word.split(" and ")
    known = layout.node_names if len(parts) > 1 else (*layout.node_names, NOBODY)
    for name in parts:
        if name not in known:
            guess = did_you_mean(name, known)
            raise WordError(f"`{measure}` is never `{word}`{guess}", f"it is one of: {', '.join(known)}")
    if len(parts) > 1 and word != (ordered := join_nodes(set(parts))):
        raise WordError(f"`{measure}` is never `{word}`", f"write: {ordered}")


def _compared(own: Measure, sign: str, word: str) -> Test:
    compare, wanted = _OPERATORS[sign], parse_number(word)
    if not isinstance(wanted, float) and sign not in {"=", "!="}:
        raise WordError(f"`{sign} {word}`: a word can be = or != only", "give a number")

    def test(seen: Observation) -> bool:
        value = own(seen)
        return type(value) is type(wanted) and compare(value, wanted)

    return test


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Seconds from the moment a condition first held to the moment another did. A memo as conditions have."""

    first: Condition
    then: Condition

    def step(self, memo: Memo, seen: Observation) -> tuple[float | None, Memo]:
        began, seconds, own = memo or _NOTHING
        if seconds is not None:
            return seconds, memo
        if began is None:
            holds, own = self.first.step(own, seen)
            if not holds:
                return None, (None, None, own)
            began, own = float(seen.state.at), None
        holds, own = self.then.step(own, seen)  # at once too: facts of two nodes can come in the other order
        seconds = seen.state.at - began if holds else None
        return seconds, (began, seconds, own)
