"""Opens the terminal UI on a session. A script and --for run alongside, and signals end it in order."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

from hatlab.commands.support.lifecycle import ENDING, HANGUP, Attachments
from hatlab.commands.support.script_player import StopCondition
from hatlab.errors import LabError
from hatlab.session import Session
from hatlab.settings.effective import current_settings
from hatlab.util.signals import handling_signals
from hatlab.util.terminal import watch_terminal

if TYPE_CHECKING:
    from typing import Unpack

    from hatlab.commands.support.lesson_labs import LessonLabs
    from hatlab.tui.app.labs import LabOnScreen
    from hatlab.tui.app.lesson import LessonOptions


def run_screen(
    session: Session,
    attachments: Attachments,
    stop: StopCondition | None = None,
    labs: LessonLabs | None = None,
    **lesson: Unpack[LessonOptions],
) -> int:
    """Run the UI until the person quits, the lab ends or `stop` is met.

    SIGTERM stops the session from a thread, and the UI, which sees that it has ended, gives the terminal
    back: an exception in the middle of its event loop would not. After SIGHUP there is no terminal to give
    back, and a UI that writes to it hangs: the process ends as soon as the lab is gone.

    Args:
        session: not started yet.
        attachments: what runs alongside the session.
        stop: when the lab ends by itself; its script is played.
        labs: makes the labs of other lessons, which are shown after this one; without it there are none.
        lesson: what `hatlab.tui.run` takes of a lesson, if one is on.

    Returns:
        The exit code.
    """
    import hatlab.tui
    from hatlab.tui.widgets.theme_choice import check_theme

    settings = current_settings()
    check_theme(settings)
    if settings["keys"]:
        from hatlab.tui.keymap import check_keymap

        check_keymap(settings)
    caught: list[int] = []
    stop_labs = session.stop if labs is None else labs.stop_all
    close_labs = attachments.close if labs is None else labs.close_all

    def stop_quietly() -> None:
        with suppress(LabError):  # what could not be removed is said once the terminal is given back
            stop_labs()

    def end_lab(number: int, _frame: FrameType | None) -> None:
        if not caught:
            caught.append(number)
            work = stop_quietly if number != HANGUP else lambda: _close_and_exit(close_labs, number)
            threading.Thread(target=work, name="stop", daemon=True).start()

    if stop is not None and stop.script is not None:
        stop.script.start()
    if stop is not None and stop.can_be_met:
        threading.Thread(target=_stop_when_met, args=(session, stop), name="timer", daemon=True).start()
    with handling_signals(end_lab, *ENDING):
        watch_terminal()
        code: int = hatlab.tui.run(
            session, record=attachments.told_recording, labs=labs, settings=settings, **lesson
        )
    last = session if labs is None else labs.current[0]
    if last.error is not None and not caught:
        raise last.error
    return 128 + caught[0] if caught else code


def show_labs(labs: LessonLabs, first: LabOnScreen, *, facts_only: bool = False) -> int:
    """Show a lesson's lab, and those of the lessons that the learner goes on to; return the exit code."""
    return run_screen(
        *labs.current,
        labs=labs,
        runner=first.runner,
        step=first.step,
        following=first.following,
        next_lesson=first.next_lesson,
        progress_file=labs.catalogue.progress_file,
        drill_file=labs.drill_file,
        catalogue=labs.catalogue,
        facts_only=facts_only,
    )


def _close_and_exit(close: Callable[[], None], number: int) -> None:
    try:
        close()
    finally:
        os._exit(128 + number)


def _stop_when_met(session: Session, stop: StopCondition) -> None:
    while not session.ended:
        if stop.is_met(session):
            session.stop()
            return
        session.wait_for(lambda _: False, 0.25)
