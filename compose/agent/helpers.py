"""Helper programs, files, and how a command is refused."""

from __future__ import annotations

import os
import subprocess

RUN = "/run/hatlab"
"""Folder of the agent's socket and FIFO."""


class Refused(Exception):
    """A command that cannot be carried out; the sentence is for the user.

    Attributes:
        definite: whether it certainly had no effect.
    """

    def __init__(self, message: str, definite: bool = True) -> None:
        super().__init__(message)
        self.definite = definite


def run(*words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a helper program; never raises on its exit code."""
    return subprocess.run(words, input=text, capture_output=True, text=True, timeout=10, check=False)


def must(*words: str, text: str | None = None) -> str:
    """Runs a helper program and returns its output; a failure is refused in its own words."""
    done = run(*words, text=text)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit {done.returncode}"]
        raise Refused(f"{words[0]}: {lines[0]}")
    return done.stdout


def write_file(path: str, text: str) -> None:
    """Puts a text in place at once: nobody reads half of it."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path + ".new", 0o644)
    os.replace(path + ".new", path)
