"""Every command with hostile arguments: found in the argparse tree, so that a new option is covered too."""

from __future__ import annotations

import io
import os
import random
from argparse import Action, _AppendAction, _StoreAction
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from unittest import mock

from hatlab.cli import main
from hatlab.commands import COMMANDS
from hatlab.commands.support.parsers import command_parser
from tests.texts.hostile import random_text, unsafe_in

QUIET = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
"""No command of a campaign finds a Docker engine."""


def options_of(command: str) -> tuple[list[Action], list[Action]]:
    """Return the options of a command that take a value, and its positional arguments."""
    valued = [a for a in command_parser(command)._actions if isinstance(a, _StoreAction | _AppendAction)]
    return [a for a in valued if a.option_strings], [a for a in valued if not a.option_strings]


def hostile_command_lines(rng: random.Random) -> Iterator[list[str]]:
    """Yield command lines: unknown commands and options, each option and positional with a hostile value."""
    yield [_argument(rng)]
    yield ["help", _argument(rng)]
    for command in COMMANDS:
        options, positionals = options_of(command)
        names = [_argument(rng) for _ in positionals]
        yield [command, f"--{_argument(rng)}"]
        if names:
            yield [command, *names]
            yield [command, *names, _argument(rng)]
        for option in options:
            yield [command, *names, f"{option.option_strings[-1]}={_argument(rng)}"]


def run_hostile(
    argv: list[str], typed: io.StringIO | None = None, environ: dict[str, str] = QUIET
) -> list[str]:
    """Run a command line in this process and return what is wrong with what it printed.

    Args:
        argv: its arguments.
        typed: what is typed into it.
        environ: variables that it gets besides those of this process.
    """
    out, err = _Captured(), _Captured()
    with (
        mock.patch.dict(os.environ, environ),
        mock.patch("sys.stdin", typed or io.StringIO()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            code = main(argv)
        except SystemExit as end:
            code = int(end.code or 0)
    return problems_of(argv, code, out.text() + err.text())


class _Captured(io.TextIOWrapper):
    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="")

    def text(self) -> str:
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue().decode()


def problems_of(argv: list[str], code: int, printed: str) -> list[str]:
    """Return what is wrong with what a command printed, and with its exit code."""
    found = []
    if unsafe := unsafe_in(printed):
        found.append(f"{argv!r} printed {unsafe!r}")
    if code not in {0, 1, 2}:
        found.append(f"{argv!r} ended with {code}")
    if "Traceback" in printed or "something unexpected" in printed:
        found.append(f"{argv!r}: {printed[:300]}")
    return found


def _argument(rng: random.Random) -> str:
    """Return a hostile text that an operating system can hand to a program."""
    return random_text(rng).replace("\0", "").encode("utf-8", "replace").decode()[:200] or "x"
