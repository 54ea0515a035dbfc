"""The clipboard of the desktop, where there is one; a terminal's own is reached by an escape sequence."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping

PROGRAMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
    ("", ("pbcopy",)),
    ("", ("clip.exe",)),
)
"""What must be set in the environment, "" for nothing, and a program that copies its standard input."""
PATIENCE = 2.0
"""Seconds that a program may take."""


def find_program(environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the program that copies here, with its arguments; None where there is none."""
    path = environment.get("PATH", "")
    for needed, program in PROGRAMS:
        if (not needed or environment.get(needed)) and shutil.which(program[0], path=path):
            return program
    return None


def copy_to_desktop(text: str, environment: Mapping[str, str]) -> bool:
    """Copy a text to the desktop's clipboard. Return False if there is none, or it did not take the text."""
    program = find_program(environment)
    if program is None:
        return False
    try:
        done = subprocess.run(
            program,
            input=text.encode(errors="replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
            env=dict(environment),
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
