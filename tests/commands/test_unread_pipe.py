"""A pipe that nobody reads keeps no lab from ending: by a signal, and by `hatlab down`."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.story import story, write_recording
from tests.support.waiting import wait_until

DEADLINE = 6.0


_SMALLEST_PIPE = 4096
F_SETPIPE_SZ = 1031


@pytest.mark.skipif(sys.platform != "linux", reason="a pipe's size can be set on Linux alone")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, "down"], ids=str)
def test_it_ends_and_nobody_has_to_read(how: signal.Signals | str) -> None:
    read_end, write_end = os.pipe()
    fcntl.fcntl(write_end, F_SETPIPE_SZ, _SMALLEST_PIPE)
    with tempfile.TemporaryDirectory(prefix="hl") as state:
        environ = {**os.environ, "XDG_STATE_HOME": state}
        hatlab = [sys.executable, "-m", "hatlab.cli"]
        lab = subprocess.Popen(
            [*hatlab, "start", "--engine", "sim", "--json", "-v"],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=write_end,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        os.close(write_end)
        try:
            wait_until(lambda: _blocks_in_a_write(lab.pid), 30, "the lab to be stuck in a write")
            if isinstance(how, str):
                subprocess.run([*hatlab, how], env=environ, check=True, capture_output=True, timeout=30)
            else:
                lab.send_signal(how)
            _, said = lab.communicate(timeout=DEADLINE)
        finally:
            lab.kill()
            lab.communicate()
            os.close(read_end)
    assert "Traceback" not in said
    assert lab.returncode == (0 if isinstance(how, str) else 128 + how)


def _blocks_in_a_write(pid: int) -> bool:
    """True if the main thread of a process waits for a pipe's reader."""
    return Path(f"/proc/{pid}/wchan").read_text() in {"pipe_write", "anon_pipe_write"}


def test_a_log_into_a_pipe_that_is_read_late_is_whole(tmp_path: Path) -> None:
    recording = write_recording(tmp_path / "run.jsonl", story(44.0))
    done = subprocess.run(
        f"{sys.executable} -m hatlab.cli replay {recording} --json | (sleep 1.5; cat)",
        shell=True,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(events) >= len(story(44.0))
