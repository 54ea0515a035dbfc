"""Work that blocks, on daemon threads that only post messages: a stuck engine never holds the app back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

from hatlab.errors import LabError

T = TypeVar("T")


def run_in_background(receiver: MessagePump, work: Callable[[], Message]) -> threading.Thread:
    """Run `work` on a thread and post the message it returns to `receiver`. `work` must not raise."""
    thread = threading.Thread(target=lambda: receiver.post_message(work()), name="tui-work", daemon=True)
    thread.start()
    return thread


def attempt(work: Callable[[], T], problem: str = "") -> tuple[T | None, LabError | None]:
    """Return what `work` returns, and what it raised as a LabError: led by `problem` if it was none."""
    try:
        return work(), None
    except LabError as error:
        return None, error
    except Exception as error:  # noqa: BLE001 - a thread's last resort: told on the screen, not lost
        return None, LabError(f"{problem}{error}")
