"""What hatlab itself finds in a keepalived.conf, in words for the editor. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from textual.content import Content

from hatlab.diagnostics.finding import Finding, Severity
from hatlab.tui.keys import key_of
from hatlab.tui.widgets.bullet_list import Bullet
from hatlab.tui.widgets.line_widget import Piece, styled
from hatlab.util.safe_text import safe_text
from hatlab.util.text import plural

SIGNS: dict[Severity, Piece] = {"error": ("✖", "fault"), "warning": ("!", "warn"), "note": ("i", "wire")}
"""A severity's glyph in the gutter, and its tone; the worst first."""
_COUNTS: dict[Severity, tuple[str, str]] = {
    "error": ("{count} error", "{count} errors"),
    "warning": ("{count} warning", "{count} warnings"),
    "note": ("{count} note", "{count} notes"),
}


def _ask() -> str:
    return f"Press {key_of('editor.check')} to ask the node's own keepalived."


_MILD = re.compile(r"\bwarning\b|deprecated", re.IGNORECASE)
"""What keepalived itself calls no error."""
_LINE = re.compile(r"\bline\s+(\d+)", re.IGNORECASE)


def named_line(complaint: str) -> int | None:
    """Return the line (from 1) that a complaint of `keepalived -t` names, None if it names none."""
    match = _LINE.search(complaint)
    return int(match[1]) if match else None


def rejections(complaints: Iterable[str], findings: Sequence[Finding]) -> list[str]:
    """Return those complaints of `keepalived -t` that are errors; it complains of what it puts right, too.

    Args:
        complaints: its lines.
        findings: what hatlab finds in the same text, which knows how grave each is.
    """
    return [line for line in complaints if not _is_warning(line, findings)]


def _is_warning(complaint: str, findings: Sequence[Finding]) -> bool:
    if _MILD.search(complaint):
        return True
    line = named_line(complaint)
    about = [finding for finding in findings if finding.line == line]
    exact = [finding for finding in about if finding.message in complaint]
    severities = {finding.severity for finding in exact or about}
    return bool(severities) and "error" not in severities


def worst_by_line(findings: Iterable[Finding]) -> dict[int, Severity]:
    """Return line → the worst severity of its findings."""
    worst_first = list(SIGNS)
    worst: dict[int, Severity] = {}
    for finding in findings:
        known = worst.get(finding.line, finding.severity)
        worst[finding.line] = min(known, finding.severity, key=worst_first.index)
    return worst


def findings_on(findings: Sequence[Finding], line: int, *, brief: bool = False) -> Iterator[Bullet]:
    """Yield what is found on a line: of each finding the message, and unless `brief` its effect and cure."""
    for finding in findings:
        if finding.line != line:
            continue
        glyph, tone = SIGNS[finding.severity]
        head = styled((f"{finding.severity} ", f"bold {tone}"), (f"{finding.code} ", "quiet"))
        yield (f"{glyph} ", f"bold {tone}"), head + Content(safe_text(finding.message))
        if not brief:
            yield ("  effect: ", "quiet"), Content(safe_text(finding.effect))
            yield ("  fix:    ", "quiet"), Content(safe_text(finding.cure))


def findings_summary(findings: Sequence[Finding]) -> Content:
    """Return how many findings of each severity there are, and how to go to them."""
    if not findings:
        return styled(("✔ hatlab finds no problem in this file. ", "master"), (_ask(), "quiet"))
    count = Counter(finding.severity for finding in findings)
    pieces: list[Piece] = []
    for severity, (glyph, tone) in SIGNS.items():
        if number := count[severity]:
            one, many = _COUNTS[severity]
            pieces += [(f"{glyph} {plural(number, one, many)}", f"bold {tone}"), ("  ", "")]
    return styled(*pieces, (f"Press {key_of('editor.next')} for the next one. {_ask()}", "quiet"))


def next_finding_line(findings: Sequence[Finding], after: int) -> int | None:
    """Return the next line with a finding after a line, from the top again behind the last."""
    lines = sorted({finding.line for finding in findings})
    return next((line for line in lines if line > after), lines[0] if lines else None)
