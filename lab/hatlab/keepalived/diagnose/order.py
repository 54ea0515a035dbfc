"""Which finding comes first: what explains an incident before what is merely wrong as well."""

from __future__ import annotations

from collections.abc import Iterable

from hatlab.diagnostics.finding import Finding

_SEVERITIES = ("error", "warning", "note")
_STRUCTURE = {"KA001", "KA002", "KA003", "KA004", "KA009", "KA011", "KA014"}
"""The file is not read as it looks."""
_CONTACT = {
    *("KA204", "KA301", "KA302", "KA303", "KA304", "KA306"),
    *("KA310", "KA311", "KA320", "KA321", "KA322", "KA323", "KA324", "KA325", "KA330"),
}
"""Members do not hear each other, or do not hold the same, or nothing: what lost them their addresses is told
before that."""
_NEVER_RUNS = {"KA103", "KA106", "KA108", "KA120", "KA122", "KA123", "KA124", "KA126", "KA127"}
"""A script is not run, or not as it is written."""
_HARMLESS = {"KA205", "KA206", "KA207", "KA208", "KA211", "KA212", "KA217", "KA233", "KA305", "KA307"}


_HABITS = {"KA101", "KA102", "KA121", "KA134", "KA142", "KA237"}
"""Warnings that explain no outage by themselves."""


def explains(finding: Finding) -> bool:
    """True for a finding that may be the cause of an incident."""
    if finding.severity == "warning":
        return finding.code not in _HARMLESS | _HABITS
    return finding.severity == "error"


def by_cause(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by severity, in each by what explains most, then in the order of the text."""
    return sorted(
        findings,
        key=lambda f: (_SEVERITIES.index(f.severity), _rank(f.code), f.file, f.line, f.column, f.code),
    )


def _rank(code: str) -> int:
    ranks = (_STRUCTURE, _CONTACT, _NEVER_RUNS)
    for rank, codes in enumerate(ranks):
        if code in codes:
            return rank
    if code in _HARMLESS:
        return 9
    return {"KA2": 0, "KA1": 4, "KA3": 5, "KA4": 6}.get(code[:3], 7)
