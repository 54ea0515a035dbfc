"""Conditions and captures as a syntax tree: what a lesson says, before it is known for which lab.

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
"""

from __future__ import annotations

import operator
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.location import Loc
from hatlab.errors import UserError

COMBINATORS = ("all", "any", "not", "held", "when", "ever", "order")
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_FOREIGN_OPERATORS = {"==": "=", "=<": "<=", "=>": ">=", "<>": "!="}
"""As other languages write them."""
_LONGEST = 400


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


class Predicate(Leaf):
    """Something that is so or is not: `holds db2`."""


class Comparison(Leaf):
    """A measure, an operator and a value: `outage client < 2`."""


class MeasureCall(Leaf):
    """A measure: `outage client`."""


class All(Node):
    """Every part holds."""


class AnyOf(Node):
    """At least one part holds."""


class Not(Node):
    """Its one part does not hold."""


class Ever(Node):
    """Its one part held once."""


class Order(Node):
    """Each part held, one after the other."""


@dataclass(frozen=True, slots=True)
class Held(Node):
    """Its one part has held for some time without a break."""

    seconds: float = 0.0


class Interval(Node):
    """The seconds from when the first of its two parts held until the second did."""


@dataclass(frozen=True, slots=True)
class Malformed(Node):
    """Something that says nothing; its parts are what may be checked all the same."""

    message: str = ""
    hint: str = ""

    @property
    def error(self) -> WordError:
        return WordError(self.message, self.hint)


Condition = Predicate | Comparison | All | AnyOf | Not | Ever | Order | Held | Malformed
Capture = MeasureCall | Interval | Malformed


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and every node inside it, outermost first."""
    yield node
    for part in node.parts:
        yield from walk(part)


def lines_of(node: Node) -> Iterator[str]:
    """Yield every line of a condition."""
    return (part.written for part in walk(node) if isinstance(part, Leaf))


def parse_condition(written: Any, loc: Loc = ()) -> Condition:
    """Return the condition that a lesson's YAML says; never raises.

    Args:
        written: the YAML's data.
        loc: where it stands.
    """
    match written:
        case str():
            try:
                return _parse_line(written, loc)
            except WordError as error:
                return Malformed(written, loc, (), error.message, error.hint)
        case list() if written:
            return All(written, loc, _parse_parts(written, loc))
        case {"all": list() as parts} if len(written) == 1 and parts:
            return All(written, loc, _parse_parts(parts, (*loc, "all")))
        case {"any": list() as parts} if len(written) == 1 and parts:
            return AnyOf(written, loc, _parse_parts(parts, (*loc, "any")))
        case {"order": list() as parts} if len(written) == 1 and parts:
            return Order(written, loc, _parse_parts(parts, (*loc, "order")))
        case {"not": part} if len(written) == 1:
            return Not(written, loc, (parse_condition(part, (*loc, "not")),))
        case {"ever": part} if len(written) == 1:
            return Ever(written, loc, (parse_condition(part, (*loc, "ever")),))
        case {"held": int() | float() as seconds, "when": part} if len(written) == 2 and seconds > 0:
            return Held(written, loc, (parse_condition(part, (*loc, "when")),), seconds)
        case _:
            return _parse_malformed(written, loc)


def parse_capture(written: Any, loc: Loc = ()) -> Capture:
    """Return what a task captures; never raises."""
    match written:
        case str():
            return parse_measure(written, loc)
        case {"from": first, "to": then} if len(written) == 2:
            parts = parse_condition(first, (*loc, "from")), parse_condition(then, (*loc, "to"))
            return Interval(written, loc, parts)
        case _:
            message = "a capture is a measure, or has `from` and `to`"
            return Malformed(written, loc, (), message, "as in: outage client")


def parse_measure(line: str, loc: Loc = ()) -> MeasureCall | Malformed:
    """Return the measure that a line names; never raises."""
    try:
        return MeasureCall(line, loc, (), tuple(tokenize(line)))
    except WordError as error:
        return Malformed(line, loc, (), error.message, error.hint)


def tokenize(line: str) -> list[str]:
    """Return a line's words; quotes as in a shell.

    Raises:
        WordError: it has none, or a quote stays open.
    """
    if len(line) > _LONGEST:
        raise WordError(f"a line of {len(line)} characters", f"at most {_LONGEST}")
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise WordError(f"cannot read {line!r}: {error}", "close the quotes") from None
    if not words:
        raise WordError("nothing is asked", "as in: holds db2")
    return words


def _parse_parts(written: list[Any], loc: Loc) -> tuple[Condition, ...]:
    return tuple(parse_condition(part, (*loc, index)) for index, part in enumerate(written))


def _parse_line(line: str, loc: Loc) -> Predicate | Comparison:
    words = tuple(tokenize(line))
    if meant := next((_FOREIGN_OPERATORS[word] for word in words if word in _FOREIGN_OPERATORS), None):
        raise WordError(f"`{line}` does not compare", f"write `{meant}`")
    at = next((index for index, word in enumerate(words) if word in OPERATORS), None)
    if at is None:
        return Predicate(line, loc, (), words)
    if at == 0 or at != len(words) - 2:
        raise WordError(f"`{line}` does not compare", "as in: outage client < 2")
    return Comparison(line, loc, (), words)


def _parse_malformed(written: Any, loc: Loc) -> Malformed:
    entries = written if isinstance(written, dict) else {}
    parts = tuple(
        parse_condition(part, (*loc, key))
        for key, part in entries.items()
        if key != "held" and isinstance(part, str | list | dict)
    )
    field = next((part for part in reversed(loc) if isinstance(part, str)), "")
    if entries.keys() == {"when"} and field:
        meant = f"{field}: {entries['when'] if isinstance(entries['when'], str) else '…'}"
        return Malformed(written, loc, parts, f"`when` stands beside `held` only; write `{meant[:60]}`")
    keys = list(map(str, entries))
    shown = f"{{{', '.join(f'{key}: …' for key in keys)}}}" if keys else str(written)
    guess = "".join(did_you_mean(key, COMBINATORS) for key in keys if key not in COMBINATORS)
    return Malformed(
        written,
        loc,
        parts,
        f"this is no condition: {shown[:60]}{guess}",
        "a line, or a mapping with one of: all, any, not, ever, order (or held with when)",
    )
