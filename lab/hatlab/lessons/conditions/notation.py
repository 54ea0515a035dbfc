"""Conditions and steps of a solution as a person reads and types them: in one line."""

from __future__ import annotations

import json
import re
from typing import Any

from hatlab.errors import UserError
from hatlab.lessons.model import Edit, SolutionStep, Wait
from hatlab.lessons.templates import NUMBER

_LASTING = re.compile(rf"(.*) for ({NUMBER}) ?s?")


def format_step(deed: SolutionStep) -> str:
    """A line of a solution as a person reads it."""
    match deed:
        case str():
            return deed
        case Edit():
            parts = [*(f"take out {d}" for d in deed.drop), *(f"write {c.new.strip()}" for c in deed.change)]
            return f"edit {deed.edit}: {', '.join(parts)}"
        case Wait(wait=int() | float() as seconds):
            return f"wait {seconds:g} s"
        case Wait(wait=condition):
            return f"wait until {format_condition(condition)}"


def format_condition(written: Any) -> str:
    """Return a condition in one line, which `parse_condition_line` reads: `owner db1 and master db1 for 3 s`.

    A condition without such a form is written as YAML in one line.
    """
    match written:
        case {"held": int() | float() as seconds, "when": part} if line := _joined(part):
            return f"{line} for {seconds:g} s"
        case _:
            return _joined(written) or json.dumps(written)


def _joined(written: Any) -> str:
    """Lines that must all hold, in one; "" for any other condition."""
    match written:
        case str():
            return written
        case [str(), str(), *_] if all(isinstance(part, str) for part in written):
            return " and ".join(written)
        case _:
            return ""


def parse_condition_line(line: str) -> Any:
    """The condition that a line says, written as in a lesson (it may make no sense in a lab).

    Raises:
        UserError: it begins as YAML and is none.
    """
    line = line.strip()
    if line.startswith(("{", "[")):
        import yaml

        try:
            return yaml.safe_load(line)
        except yaml.YAMLError:
            raise UserError(f"cannot read {line!r}", "as in: owner db2 and answered db2 for 2 s") from None
    lasting = _LASTING.fullmatch(line)
    parts = (lasting[1] if lasting else line).split(" and ")
    written = parts if len(parts) > 1 else parts[0]
    return {"held": float(lasting[2]), "when": written} if lasting else written
