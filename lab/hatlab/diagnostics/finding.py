"""One thing that is wrong with a file that a person wrote, with its place, its effect and its cure.

Codes never change their meaning: people and CI scripts rely on them. `docs/checks.md` describes each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hatlab.errors import FileError

Severity = Literal["error", "warning", "note"]
"""error: refused, or what it is for cannot work; warning: works, but not as written; note: worth knowing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake at a line and column, both from 1, with the words of its code's rule."""

    code: str
    severity: Severity
    line: int
    column: int
    message: str
    effect: str
    cure: str
    older: str = ""
    """The effect in older versions, where that differs."""
    file: str = ""
    """The name of an included file; empty for the text that was checked."""
    reported: bool = False
    """`keepalived -t` (2.3.4) reports it too, and ends with a code other than 0."""


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings of one file in the order of their places."""
    return tuple(sorted(findings, key=lambda finding: (finding.line, finding.column, finding.code)))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean \\`priority\\`?`, or nothing if no known word is close."""
    from difflib import get_close_matches

    guess = get_close_matches(word[:60], list(known), 1, 0.7)
    return f"; did you mean `{guess[0]}`?" if guess else ""


def raise_first_error(path: Path, findings: Iterable[Finding]) -> None:
    """Refuses a file that cannot be used.

    Raises:
        FileError: the first error among the findings, with line and column.
    """
    for finding in findings:
        if finding.severity == "error":
            raise FileError(
                finding.message, finding.cure, file=str(path), line=finding.line, column=finding.column
            )
