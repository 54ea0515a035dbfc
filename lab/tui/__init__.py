"""The terminal UI. `run` is all that the rest of hatlab knows of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.lessons.guide import Guide
    from lab.lessons.notebook import Notebook
    from lab.session import Session


def run(
    session: Session,
    *,
    record: Path | None = None,
    guide: Guide | None = None,
    notebook: Notebook | None = None,
    following: str = "",
    step: int = 0,
) -> int:
    """Shows a lab from its start to its end; the session is stopped afterwards.

    Args:
        session: not started yet.
        record: where the run is recorded, told when the app has ended.
        guide: of a lesson, to have its tutor beside the lab; its `onward` tells whether the next is wanted.
        notebook: where the lesson's progress is kept.
        following: the title of the lesson to take next, "" if there is none.
        step: of the lesson, to begin at.

    Returns:
        0, or 1 if the lab could not start or ended by itself.

    Raises:
        Exception: a fault in the screen itself, once the terminal is as it was.
    """
    from lab.tui.app import LabApp

    app = LabApp(session, record=record, guide=guide, notebook=notebook, following=following, step=step)
    try:
        app.run()
    finally:
        session.stop()
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0
