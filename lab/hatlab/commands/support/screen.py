"""Opens the terminal UI on a session; a script and --for run beside it, and signals end it in order."""

from __future__ import annotations

import os
import threading
from types import FrameType
from typing import TYPE_CHECKING

from hatlab.commands.support.lifecycle import ENDING, HANGUP, Attachments, ScriptPlayer, handling_signals
from hatlab.session import Session

if TYPE_CHECKING:
    from typing import Unpack

    from hatlab.tui import LessonOptions


def run_screen(
    session: Session,
    around: Attachments,
    player: ScriptPlayer | None = None,
    seconds: float | None = None,
    **lesson: Unpack[LessonOptions],
) -> int:
    """Runs the UI until the person quits, the lab ends, a script says `end` or `seconds` after ready passed.

    SIGTERM stops the session from a thread, and the UI, which sees that it has ended, gives the terminal
    back: an exception in the middle of its event loop would not. After SIGHUP there is no terminal to give
    back, and a UI that writes to it hangs: the process ends as soon as the lab is gone.

    Args:
        lesson: what `hatlab.tui.run` takes of a lesson, if one is on.
    """
    import hatlab.tui

    caught: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        if not caught:
            caught.append(number)
            stop = session.stop if number != HANGUP else lambda: _leave(around, number)
            threading.Thread(target=stop, name="stop", daemon=True).start()

    if player is not None:
        player.start()
    if player is not None or seconds is not None:
        threading.Thread(
            target=_end_in_time, args=(session, player, seconds), name="timer", daemon=True
        ).start()
    with handling_signals(end, *ENDING):
        code: int = hatlab.tui.run(session, record=around.recording, **lesson)
    if session.error is not None and not caught:
        raise session.error
    return 128 + caught[0] if caught else code


def _leave(around: Attachments, number: int) -> None:
    try:
        around.close()
    finally:
        os._exit(128 + number)


def _end_in_time(session: Session, player: ScriptPlayer | None, seconds: float | None) -> None:
    while not session.ended:
        state = session.state
        over = (
            seconds is not None and state.ready and session.engine.now() >= state.phases["ready"][1] + seconds
        )
        if over or (player is not None and player.end):
            session.stop()
            return
        session.wait_for(lambda _: False, 0.25)
