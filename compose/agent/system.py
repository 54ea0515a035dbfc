"""Runs programs of the system and writes files."""

from __future__ import annotations

import os
import subprocess

from .errors import Refused

RUN_DIR = "/run/hatlab"
"""Folder of the agent's socket and FIFO."""


def run(*words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program with `text` as its input; a failure is only in the result."""
    return subprocess.run(words, input=text, capture_output=True, text=True, timeout=10, check=False)


def run_or_refuse(*words: str, text: str | None = None) -> str:
    """Run a program and return its output.

    Raises:
        Refused: it failed; the message is the program's own.
    """
    done = run(*words, text=text)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit {done.returncode}"]
        raise Refused(f"{words[0]}: {lines[0]}")
    return done.stdout


def write_file(path: str, text: str, mode: int = 0o644) -> None:
    """Replace a file as a whole: nobody reads half of it."""
    with open(path + ".new", "w", encoding="utf-8", newline="") as file:
        file.write(text)
    os.chmod(path + ".new", mode)
    os.replace(path + ".new", path)
