"""What hatlab itself finds in a keepalived.conf, in words for the editor. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from textual.content import Content

from hatlab.diagnostics.finding import Finding, Severity
from hatlab.tui.widgets.line_widget import Piece, styled
from hatlab.tui.widgets.safe_text import safe_text

SIGNS: dict[Severity, Piece] = {"error": ("✖", "fault"), "warning": ("!", "warn"), "note": ("i", "wire")}
"""A severity's glyph in the gutter, and its tone; the worst first."""

_ASK = "^s asks the node's own keepalived."


def worst_by_line(findings: Iterable[Finding]) -> dict[int, Severity]:
    """Return line → the worst severity of its findings."""
    worst_first = list(SIGNS)
    worst: dict[int, Severity] = {}
    for finding in findings:
        known = worst.get(finding.line, finding.severity)
        worst[finding.line] = min(known, finding.severity, key=worst_first.index)
    return worst


def findings_on(findings: Sequence[Finding], line: int) -> Content | None:
    """Return what is found on a line: message, effect and cure of each finding; None if there is none."""
    lines = [text for finding in findings if finding.line == line for text in _finding_lines(finding)]
    return Content("\n").join(lines) if lines else None


def _finding_lines(finding: Finding) -> list[Content]:
    glyph, tone = SIGNS[finding.severity]
    head = styled(
        (f"{glyph} {finding.severity} ", f"bold {tone}"),
        (f"{finding.code} ", "quiet"),
        safe_text(finding.message),
    )
    return [
        head,
        styled(("  then: ", "quiet"), safe_text(finding.effect)),
        styled(("  do:   ", "quiet"), safe_text(finding.cure)),
    ]


def findings_summary(findings: Sequence[Finding]) -> Content:
    """Return how many findings of each severity there are, and how to go to them."""
    if not findings:
        return styled(("✔ hatlab finds nothing wrong. ", "master"), (_ASK, "quiet"))
    count = Counter(finding.severity for finding in findings)
    pieces: list[Piece] = []
    for severity, (glyph, tone) in SIGNS.items():
        if number := count[severity]:
            pieces += [(f"{glyph} {number} {severity}{'s' * (number > 1)}", f"bold {tone}"), ("  ", "")]
    return styled(*pieces, (f"F4 goes to the next. {_ASK}", "quiet"))


def next_finding_line(findings: Sequence[Finding], after: int) -> int | None:
    """Return the next line with a finding after a line, from the top again behind the last."""
    lines = sorted({finding.line for finding in findings})
    return next((line for line in lines if line > after), lines[0] if lines else None)
