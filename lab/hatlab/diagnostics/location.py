"""Where a part of a file stands in its data, and a problem at such a place."""

from __future__ import annotations

from dataclasses import dataclass

Loc = tuple[str | int, ...]
"""The path to a part of the file: keys and indices, as pydantic gives them."""
KEY = "[key]"
"""Ends a Loc that means a key itself."""


@dataclass(frozen=True, slots=True)
class ModelProblem:
    """What is wrong in a part of a model whose values are valid one by one."""

    code: str
    """Of docs/checks.md."""
    loc: Loc
    message: str
    kind: str = ""
    """What is not defined, if something is: `node`, `network` …"""
    name: str = ""
    """And how it was called."""

    @property
    def number(self) -> str:
        """The code without the letters of the kind of file."""
        return self.code[2:]
