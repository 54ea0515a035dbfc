"""What a teacher asks of a lab: where its lesson stands, a line for the learner, everybody's eyes."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

from hatlab.errors import UserError
from hatlab.session import Session
from hatlab.teacher import TeacherLine
from hatlab.util.visible import show_controls

LOOK_EVERY = 0.1
"""Seconds between two looks at the lesson."""
REPEAT_AFTER = 5.0
"""Seconds after which where a lesson stands is told again, though nothing but time has changed."""
LONGEST_LINE, LONGEST_NAME = 500, 64
"""Characters of what a teacher says, and of a name."""
LONGEST_FREEZE = 3600.0
_MOVES_BY_ITSELF = {"since", "clock"}
"""What of a report changes with time alone."""


def stream_lesson(session: Session) -> Iterator[dict[str, Any]]:
    """Yield where the lesson stands: at once, at each change and every few seconds, until the lab ends."""
    told: object = None
    count, told_at = 0, 0.0
    while not session.ended:
        session.follow_teacher()
        lesson = session.teacher.report()
        standing = {key: value for key, value in (lesson or {}).items() if key not in _MOVES_BY_ITSELF}
        if not count or standing != told or monotonic() - told_at >= REPEAT_AFTER:
            told, told_at, count = standing, monotonic(), count + 1
            yield {"lesson": lesson}
        session.wait_for(lambda _: False, LOOK_EVERY)
    yield {"result": {"reports": count}}


def ask_learner(session: Session, what: str, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out `tell`, `restart`, `freeze` or `thaw`; return the result.

    Raises:
        UserError: the request makes no sense, or nobody would see it.
    """
    link = session.teacher
    if not link.attended:
        raise UserError("nobody sits at this lab", "a lab without a screen or a lesson takes actions only")
    if what == "tell":
        text = _read_line(request, "text", LONGEST_LINE)
        if not text:
            raise UserError("there is nothing to tell", '{"ask": "tell", "text": "Look at the log of db2"}')
        link.tell(TeacherLine(text, _read_line(request, "from", LONGEST_NAME)))
        return {"told": text}
    if what == "restart":
        report = link.report()
        if report is None or not report["step"]:
            raise UserError("no lesson is under way", "`do` with the word `reset` resets the lab alone")
        link.ask_restart()
        return {"step": report["step"]}
    if what == "freeze":
        link.freeze(_read_line(request, "text", LONGEST_LINE), _read_seconds(request))
    else:
        link.thaw()
    session.follow_teacher()
    return {"frozen": link.frozen}


def _read_line(request: dict[str, Any], key: str, longest: int) -> str:
    text = request.get(key, "")
    if not isinstance(text, str):
        raise UserError(f"`{key}` must be a string")
    line = show_controls(" ".join(text.split()), keep="")
    if len(line) > longest:
        raise UserError(f"`{key}` has {len(line)} characters", f"it may have {longest} at most")
    return line


def _read_seconds(request: dict[str, Any]) -> float | None:
    seconds = request.get("seconds")
    if seconds is None:
        return None
    if type(seconds) not in {int, float} or not 0 < seconds <= LONGEST_FREEZE:
        raise UserError("`seconds` must be a number", f"more than 0, and {LONGEST_FREEZE:g} at most")
    return float(seconds)
