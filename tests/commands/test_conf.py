"""`hatlab conf` has colours on a terminal that wants them, and none in a file."""

from __future__ import annotations

import io
import re
import sys

import pytest

from hatlab.cli import main


class Terminal(io.StringIO):
    """What `hatlab conf` writes to, as a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colours_are_for_a_terminal_that_wants_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], no_color: str, coloured: bool
) -> None:
    main(["conf", "two-node", "db1"])
    plain = capsys.readouterr().out
    assert "\x1b" not in plain
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr(sys, "stdout", terminal)
    main(["conf", "two-node", "db1"])
    written = terminal.getvalue()
    assert ("\x1b[36mpriority\x1b[0m" in written) is coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", written) == plain
