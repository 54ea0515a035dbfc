"""Findings in words, line by line."""

from __future__ import annotations

from hatlab.diagnostics.finding import Finding, Severity
from hatlab.tui.editor.findings import (
    findings_on,
    findings_summary,
    next_finding_line,
    rejections,
    worst_by_line,
)


def test_the_worst_of_a_line_is_its_sign() -> None:
    def finding(severity: Severity, line: int) -> Finding:
        return Finding("KA000", severity, line, 1, "m", "e", "c")

    found = [finding("note", 3), finding("error", 3), finding("warning", 3), finding("note", 9)]
    assert worst_by_line(found) == {3: "error", 9: "note"}
    assert next_finding_line(found, 3) == 9
    assert next_finding_line(found, 9) == 3
    assert next_finding_line([], 1) is None
    assert [*findings_on(found, 4)] == []
    assert [str(text) for _, text in findings_on(found, 9, brief=True)] == ["note KA000 m"]
    assert "2 notes" in str(findings_summary(found))


def test_a_warning_of_keepalived_is_no_rejection() -> None:
    """nopreempt in a MASTER's file is put right by keepalived itself: it runs with the rest of the file."""
    found = [
        Finding("KA100", "warning", 12, 1, "nopreempt is ignored", "e", "c"),
        Finding("KA101", "error", 20, 1, "unknown keyword", "e", "c"),
    ]
    complaints = [
        "(VI_1) Warning - nopreempt will not work with initial state MASTER - clearing",
        "line 12: nopreempt is ignored",
        "(keepalived.conf: Line 12) some words of its own",
        "(keepalived.conf: Line 20) Unknown keyword 'x'",
        "Non-existent interface specified in configuration",
    ]
    assert rejections(complaints, found) == complaints[3:]
    assert rejections(complaints[:3], ()) == complaints[1:3]
