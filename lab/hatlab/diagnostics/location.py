"""Paths to parts of a file by their keys, and problems found there."""

from __future__ import annotations

from dataclasses import dataclass

Loc = tuple[str | int, ...]
"""The path to a part of the file: keys and indices, as pydantic gives them."""
KEY = "[key]"
"""Ends a Loc that means a key itself."""


@dataclass(frozen=True, slots=True)
class ModelProblem:
    """A mistake in a part of a model whose values are valid one by one."""

    code: str
    """Of docs/checks.md."""
    loc: Loc
    message: str
    kind: str = ""
    """`node`, `network` …, of a name that is not defined."""
    name: str = ""
    """That name."""

    @property
    def number(self) -> str:
        """The code without the letters of the kind of file."""
        return self.code[2:]
