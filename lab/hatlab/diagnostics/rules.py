"""The rules behind the codes, read from docs/checks.md: one page for people, `--explain` and the findings.

A section of the page is one rule. Its heading is the code and a title; its paragraphs are the severity with
the effect, the effect in older versions where that differs, and the cure; an example may stand at the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from hatlab.diagnostics.finding import Finding, Severity
from hatlab.util.files import read_text, shipped_folder

_SECTION = re.compile(
    r"^### (?P<code>[A-Z]{2,8}[0-9]{3}) (?P<title>.+)\n\n"
    r"\*(?P<severity>error|warning|note)\.\* (?P<effect>.+)\.\n\n"
    r"(?:\*Older versions:\* (?P<older>.+)\.\n\n)?"
    r"\*Do:\* (?P<cure>.+)\.\n"
    r"(?:\n```(?:diff|sh)\n(?P<example>(?:(?!```).*\n)+)```\n)?"
    r"(?=\n#|\Z)",
    re.M,
)
_SENTENCE_CASE = re.compile(r"(?!Master\b|Backup\b)[A-Z](?![A-Z])")
"""A capital that stands there only because a sentence begins."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One code and what the page says of it."""

    code: str
    title: str
    """The mistake in a few words."""
    severity: Severity
    effect: str
    """The consequence with keepalived 2.3.4, without capital and full stop."""
    cure: str
    older: str = ""
    """The effect in older versions, where that differs."""
    example: str = ""
    """A few lines: of a file, the wrong ones behind `-` and the right ones behind `+`; or of a shell."""

    def finding(
        self, line: int, column: int, message: str, *, effect: str = "", cure: str = "", file: str = ""
    ) -> Finding:
        """A finding of this rule; effect and cure are the rule's unless given."""
        effect, cure = effect or self.effect, cure or self.cure
        return Finding(self.code, self.severity, line, column, message, effect, cure, self.older, file)


def parse_rules(page: str) -> dict[str, Rule]:
    """The rules of a page by code, in its order.

    Raises:
        ValueError: a section is not written as one, or a code stands twice.
    """
    rules = [Rule(**_fields(section)) for section in _SECTION.finditer(page)]
    by_code = {rule.code: rule for rule in rules}
    if not len(by_code) == len(rules) == len(re.findall("^### ", page, re.M)):
        raise ValueError("a section of docs/checks.md is no rule, or one code stands twice")
    return by_code


def _fields(section: re.Match[str]) -> dict[str, Any]:
    fields = section.groupdict("")
    effect = fields["effect"]
    lowered = effect[:1].lower() + effect[1:] if _SENTENCE_CASE.match(effect) else effect
    return {**fields, "effect": lowered}


@cache
def all_rules() -> Mapping[str, Rule]:
    """The rule of every code, in the order of docs/checks.md."""
    return parse_rules(read_text(shipped_folder("docs") / "checks.md", "file"))


def codes_of(kind: str) -> tuple[str, ...]:
    """The codes of one kind of file: `TP` topologies, `LS` lessons, `KA` keepalived.conf."""
    return tuple(code for code in all_rules() if code.startswith(kind))
