"""Processes of a class are known by a lock: it is free when they are gone, however they went."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from hatlab.classroom.processes import LockedProcess
from hatlab.errors import LabError

SLEEPS = [sys.executable, "-c", "print('I am up', flush=True); import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('up', flush=True); time.sleep(600)",
]


@pytest.fixture
def process(tmp_path: Path) -> LockedProcess:
    return LockedProcess("the sleeper", tmp_path / "it.lock", tmp_path / "it.log")


def test_it_runs_once_and_ends(process: LockedProcess) -> None:
    assert not process.is_running
    assert not process.stop()
    process.start(SLEEPS, os.environ)
    pid = process.pid
    assert pid
    process.start(SLEEPS, os.environ)
    assert process.pid == pid
    assert process.stop()
    assert not process.is_running
    assert process.pid == 0


def test_one_that_was_killed_has_no_number(process: LockedProcess) -> None:
    process.start(SLEEPS, os.environ)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait_for_end(30)
    assert process.lock.read_text(encoding="utf-8").strip()
    assert process.pid == 0, "the number in the file may be somebody else's by now"


def test_one_of_another_machine_is_seen_and_never_killed(process: LockedProcess) -> None:
    """A seat's folder may be shared with the machine on which it runs: its number is somebody else's here."""
    process.start(SLEEPS, os.environ)
    pid = process.pid
    with process.lock.open("w", encoding="utf-8") as lock:
        lock.write(f"{pid} elsewhere\n")
    assert process.is_running
    assert process.pid == 0
    assert not process.stop()
    assert process.is_running
    with process.lock.open("w", encoding="utf-8") as lock:
        lock.write(f"{pid}\n")  # as they were written before
    assert process.stop()


def test_one_that_does_not_listen_is_killed(process: LockedProcess) -> None:
    process.start(STUBBORN, os.environ)
    while process.last_line() != "up":
        assert process.is_running
    assert process.stop(within=0.2)
    assert not process.is_running


def test_what_cannot_be_started_is_told(process: LockedProcess, tmp_path: Path) -> None:
    with pytest.raises(LabError, match="cannot start the sleeper"):
        process.start(["/nowhere/at/all"], os.environ)
    assert not process.is_running
    nowhere = LockedProcess("it", tmp_path / "no" / "it.lock", tmp_path / "it.log")
    with pytest.raises(LabError, match="cannot write"):
        nowhere.start(SLEEPS, os.environ)
