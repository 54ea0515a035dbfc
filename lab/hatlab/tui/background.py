"""Work that blocks, on daemon threads that only post messages: a stuck engine never holds the app back."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.message import Message
from textual.message_pump import MessagePump


def run_in_background(receiver: MessagePump, work: Callable[[], Message]) -> threading.Thread:
    """Run `work` on a thread and post the message it returns to `receiver`. `work` must not raise."""
    thread = threading.Thread(target=lambda: receiver.post_message(work()), name="tui-work", daemon=True)
    thread.start()
    return thread
