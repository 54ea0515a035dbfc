"""The table of docs/parity.md about a run of the bench."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.differential.campaign import Result

PAGE = Path(__file__).parents[2] / "docs" / "parity.md"
_BEGIN, _END = "<!-- differential: begin -->", "<!-- differential: end -->"


def summary(results: Sequence[Result]) -> str:
    """Say in a line how many agree."""
    counts = Counter(result.verdict for result in results)
    return (
        f"{len(results)} seeds: {counts['agree']} agree, {counts['known']} differ for a known reason, "
        f"{counts['differ']} differ"
    )


def table(results: Sequence[Result]) -> str:
    """Return the rows, of what agrees and of each known reason."""
    reasons = Counter(result.reason for result in results if result.reason)
    left = Counter(result.found[0].kind for result in results if result.verdict == "differ")
    rows = [
        "| outcome | seeds |",
        "|---|---|",
        f"| states, addresses, adverts, announcements and log lines agree | {_count(results, 'agree')} |",
        *(f"| differ: {reason} | {count} |" for reason, count in reasons.most_common()),
        *(f"| differ, not understood, first in {kind} | {count} |" for kind, count in left.most_common()),
    ]
    return "\n".join(rows)


def write_report(results: Sequence[Result]) -> None:
    """Put the table in its place in docs/parity.md."""
    page = PAGE.read_text()
    head, _, rest = page.partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    seeds = sorted(result.seed for result in results)
    head_line = f"Seeds {seeds[0]} to {seeds[-1]}, {len(seeds)} cases."
    PAGE.write_text(f"{head}{_BEGIN}\n{head_line}\n\n{table(results)}\n{_END}{tail}")


def written_section() -> str:
    """Return the table that stands in docs/parity.md, with its marks."""
    _, _, rest = PAGE.read_text().partition(_BEGIN)
    inner, _, _ = rest.partition(_END)
    return f"{_BEGIN}{inner or chr(10)}{_END}"


def _count(results: Sequence[Result], verdict: str) -> int:
    return sum(result.verdict == verdict for result in results)
