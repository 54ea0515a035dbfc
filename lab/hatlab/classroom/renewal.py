"""A link that was renewed leads in no more, and what was opened with it ends: the login, tokens, the seat."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote

from hatlab.classroom.course import Course
from hatlab.classroom.roster import TEACHER
from hatlab.classroom.running import ask_hub, board_process, hub_process, start_class
from hatlab.errors import LabError
from hatlab.util.files import read_text, write_text

_SEAT_ENDS_WITHIN = 60.0


def end_renewed(course: Course) -> None:
    """Let the hub of a class forget whoever came by a link that has been renewed since.

    A class that does not run does so when it is started.

    Raises:
        LabError: the hub does not do it.
    """
    path = course.hub_folder / "renewed.json"
    issues, known = course.read_issues(), _read(path)
    pending = [name for name, issue in issues.items() if known.get(name) != issue]
    if not pending or not hub_process(course).is_running:
        return
    for name in pending:
        _forget(course, name)
    if TEACHER in pending:  # the hub gives a teacher's part to whoever is there when it starts
        hub_process(course).stop()
        board_process(course).stop()
        start_class(course)
    write_text(path, json.dumps(issues) + "\n")


def _read(path: Path) -> dict[str, int]:
    with suppress(LabError, ValueError):
        known = json.loads(read_text(path, "list of renewed links")) if path.exists() else {}
        return known if isinstance(known, dict) else {}
    return {}


def _forget(course: Course, name: str) -> None:
    """Let the hub delete somebody, whose seat ends first; who has their link is made anew."""
    until = time.monotonic() + _SEAT_ENDS_WITHIN
    while True:
        try:
            ask_hub(course, "DELETE", f"/users/{quote(name)}")
        except HTTPError as error:
            if error.code == 404:
                return  # never been here
            if error.code != 400 or time.monotonic() > until:  # 400: the seat is ending
                raise LabError(
                    f"the hub does not let go of {name}: it answers {error.code}", "try it once more"
                ) from None
        except (OSError, ValueError) as error:
            raise LabError(f"the hub does not answer: {error}", "start the class again") from None
        else:
            return
        time.sleep(0.2)
