"""The outcome of a run as one JSON document; its fields are described in docs/recordings.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

from hatlab import __version__
from hatlab import events as e
from hatlab.state.run_report import RunReport, build_report
from hatlab.state.steps import Step
from hatlab.util.visible import to_json

VERSION = 1
_WHY = ("cause", "rule", "arithmetic", "line", "text")


def write(out: IO[bytes], steps: Iterable[Step]) -> None:
    """See `hatlab.export`."""
    out.write(to_json(to_document(build_report(steps)), indent=1).encode() + b"\n")


def to_document(report: RunReport) -> dict[str, Any]:
    """Return the document as plain data; times in seconds since the lab began."""
    lab = report.lab
    return {
        "version": VERSION,
        "hatlab": __version__,
        "lab": None if lab is None else _event_fields(lab),
        "seconds": _round(report.ends),
        "ready": _round(report.ready),
        "missed": report.missed,
        "transitions": [
            {
                "at": _round(t.at),
                "node": t.node,
                "instance": t.instance,
                "from": t.from_,
                "to": t.to,
                "why": _explanation(t.why),
            }
            for t in report.transitions
        ],
        "outages": [_event_fields(span.outage) | {"why": _explanation(span.why)} for span in report.outages],
        "actions": [
            {
                "at": _round(a.at),
                "ended": _round(a.ended),
                "action": a.words,
                "phase": a.phase,
                "definite": a.definite,
                "effect": a.effect,
            }
            for a in report.actions
        ],
        "conditions": [
            {"name": c.name, "detail": c.detail, "began": _round(c.began), "ended": _round(c.ended)}
            for c in report.conditions
        ],
    }


def _event_fields(event: e.Event) -> dict[str, Any]:
    return {name: value for name, value in e.to_dict(event).items() if name not in ("at", "kind")}


def _round(at: float | None) -> float | None:
    return None if at is None else round(at, 6)


def _explanation(why: e.Why | None) -> dict[str, str] | None:
    return None if why is None else {key: getattr(why, key) for key in _WHY}
