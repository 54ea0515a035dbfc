"""The main thread: what it waits for, and how other threads wait for what it sees."""

from __future__ import annotations

import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from .output import Output

Task = Callable[[], None]
Job = Callable[[float], float]
"""Called in each round with the time; returns when it wants to be called next."""


class EventLoop:
    """Waits for descriptors and calls their handlers, runs tasks from other threads, and writes facts."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.out = Output(wake_write)
        self.watch(wake_read, lambda: os.read(wake_read, 4096))
        self._buffers: dict[int, bytes] = {}
        self._tasks: deque[Task] = deque()

    def watch(self, fd: Any, handler: Callable[[], Any]) -> None:
        """Call the handler whenever there is something to read."""
        self._selector.register(fd, selectors.EVENT_READ, handler)

    def unwatch(self, fd: Any) -> None:
        """Stop watching a descriptor."""
        self._selector.unregister(fd)

    def read_lines(self, fd: int, take: Callable[[str], Any], *, size: int = 65536) -> bool:
        """Read what is there and pass on whole lines; False at the end of the stream."""
        try:
            data = os.read(fd, size)
        except BlockingIOError:
            return True
        *lines, rest = (self._buffers.pop(fd, b"") + data).split(b"\n")
        if rest:
            self._buffers[fd] = rest
        for line in lines:
            take(line.decode("utf-8", "replace"))
        return bool(data)

    def run_on_main(self, task: Task) -> None:
        """Run a task on the main thread, to which the selector belongs, and wait for it."""
        if threading.current_thread() is threading.main_thread():
            task()
            return
        done, errors = threading.Event(), []  # type: tuple[threading.Event, list[BaseException]]

        def call() -> None:
            try:
                task()
            except BaseException as error:  # noqa: BLE001 - passed to the caller's thread
                errors.append(error)
            done.set()

        self._tasks.append(call)
        self.out.wake()
        done.wait(10)
        if errors:
            raise errors[0]

    def run(self, keep_running: Callable[[float], bool], jobs: Sequence[Job]) -> None:
        """Go round after round until `keep_running` returns False for the time."""
        while keep_running(now := time.monotonic()):
            due = [job(now) for job in jobs]
            while self._tasks:
                self._tasks.popleft()()
            self.out.flush()
            wait = min(due) - time.monotonic()
            for key, _ in self._selector.select(max(0.0, wait)):
                key.data()


class ChangeSignal:
    """Lets requests, on their own threads, wait for what the main thread sees."""

    def __init__(self) -> None:
        self._changed = threading.Condition()

    def notify(self) -> None:
        """Something changed."""
        with self._changed:
            self._changed.notify_all()

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for a condition; False if it did not hold in time."""
        with self._changed:
            return self._changed.wait_for(condition, seconds)
