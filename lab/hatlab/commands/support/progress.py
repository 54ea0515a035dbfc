"""Progress of what takes long: one bar on a terminal's stderr, gone in the end; nothing anywhere else.

Nothing is drawn where stderr is no terminal, with `--json`, or where TERM is dumb. The bar is ASCII where
that is asked for, and without colour where NO_COLOR is set; both is rich's doing.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hatlab.util.terminal import TerminalText
from hatlab.util.visible import show_controls
from hatlab.util.work import Work

if TYPE_CHECKING:
    from rich.progress import Progress


_REFRESH = 0.1
"""Seconds between two pictures."""


class ProgressBar:
    """A bar that is drawn where somebody sees it."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress
        self._drawn_at = -_REFRESH
        self._task = (
            progress.add_task("", total=None, count="", visible=False) if progress is not None else None
        )

    def _is_due(self, work: Work) -> bool:
        """True if it is time to draw: often enough for a person, and no oftener; the last one always."""
        now = time.monotonic()
        if now - self._drawn_at < _REFRESH and work.done != work.total:
            return False
        self._drawn_at = now
        return True

    @property
    def drawn(self) -> bool:
        """True if somebody sees it."""
        return self._progress is not None

    def show(self, work: Work) -> None:
        """Show how far something is."""
        if self._progress is not None and self._task is not None:
            what = show_controls(" ".join(work.what.split()), keep="")
            fields: dict[str, Any] = {
                "visible": True,
                "description": what,
                "total": work.total,
                "completed": work.done,
                "count": _count(work),
            }
            self._progress.update(self._task, **fields, refresh=self._is_due(work))

    def print_line(self, text: str) -> None:
        """Write a line to stdout, above the bar if it is on the same terminal."""
        if self._progress is not None and sys.stdout.isatty():
            from rich.text import Text

            self._progress.console.print(Text(show_controls(text)), soft_wrap=True)
        else:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()


@contextmanager
def progress_bar() -> Iterator[ProgressBar]:
    """Give a bar, and take it off the terminal in the end, whatever ends it."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield ProgressBar()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(file=_TerminalStream(sys.stderr))  # type: ignore[arg-type]
    columns = (
        BarColumn(24),
        TextColumn("{task.fields[count]}", markup=False),
        TextColumn("{task.description}", markup=False),
    )
    # without a thread of rich's own: a process that is forked off while it draws would wait for its lock
    options = {"auto_refresh": False, "redirect_stdout": False, "redirect_stderr": False, "transient": True}
    with Progress(*columns, console=console, **options) as progress:  # type: ignore[arg-type]
        yield ProgressBar(progress)


def _count(work: Work) -> str:
    total = work.total
    if work.unit == "bytes":
        return f"{work.done / 1e6:.0f} MB" if total is None else f"{work.done / 1e6:.0f}/{total / 1e6:.0f} MB"
    return "" if total is None else f"{work.done:.0f}/{total:.0f}"


class _TerminalStream:
    """stderr for rich, whose control sequences are meant for the terminal."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        written: int = self._stream.write(TerminalText(text))
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
