"""What a check says about a file that a person wrote: stable codes, and findings with their place.

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
class Rule:
    """What one code means.

    Attributes:
        title: what is wrong, a few words.
        effect: what it leads to, with keepalived 2.3.4.
        cure: what to do.
        older: what it led to in older versions, where that differs.
    """

    code: str
    severity: Severity
    title: str
    effect: str
    cure: str
    older: str = ""

    def finding(self, line: int, column: int, message: str) -> Finding:
        """This fault at a place; the message on one line."""
        message = " ".join(message.split())
        return Finding(self.code, self.severity, line, column, message, self.effect, self.cure)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, where it stands and what to do about it; line and column count from 1.

    Attributes:
        file: the name of the file, or of the included one; empty for the text that was given.
    """

    code: str
    severity: Severity
    line: int
    column: int
    message: str
    effect: str
    cure: str
    older: str = ""
    file: str = ""


def by_code(rules: Iterable[Rule]) -> dict[str, Rule]:
    """The rules as a table.

    Raises:
        ValueError: two have the same code.
    """
    rules = list(rules)
    table = {rule.code: rule for rule in rules}
    if len(table) != len(rules):
        raise ValueError("a code is used twice")
    return table


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean \\`priority\\`?`, or nothing if no known word is close."""
    from difflib import get_close_matches

    guess = get_close_matches(word[:60], list(known), 1, 0.7)
    return f"; did you mean `{guess[0]}`?" if guess else ""


def raise_first_error(path: Path, findings: Iterable[Finding]) -> None:
    """Nothing, for a file that can be used.

    Raises:
        FileError: the first error found in it, with line and column.
    """
    for finding in findings:
        if finding.severity == "error":
            raise FileError(
                finding.message, finding.cure, file=str(path), line=finding.line, column=finding.column
            )
