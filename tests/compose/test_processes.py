"""Processes killed as a power cut would: none of them says a last word."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from compose.agent.processes import kill_tree, parse_stat

PARENT = """
import ctypes, os, pathlib, signal, sys, time
parent = os.getpid()
child = os.fork()
if child == 0:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG, as keepalived's children have it
    signal.signal(signal.SIGTERM, lambda *_: pathlib.Path(sys.argv[1]).write_text("goodbye"))
    print(os.getpid(), flush=True)
while True:
    time.sleep(0.05)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the agent runs on Linux only")
def test_a_child_that_ends_with_its_parent_does_not_say_goodbye(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine, where the processes have time between one signal and the next."""
    send = os.kill

    def slowly(pid: int, number: int) -> None:
        send(pid, number)
        time.sleep(0.3)

    last_word = tmp_path / "word"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(last_word)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    monkeypatch.setattr("compose.agent.processes.os.kill", slowly)
    kill_tree(parent.pid, [parent.pid, child])
    parent.stdout.read()  # ends when both are gone
    parent.stdout.close()
    assert parent.wait(5) == -9
    assert not last_word.exists()


def test_a_process_name_may_hold_anything() -> None:
    assert parse_stat("12 (a) b (c) T 7 12 12 0") == (12, "a) b (c", "T", 7)
