"""Findings in words, line by line."""

from __future__ import annotations

from hatlab.diagnostics.finding import Finding, Severity
from hatlab.tui.editor.findings import findings_on, findings_summary, next_finding_line, worst_by_line


def test_the_worst_of_a_line_is_its_sign() -> None:
    def finding(severity: Severity, line: int) -> Finding:
        return Finding("KA000", severity, line, 1, "m", "e", "c")

    found = [finding("note", 3), finding("error", 3), finding("warning", 3), finding("note", 9)]
    assert worst_by_line(found) == {3: "error", 9: "note"}
    assert next_finding_line(found, 3) == 9
    assert next_finding_line(found, 9) == 3
    assert next_finding_line([], 1) is None
    assert findings_on(found, 4) is None
    assert "2 notes" in str(findings_summary(found))
