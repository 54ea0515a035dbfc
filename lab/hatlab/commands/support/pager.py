"""Shows a long text: in the person's pager where there is a terminal, else as it is."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from contextlib import suppress

from hatlab.util.terminal import TerminalText, wants_colour

_WIDEST = 110
"""Columns of prose at most: longer lines are hard to read."""


def show_markdown(markdown: str) -> None:
    """Show a page: formatted and in the pager on a terminal, as Markdown elsewhere."""
    if not (sys.stdout.isatty() and sys.stdin.isatty()):
        sys.stdout.write(markdown)
        return
    page(format_markdown(markdown, min(_WIDEST, shutil.get_terminal_size().columns)))


def format_markdown(markdown: str, width: int) -> str:
    """Return Markdown as it looks on a terminal of so many columns."""
    from io import StringIO

    from rich.console import Console
    from rich.markdown import Markdown

    out = StringIO()
    colour = wants_colour(os.environ, True)
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
    )
    console.print(Markdown(markdown, hyperlinks=False))
    return out.getvalue()


def page(text: str) -> None:
    """Let the person's pager show a text of hatlab's own; without one it is written."""
    command = shlex.split(os.environ.get("PAGER", "")) or ["less"]
    if not sys.stdout.isatty() or shutil.which(command[0]) is None:
        sys.stdout.write(TerminalText(text))
        return
    # less: colours as they are, an end without a key if all fits
    environ = os.environ | {"LESS": os.environ.get("LESS", "FRX"), "LESSCHARSET": "utf-8"}
    pager = subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, encoding="utf-8")
    with suppress(BrokenPipeError, KeyboardInterrupt):  # it was left before the end
        pager.communicate(text)
    pager.wait()
