"""A process that was stopped for a while (Ctrl+Z, a closed lid) goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Queue

import pytest

from hatlab.util.standstill import LONGEST_ROUND
from tests.support.story import story, write_recording

STOPPED = LONGEST_ROUND + 2.0


class _Telling:
    """A process whose events are read as they come."""

    def __init__(self, state: Path, *argv: str | Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hatlab.cli", *argv],
            env={**os.environ, "XDG_STATE_HOME": str(state)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.moments: Queue[float] = Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.moments.put(json.loads(line)["at"])

    def end(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait()
        self._reader.join()

    def newest(self, since: float = 0.0) -> float:
        """The moment of the last event so far, which is not before `since`."""
        newest = self.moments.get(timeout=30)
        while newest < since:
            newest = self.moments.get(timeout=30)
        while not self.moments.empty():
            newest = self.moments.get()
        return newest


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no job control here")
def test_a_lab_and_a_recording_go_on_where_they_were(tmp_path: Path) -> None:
    recording = write_recording(tmp_path / "run.jsonl", story(44.0))
    lab = _Telling(tmp_path, "start", "--engine", "sim", "--json")
    replay = _Telling(tmp_path, "replay", recording, "--json", "--from", "1", "--speed", "1")
    both = (lab, replay)
    try:
        before = [one.newest(since=4.0) for one in both]  # the lab is ready then
        for one in both:
            one.process.send_signal(signal.SIGSTOP)
        threading.Event().wait(STOPPED)  # it is the time itself that is tested
        for one in both:
            one.process.send_signal(signal.SIGCONT)
        after = [one.newest() for one in both]
    finally:
        for one in both:
            one.end()
    passed = [later - earlier for earlier, later in zip(before, after, strict=True)]
    assert max(passed) < STOPPED - 1, passed
