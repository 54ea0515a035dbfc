"""Conditions and steps of a solution as a person reads and types them: in one line."""

from __future__ import annotations

import json
import re
from typing import Any

from hatlab.errors import UserError
from hatlab.lessons.model import Deed, Edit, Wait
from hatlab.lessons.templates import NUMBER

_LASTING = re.compile(rf"(.*) for ({NUMBER}) ?s?")


def told(deed: Deed) -> str:
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
            return f"wait until {said(condition)}"


def said(written: Any) -> str:
    """A condition of a lesson in one line, which `understood` reads: `owner db1 and master db1 for 3 s`.

    What has no such form is YAML in one line, as a lesson has it.
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


def understood(line: str) -> Any:
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
