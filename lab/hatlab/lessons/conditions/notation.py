"""Conditions in one line, as a person reads and types them: `owner db1 and master db1 for 3 s`."""

from __future__ import annotations

import json
import re

from hatlab.errors import UserError
from hatlab.lessons.conditions.parser import parse_condition
from hatlab.lessons.conditions.syntax import All, Capture, Condition, Held, Interval, Leaf

_LASTING = re.compile(r"(.*) for (\d+(?:\.\d+)?) ?s?")


def format_condition(condition: Condition) -> str:
    """Return a condition in one line, which `parse_condition_line` reads.

    A condition without such a form is written as YAML in one line.
    """
    if isinstance(condition, Held) and (line := _join_lines(condition.parts[0])):
        return f"{line} for {condition.seconds:g} s"
    return _join_lines(condition) or json.dumps(condition.written)


def format_capture(capture: Capture) -> str:
    """Return a capture in one line: its measure, or from when to when."""
    if isinstance(capture, Interval):
        return f"from {format_condition(capture.parts[0])} to {format_condition(capture.parts[1])}"
    return str(capture.written)


def _join_lines(condition: Condition) -> str:
    """Return the lines of a condition that must all hold, in one; "" for any other condition."""
    lines = condition.parts if isinstance(condition, All) and len(condition.parts) > 1 else (condition,)
    if not all(isinstance(line, Leaf) for line in lines):
        return ""
    return " and ".join(line.written for line in lines)


def parse_condition_line(line: str) -> Condition:
    """Return the condition that a line says; it may make no sense in a lab.

    Raises:
        UserError: it begins as YAML and is none.
    """
    line = line.strip()
    if line.startswith(("{", "[")):
        import yaml

        try:
            return parse_condition(yaml.safe_load(line))
        except yaml.YAMLError:
            raise UserError(
                f"cannot read {line!r}", "for example: owner db2 and answered db2 for 2 s"
            ) from None
    lasting = _LASTING.fullmatch(line)
    parts = (lasting[1] if lasting else line).split(" and ")
    written = parts if len(parts) > 1 else parts[0]
    return parse_condition({"held": float(lasting[2]), "when": written} if lasting else written)
