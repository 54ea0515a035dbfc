"""The terminal UI. `run` is all that the rest of hatlab knows of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from typing import Unpack

    from hatlab.lessons.library.catalogue import Catalogue
    from hatlab.lessons.play.runner import LessonRunner
    from hatlab.lessons.records.progress_file import ProgressFile
    from hatlab.session import Session


class LessonOptions(TypedDict, total=False):
    """A lesson to lead through.

    Attributes:
        runner: its tutor stands beside the lab; `onward` tells whether the learner wants the next lesson.
        progress_file: where progress is kept.
        following: the title of the next lesson, "" if there is none.
        step: to begin at.
        catalogue: the lessons to choose from; its `wanted` tells which one was chosen.
    """

    runner: LessonRunner
    progress_file: ProgressFile
    following: str
    step: int
    catalogue: Catalogue


def run(session: Session, *, record: Path | None = None, **lesson: Unpack[LessonOptions]) -> int:
    """Shows a lab from its start to its end; the session is stopped afterwards.

    Args:
        session: not started yet.
        record: where the run is recorded, told when the app has ended.
        lesson: if one is on.

    Returns:
        0, or 1 if the lab could not start or ended by itself.

    Raises:
        Exception: a fault in the screen itself, once the terminal is as it was.
    """
    from hatlab.tui.app.app import LabApp
    from hatlab.util.terminal import discard_typed, no_echo

    app = LabApp(session, record=record, **lesson)
    with no_echo():  # Textual gives the terminal back a while before it returns
        discard_typed()
        try:
            app.run()
        finally:
            session.stop()
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0
