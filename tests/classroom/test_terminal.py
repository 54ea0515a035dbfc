"""A seat's terminal: modes that a later page needs, pastes of any size, programs that end as they like."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hatlab.classroom.seat.terminal import Terminal
from hatlab.classroom.seat.terminal_modes import TerminalModes

READS_ALL = """
import os, sys, tty
tty.setraw(0)
os.write(1, b"ready")
got = 0
while got < int(sys.argv[1]):
    got += len(os.read(0, 1000))
os.write(1, b"got %d" % got)
"""


async def _until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.01)


class Watched:
    """A terminal with a program of Python, and what came of it."""

    def __init__(self, folder: Path, program: str, *words: object) -> None:
        self.output = b""
        self.codes: list[int] = []
        command = [sys.executable, "-c", program, *map(str, words)]
        self.terminal = Terminal(command, os.environ, str(folder), (), self._take, self.codes.append)
        self.terminal.start()

    def _take(self, data: bytes) -> None:
        self.output += data

    async def says(self, text: bytes) -> None:
        await _until(lambda: text in self.output)


@pytest.mark.parametrize("cut", range(1, 30))
def test_modes_are_known_wherever_a_read_ends(cut: int) -> None:
    output = b"\x1b[?1049h\x1b[?1000;1006hTEXT\x1b[?25l\x1b[?2026h\x1b[?2026l\x1b[?1006l"
    modes = TerminalModes()
    for at in range(0, len(output), cut):
        modes.read(output[at : at + cut])
    assert modes.sequence == b"\x1b[?1049h\x1b[?1000h\x1b[?25l\x1b[?1006l"
    assert modes.is_set(b"1049")
    assert modes.undoing == b"\x1b[?1049l\x1b[?1000l\x1b[?25h\x1b[0m"


def test_a_reset_forgets_the_modes() -> None:
    modes = TerminalModes()
    modes.read(b"\x1b[?1049h\x1bc\x1b[?25l")
    assert modes.sequence == b"\x1b[?25l"


async def test_a_megabyte_that_is_pasted_arrives_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    watched = Watched(tmp_path, READS_ALL, 1_000_000)
    await watched.says(b"ready")
    for _ in range(1_000_000 // 20_000):
        watched.terminal.write(b"x" * 20_000)  # none of these waits for the program
    await watched.says(b"got 1000000")
    await _until(lambda: watched.codes == [0])


async def test_what_no_program_reads_is_bounded(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "import sys, time; print('ready', flush=True); time.sleep(60)")
    await watched.says(b"ready")
    for _ in range(100):
        watched.terminal.write(b"x" * 100_000)
    assert watched.terminal._waiting_input <= 4_000_000
    watched.terminal.signal(signal.SIGKILL)
    await _until(lambda: watched.codes == [-9])
    watched.terminal.write(b"x")  # nobody is there


async def test_a_program_has_a_size_and_is_told_of_another(tmp_path: Path) -> None:
    program = """
import fcntl, os, signal, termios, time
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
def tell(*_):
    os.write(1, b"size %d %d;" % tuple(reversed(os.get_terminal_size())))
signal.signal(signal.SIGWINCH, tell)
tell()
while True: time.sleep(60)
"""
    watched = Watched(tmp_path, program)
    await watched.says(b"size 24 80;")
    watched.terminal.resize(40, 120)
    await watched.says(b"size 40 120;")
    watched.terminal.resize(0, 99999)
    await watched.says(b"size 5 1000;")
    before = watched.output
    watched.terminal.ask_to_redraw()
    await _until(lambda: len(watched.output) > len(before))
    watched.terminal.signal(signal.SIGTERM)
    await _until(lambda: watched.codes == [-15])


async def test_a_program_may_leave_a_child_behind_and_be_started_again(tmp_path: Path) -> None:
    program = """
import os, sys, time
if os.fork() == 0:
    time.sleep(3)
    os._exit(0)
os.write(1, b"over")
os._exit(3)
"""
    watched = Watched(tmp_path, program)
    await _until(lambda: watched.codes == [3])
    assert not watched.terminal.is_running
    watched.terminal.start()
    await _until(lambda: watched.codes == [3, 3])


async def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    terminal = Terminal(["/nowhere/at/all"], {}, str(tmp_path), (), lambda _data: None, lambda _code: None)
    with pytest.raises(FileNotFoundError):
        terminal.start()
    assert not terminal.is_running
