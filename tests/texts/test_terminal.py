"""The bytes of a terminal on which a hostile recording is shown, and a hostile lab is simulated."""

import fcntl
import os
import pty
import random
import re
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.support.story import story
from tests.texts.fields import hostile_recording
from tests.texts.files import hostile_files
from tests.texts.hostile import random_text, unsafe_in

_OURS = re.compile(
    r"\x1b(?:\[[0-9;:?>=<]*[ $]?[a-zA-Z]|\([B0]|[78=>]|P[^\x1b]*\x1b\\|_G[^\x1b]*\x1b\\|\]22;[a-z-]+\x07)"
)
"""Sequences that Textual writes: colours, modes, the cursor, and the shape of the pointer."""
KEYS = b"\t\t\r\x1b1234w?M \x1b\x1b/x\r"
"""Looks at each pane, at the list of whys, the help and the notices."""


def play(argv: list[str], state: Path, keys: bytes, until: bytes, leave_at: bytes = b"") -> bytes:
    """Run hatlab on a terminal, press keys once it shows `until`, leave once it has shown `leave_at`.

    Until then the keys are pressed again and again.

    Returns:
        All bytes that it wrote.
    """
    pid, terminal = pty.fork()
    if pid == 0:
        environ = {**os.environ, "XDG_STATE_HOME": str(state), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        environ["DOCKER_HOST"] = "unix:///nowhere/docker.sock"
        os.execve(sys.executable, [sys.executable, "-m", "hatlab.cli", *argv], environ)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 130, 0, 0))
    said, pressed, deadline = b"", list(keys), time.monotonic() + 60
    shown, due = False, 0.0
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                said += os.read(terminal, 65536)
            except OSError:
                break
        shown = shown or until in said
        if shown and time.monotonic() > due:
            due = time.monotonic() + 0.15
            if pressed:
                os.write(terminal, bytes([pressed.pop(0)]))
            elif leave_at not in said:
                pressed = list(keys)
            else:
                os.kill(pid, signal.SIGTERM)
                due = deadline  # once
    os.close(terminal)
    os.waitpid(pid, 0)
    return said


def unsafe_on_terminal(said: bytes) -> list[str]:
    """Return what was written that is neither plain text nor a sequence of Textual's."""
    return unsafe_in(_OURS.sub("", said.decode()), "\r\n\t\x08\x0f")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no pty here")
def test_a_hostile_recording_reaches_the_terminal_as_plain_text(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b]0;owned\x07\u202e.jsonl"
    rng = random.Random(3)
    path.write_text("\n".join(hostile_recording(story(44), lambda: "\x1b[2J" + random_text(rng))) + "\n")
    command = ["replay", str(path), "--from", "30"]
    everywhere = play(command, tmp_path / "state", KEYS, b"db1")
    assert len(everywhere) > 5000
    log = play(command, tmp_path / "state", b"3", b"db1", b"\\x")
    assert b"\\x" in log
    for said in (everywhere, log):
        assert unsafe_on_terminal(said) == []
        assert b"Traceback" not in said
        assert b"something unexpected" not in said


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no pty here")
def test_a_hostile_topology_reaches_the_terminal_as_plain_text(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    topology = next(
        Path(line[1]) for line in hostile_files(folder, random.Random(5)) if line[0] == "topologies"
    )
    said = play(["start", str(topology), "--engine", "sim", "--for", "3"], tmp_path / "state", KEYS, b"db1")
    assert len(said) > 5000
    assert unsafe_on_terminal(said) == []
    assert b"Traceback" not in said
