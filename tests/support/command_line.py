"""hatlab's commands, run in the process of the test."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from hatlab.cli import main


class Output(NamedTuple):
    out: str
    err: str


class CommandLine:
    """Runs commands and reads what each prints."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *argv: object, code: int | None = 0) -> Output:
        """Run a command, which must end with this exit code (None: with any); return what it printed."""
        self._capsys.readouterr()
        assert main([str(word) for word in argv]) == code or code is None
        return Output(*self._capsys.readouterr())
