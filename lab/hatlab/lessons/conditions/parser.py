"""Reads conditions and captures from a lesson's YAML. Never raises: what says nothing becomes `Malformed`."""

from __future__ import annotations

import operator
import shlex
from collections.abc import Callable
from typing import Any

from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.location import Loc
from hatlab.lessons.conditions.syntax import (
    COMBINATORS,
    All,
    AnyOf,
    Capture,
    Comparison,
    Condition,
    Ever,
    Held,
    Interval,
    Malformed,
    MeasureCall,
    Not,
    Order,
    Predicate,
    WordError,
)

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


def parse_condition(written: Any, loc: Loc = ()) -> Condition:
    """Return the condition that YAML says.

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
    """Return what a task captures."""
    match written:
        case str():
            return parse_measure(written, loc)
        case {"from": first, "to": then} if len(written) == 2:
            parts = parse_condition(first, (*loc, "from")), parse_condition(then, (*loc, "to"))
            return Interval(written, loc, parts)
        case _:
            message = "a capture must be a measure, or have `from` and `to`"
            return Malformed(written, loc, (), message, "for example: outage client")


def parse_measure(line: str, loc: Loc = ()) -> MeasureCall | Malformed:
    """Return the measure that a line names."""
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
        raise WordError(f"this line has {len(line)} characters", f"at most {_LONGEST} are allowed")
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise WordError(f"cannot read {line!r}: {error}", "close the quotes") from None
    if not words:
        raise WordError("this condition is empty", "for example: holds db2")
    return words


def _parse_parts(written: list[Any], loc: Loc) -> tuple[Condition, ...]:
    return tuple(parse_condition(part, (*loc, index)) for index, part in enumerate(written))


def _parse_line(line: str, loc: Loc) -> Predicate | Comparison:
    words = tuple(tokenize(line))
    if meant := next((_FOREIGN_OPERATORS[word] for word in words if word in _FOREIGN_OPERATORS), None):
        raise WordError(f"`{line}` compares nothing", f"write `{meant}`")
    at = next((index for index, word in enumerate(words) if word in OPERATORS), None)
    if at is None:
        return Predicate(line, loc, (), words)
    if at == 0 or at != len(words) - 2:
        raise WordError(f"`{line}` compares nothing", "for example: outage client < 2")
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
        return Malformed(written, loc, parts, f"`when` is allowed only beside `held`; write `{meant[:60]}`")
    keys = list(map(str, entries))
    shown = f"{{{', '.join(f'{key}: …' for key in keys)}}}" if keys else str(written)
    guess = "".join(did_you_mean(key, COMBINATORS) for key in keys if key not in COMBINATORS)
    return Malformed(
        written,
        loc,
        parts,
        f"this is not a condition: {shown[:60]}{guess}",
        "write a line, or a mapping with one of: all, any, not, ever, order (or held with when)",
    )
