"""The terminal UI. `run` is all that the rest of hatlab knows of it.

commands  every command: its key, label and help (the table that bindings, footer, palette and help read)
keys      the keys as they are bound: a text that names one asks here; keymap checks a person's own
app/      what keys do: where a key becomes an Action, where an answer goes
screens/  the lab's screen and the dialogs; editor/ is the one for keepalived.conf
lesson/   the tutor; map/, timeline/, packets/, log/ the panes; widgets/ what they share
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Unpack

    from hatlab.session import Session
    from hatlab.settings.effective import Settings
    from hatlab.tui.app.labs import LessonLabs
    from hatlab.tui.app.lesson import LessonOptions


def run(
    session: Session,
    *,
    record: Path | None = None,
    labs: LessonLabs | None = None,
    settings: Settings | None = None,
    **lesson: Unpack[LessonOptions],
) -> int:
    """Show a lab from its start to its end, and perhaps others after it.

    Args:
        session: not started yet; it is stopped afterwards.
        record: where the run is recorded, which is said when the app has ended.
        labs: makes the labs of other lessons; without it there is only the one lab.
        settings: of the person at the screen; the defaults without them.
        lesson: if one is on.

    Returns:
        0, or 1 if the last lab could not start or ended by itself.

    Raises:
        Exception: a bug in the screen itself, once the terminal is as it was.
    """
    from hatlab.util.collection import pause_collection, resume_collection

    pause_collection()  # until the start of the lab has loaded the screens
    from hatlab.tui.app.app import LabApp
    from hatlab.util.terminal import cannot_draw_glyphs, discard_typed, no_echo

    app = LabApp(
        session,
        record=record,
        labs=labs,
        settings=settings,
        ascii_only=cannot_draw_glyphs(os.environ),
        **lesson,
    )
    with no_echo():  # Textual gives the terminal back a while before it returns
        discard_typed()
        try:
            app.run()
        finally:
            resume_collection()  # where the lab was never started
            app.session.stop()  # of the last lab; those before it are closed by whoever made them
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0
