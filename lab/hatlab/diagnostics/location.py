"""What can be wrong with a file that describes something: where it stands, and what it is."""

from __future__ import annotations

from dataclasses import dataclass

Loc = tuple[str | int, ...]
"""The way to a part of the file: keys and indices, as pydantic gives them."""
KEY = "[key]"
"""Ends a Loc that means a key itself."""


@dataclass(frozen=True, slots=True)
class ModelProblem:
    """A contradiction, with its code (docs/checks.md) and where it stands.

    `kind` and `name` say what is missing, if something is.
    """

    code: str
    loc: Loc
    message: str
    kind: str = ""
    name: str = ""
