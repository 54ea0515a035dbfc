"""Findings about a file, and the result of a lesson's proof, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatlab.util.text import fill_paragraphs

if TYPE_CHECKING:
    from hatlab.commands.support.file_checks import CheckedFile
    from hatlab.commands.support.file_powers import Powers
    from hatlab.diagnostics.finding import Finding
    from hatlab.lessons.verify.result import LessonResult

_WIDTH = 110
_MOST_SHOWN = 200
"""Findings in a file that are shown as text: nobody reads more."""


def format_findings(checked: CheckedFile, *, quiet: bool) -> str:
    """The findings in a file, each with its line and, unless `quiet`, with what to do."""
    shown = [finding for finding in checked.findings if not quiet or finding.severity != "note"]
    if not shown:
        return "" if quiet else f"{checked.file}: no problems\n"
    explained: set[str] = set()
    texts = {name: text.split("\n") for name, text in checked.texts.items()}
    lines = [f"{checked.file}: no problems"] if all(finding.code == "KA331" for finding in shown) else []
    for finding in shown[:_MOST_SHOWN]:
        position = f"{finding.file or checked.file}:{finding.line}:{finding.column}"
        lines.append(f"{position}: {finding.code} {finding.severity}: {_printable(finding.message)}")
        if not quiet:
            lines += _quote(texts.get(finding.file, []), finding)
            lines += _advice(finding, again=finding.code in explained)
            explained.add(finding.code)
    if len(shown) > _MOST_SHOWN:
        left_out = f"… {len(shown) - _MOST_SHOWN} more findings are not shown; --json lists them all"
        lines.append(f"{checked.file}: {left_out}")
    return "".join(line.rstrip() + "\n" for line in lines)


def format_powers(powers: Powers) -> str:
    """What a topology or a lesson may do, as a paragraph of its own."""
    from hatlab.commands.support.file_powers import describe_powers

    return fill_paragraphs(describe_powers(powers), _WIDTH) + "\n"


def _quote(lines: list[str], finding: Finding) -> list[str]:
    """The line of a finding with a mark under its column, cut to what a terminal shows."""
    if finding.line > len(lines) or not lines[finding.line - 1].strip():
        return []
    line, at = lines[finding.line - 1].rstrip("\r"), finding.column - 1
    start = max(0, at - _WIDTH // 2) if len(line) > _WIDTH else 0
    shown = _printable(line[start : start + _WIDTH].replace("\t", " "))
    number = f"{finding.line:>5}"
    return [f"{number} | {shown}", f"{' ' * len(number)} | {' ' * (at - start)}^"]


def _advice(finding: Finding, *, again: bool) -> list[str]:
    """The cure, and the effect if it has not been given before."""
    lead = " " * 8
    effect = [] if again else [f"{lead}effect: {finding.effect}"]
    older = [f"{lead}older versions: {finding.older}"] if finding.older and not again else []
    return [*effect, *older, f"{lead}fix:    {finding.cure}"]


def _printable(text: str) -> str:
    """The text without control characters, which a terminal would obey."""
    return "".join(char if char.isprintable() else "�" for char in text)


def format_result(result: LessonResult) -> str:
    """Return a lesson's result as lines."""
    name = f"{result.lesson} ({result.variant})" if result.variant else result.lesson
    verdict = "✔" if result.ok else "✖"
    slowest = max((t.seconds or 0.0 for t in result.tasks), default=0.0)
    wrong = sum(task.refused for task in result.tasks)
    lines = [
        f"{verdict} {name:<34} {result.language:<2} {result.engine:<6} {len(result.tasks):>2} tasks, "
        f"{wrong:>2} wrong answers refused, slowest {slowest:4.1f} s   ({result.seconds:.1f} s)"
    ]
    lines += [f"    {problem}" for problem in result.problems]
    lines += [f"    step {t.step + 1}, {t.id}: {fault}" for t in result.tasks for fault in t.problems]
    return "\n".join(lines) + "\n"
