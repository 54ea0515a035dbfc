"""The pseudo-terminal of a seat, and hatlab on it: both stay while pages come and go.

A library for this, terminado, was tried: it replays the last thousand reads (64 kB each) to every page that
is loaded again, sizes the terminal by pages that only watch, and lets what a slow page has not read yet grow
without end. A program that draws its whole screen needs none of its history.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from hatlab.classroom.seat.terminal_modes import TerminalModes

_READ = 65536
_MOST_INPUT = 4_000_000
"""Bytes of keys and pastes that may wait for hatlab; what comes beyond is dropped."""
_LOOK_EVERY = 0.2
SMALLEST, LARGEST = (5, 20), (500, 1000)
"""Rows and columns."""
_AT_FIRST = (24, 80)


class Terminal:
    """Runs one program at a time on a pseudo-terminal. All methods belong to the event loop's thread.

    Args:
        command: the program and its arguments.
        env: its environment.
        cwd: where it runs.
        keep: descriptors that it inherits.
        on_output: is given each thing that it writes.
        on_end: is told its exit code, negative for a signal, once it has ended.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        cwd: str,
        keep: Sequence[int],
        on_output: Callable[[bytes], None],
        on_end: Callable[[int], None],
    ) -> None:
        self._command, self._env, self._cwd, self._keep = command, env, cwd, keep
        self._on_output, self._on_end = on_output, on_end
        self._master = -1
        self._process: subprocess.Popen[bytes] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._input: deque[bytes] = deque()
        self._waiting_input = 0
        self._size = _AT_FIRST
        self.modes = TerminalModes()

    @property
    def is_running(self) -> bool:
        """True while the program runs."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """The number of the program, 0 if none runs."""
        return self._process.pid if self._process is not None else 0

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return self._size

    def start(self) -> None:
        """Start the program, unless it runs.

        Raises:
            OSError: it cannot be started.
        """
        if self.is_running:
            return
        self.modes = TerminalModes()
        master, slave = os.openpty()
        try:
            _set_size(slave, self._size)
            self._process = subprocess.Popen(
                self._command,
                env=dict(self._env),
                cwd=self._cwd,
                stdin=slave,
                stdout=slave,
                stderr=slave,
                start_new_session=True,
                pass_fds=tuple(self._keep),
            )
        except OSError:
            os.close(master)
            raise
        finally:
            os.close(slave)
        os.set_blocking(master, False)
        self._master = master
        loop = asyncio.get_running_loop()
        loop.add_reader(master, self._read)
        self._watching = loop.create_task(self._watch(self._process))

    def write(self, data: bytes) -> None:
        """Send keys to the program, as fast as it takes them."""
        if self._master < 0 or self._waiting_input + len(data) > _MOST_INPUT:
            return
        self._input.append(data)
        self._waiting_input += len(data)
        if len(self._input) == 1:
            self._write_waiting()

    def _write_waiting(self) -> None:
        loop = asyncio.get_running_loop()
        while self._input:
            data = self._input[0]
            try:
                written = os.write(self._master, data)
            except BlockingIOError:
                loop.add_writer(self._master, self._write_waiting)
                return
            except OSError:
                self._drop_input()
                break
            self._waiting_input -= written
            if written < len(data):
                self._input[0] = data[written:]
            else:
                self._input.popleft()
        loop.remove_writer(self._master)

    def _drop_input(self) -> None:
        self._input.clear()
        self._waiting_input = 0

    def resize(self, rows: int, columns: int) -> None:
        """Set the size, within reason; the program is told if it changes."""
        self._size = (
            min(max(rows, SMALLEST[0]), LARGEST[0]),
            min(max(columns, SMALLEST[1]), LARGEST[1]),
        )
        if self.is_running:
            with suppress(OSError):
                _set_size(self._master, self._size)

    def ask_to_redraw(self) -> None:
        """Let the program draw its whole screen again, for a page that has seen nothing of it."""
        if self._process is not None:
            with suppress(OSError):
                os.killpg(self._process.pid, signal.SIGWINCH)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program and all of its session's group."""
        if self._process is not None:
            with suppress(OSError):
                os.killpg(self._process.pid, number)

    def _read(self) -> None:
        try:
            data = os.read(self._master, _READ)
        except BlockingIOError:
            return
        except OSError as error:  # Linux says EIO once nobody has the other end open
            if error.errno != errno.EIO:
                raise
            data = b""
        if data:
            self.modes.read(data)
            self._on_output(data)
        else:
            self._close()

    def _close(self) -> None:
        """Let go of the terminal."""
        if self._master < 0:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)
        loop.remove_writer(self._master)
        os.close(self._master)
        self._master = -1
        self._drop_input()

    async def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for the end of the program: it may close its terminal before it has put its lab away."""
        while process.poll() is None:
            await asyncio.sleep(_LOOK_EVERY)
        self._close()
        self._process = None
        self._on_end(process.returncode)


def _set_size(descriptor: int, size: tuple[int, int]) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))


def hatlab_on_terminal(memory: int, words: Sequence[str]) -> list[str]:
    """Return the command that runs hatlab on a terminal of its own."""
    return [sys.executable, "-m", "hatlab.classroom.seat.launch", str(memory), *words]
