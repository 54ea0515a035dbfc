"""A comparison as plain data; its fields are described in docs/recordings.md."""

from __future__ import annotations

from typing import Any

from hatlab.compare.comparison import Comparison, Match
from hatlab.compare.course import Moment
from hatlab.compare.totals import find_totals
from hatlab.compare.words import describe_difference, verdict

VERSION = 1


def to_document(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison; each time in seconds of its own run."""
    a = comparison.alignment
    return {
        "version": VERSION,
        "verdict": verdict(comparison),
        "same": comparison.same,
        "agreement": round(comparison.agreement, 4),
        "within": comparison.within,
        "alignment": {
            "how": a.how,
            "what": a.what,
            "a": round(a.first, 6),
            "b": round(a.other, 6),
            "slack": a.slack,
        },
        "nodes": {ours: theirs for theirs, ours in comparison.pairing.nodes.items()},
        "totals": [
            {
                "kind": total.kind,
                "subject": total.subject,
                "a": round(total.first.value, 6),
                "b": round(total.other.value, 6),
                "differs": total.differs(comparison.within),
            }
            for total in find_totals(comparison)
        ],
        "compared": [_match(comparison, match) for match in comparison.matches],
        "unknown": [{"kind": key.kind, "subject": list(key.subject)} for key in comparison.unknown],
        "configurations": {node: list(lines) for node, lines in comparison.confs.items()},
    }


def _match(comparison: Comparison, match: Match) -> dict[str, Any]:
    both = match.first is not None and match.other is not None
    differs = match.differs(comparison.within)
    return {
        "kind": match.key.kind,
        "subject": list(match.key.subject),
        "value": match.value,
        "a": _moment(match.first),
        "b": _moment(match.other),
        "later": round(match.seconds, 6) if both else None,
        "differs": differs,
        "text": describe_difference(comparison, match) if differs else "",
    }


def _moment(moment: Moment | None) -> dict[str, Any] | None:
    if moment is None:
        return None
    data: dict[str, Any] = {"at": round(moment.at, 6)}
    if moment.about:
        data["about"] = moment.about
    if moment.seconds:
        data["seconds"] = round(moment.seconds, 6)
    if moment.why is not None:
        data["cause"] = moment.why.cause
    return data
