"""The answer to `events`: what happens in a lab, as it happens, until it ends or nobody listens any more.

Whoever listens slowly keeps nobody waiting: the lab goes on, and what it has forgotten meanwhile is counted.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from hatlab import events as e
from hatlab.errors import ActionFailed, UserError
from hatlab.session import Session
from hatlab.state.conclusions import is_conclusion

IDLE = 0.5
"""Seconds after which a stream in which nothing happens says what time it is."""
_START_WITHIN = 60.0
"""Seconds that a lab may take until its first event."""
_BATCH = 500
"""Events that are told at a stretch."""


def stream_events(session: Session, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the replies: the lab with its beginning, its events, and how many there were.

    Args:
        request: `kinds`, the kinds of events that are asked for; `from`: `now` (the default) or `start`.

    Raises:
        UserError: the request makes no sense.
        ActionFailed: the lab ended before it began.
    """
    kinds = _read_kinds(request.get("kinds"))
    origin = request.get("from", "now")
    if origin not in {"now", "start"}:
        raise UserError(f"`from` cannot be {origin!r}", "it is `now` or `start`")
    reader = session.reader() if origin == "start" else session.follower()[0]
    session.wait_for(lambda state: state.layout is not None, _START_WITHIN)
    lab = session.lab
    if lab is None:
        raise ActionFailed("the lab ended before it began", "hatlab status")
    began_ns = time.time_ns() - round(session.engine.now() * 1e9)
    yield {"event": e.to_dict(lab), "began_ns": began_ns}
    count, told_until = 0, float("-inf")
    while True:
        ended = session.ended
        batch = reader.drain(timeout=IDLE, most=_BATCH)
        if batch.rewound:
            told_until = batch.told_until
            yield {"rewound": told_until}
        facts_only = session.facts_only()
        for event in batch.events:
            is_left_out = event.at <= told_until or event is lab or (facts_only and is_conclusion(event))
            if event.kind in kinds and not is_left_out:
                count += 1
                yield {"event": e.to_dict(event)}
        if not batch.events:
            if ended:
                yield {"result": {"events": count}}
                return
            yield {"at": round(session.engine.now(), 6)}


def _read_kinds(kinds: object) -> frozenset[str]:
    if kinds is None:
        return frozenset(e.KINDS)
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise UserError("`kinds` must be a list of kinds of events", "`hatlab help events` lists them")
    if unknown := sorted({*kinds} - e.KINDS.keys()):
        raise UserError(f"there is no kind of event {unknown[0]!r}", f"the kinds are {', '.join(e.KINDS)}")
    return frozenset(kinds)
