"""Opens the terminal UI on a session. A script and --for run alongside, and signals end it in order."""

from __future__ import annotations

import os
import threading
from types import FrameType
from typing import TYPE_CHECKING

from hatlab.commands.support.lifecycle import ENDING, HANGUP, Attachments
from hatlab.commands.support.script_player import StopCondition
from hatlab.session import Session
from hatlab.util.signals import handling_signals

if TYPE_CHECKING:
    from typing import Unpack

    from hatlab.tui.app.lesson import LessonOptions


def run_screen(
    session: Session,
    attachments: Attachments,
    stop: StopCondition | None = None,
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
        lesson: what `hatlab.tui.run` takes of a lesson, if one is on.

    Returns:
        The exit code.
    """
    import hatlab.tui

    caught: list[int] = []

    def end_lab(number: int, _frame: FrameType | None) -> None:
        if not caught:
            caught.append(number)
            work = session.stop if number != HANGUP else lambda: _close_and_exit(attachments, number)
            threading.Thread(target=work, name="stop", daemon=True).start()

    if stop is not None and stop.script is not None:
        stop.script.start()
    if stop is not None and stop.can_be_met:
        threading.Thread(target=_stop_when_met, args=(session, stop), name="timer", daemon=True).start()
    with handling_signals(end_lab, *ENDING):
        code: int = hatlab.tui.run(session, record=attachments.recording, **lesson)
    if session.error is not None and not caught:
        raise session.error
    return 128 + caught[0] if caught else code


def _close_and_exit(attachments: Attachments, number: int) -> None:
    try:
        attachments.close()
    finally:
        os._exit(128 + number)


def _stop_when_met(session: Session, stop: StopCondition) -> None:
    while not session.ended:
        if stop.is_met(session):
            session.stop()
            return
        session.wait_for(lambda _: False, 0.25)
