"""A story as one JSON document."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hatlab.incident.story import Story
from hatlab.state.run_report import Transition

_OF_A_FINDING = ("code", "line", "message", "effect", "cure")


def to_document(story: Story) -> dict[str, Any]:
    """Return plain data: moments in seconds since the recording began, `time` as a person writes it."""
    return {
        "takeover": _change(story, story.takeover) | {"before": story.before} if story.takeover else None,
        "transitions": [_change(story, change) for change in story.transitions],
        "conditions": [asdict(span) for span in story.report.conditions],
        "outages": [
            {"client": o.client, "began": o.began, "ended": o.ended, "seconds": o.seconds, "failed": o.failed}
            for o in (span.outage for span in story.report.outages)
        ],
        "signs": [asdict(sign) for sign in story.signs],
        "findings": [
            {
                "node": node,
                **{key: getattr(finding, key) for key in ("code", "line", "message", "effect", "cure")},
            }
            for node, finding in story.findings
        ],
        "unknown": story.unknown,
    }


def _change(story: Story, change: Transition) -> dict[str, Any]:
    why = change.why
    return {
        "at": change.at,
        "about": change.about,
        "time": story.clock.format(change.at, 3),
        "node": change.node,
        "instance": change.instance,
        "from": change.from_,
        "to": change.to,
        "cause": why.cause if why else None,
        "why": why.text if why else None,
        "arithmetic": why.arithmetic if why else "",
        "rule": why.rule if why else "",
        "line": why.line if why else "",
        "evidence": change.evidence,
    }
