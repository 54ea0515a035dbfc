"""Answers a shell that asks what the word under the cursor may become.

argcomplete walks the parsers that `--help` prints; what a value may be stands in `completion_words`. Only the
parser of the command on the line is made, and neither pydantic nor Textual is imported: a key must not wait.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn, TextIO

from hatlab.commands import COMMANDS
from hatlab.commands.support.completion_words import completer_of
from hatlab.commands.support.parsers import Parser, command_parser, command_tree


def answer_shell(out: TextIO | None = None) -> NoReturn:
    """Write what the word under the cursor may become, and exit.

    Args:
        out: where to; without it to where argcomplete's script for the shell reads it.
    """
    from argcomplete import autocomplete
    from argcomplete.completers import SuppressCompleter

    line = os.environ.get("COMP_LINE", "").split()
    command = next((word for word in line[1:] if word in COMMANDS), None)
    autocomplete(
        command_tree({command: _with_completers(command)} if command else {}),
        always_complete_options=False,
        default_completer=SuppressCompleter(),
        exit_method=sys.exit,
        output_stream=out,
    )
    raise SystemExit(1)  # no shell has asked


def _with_completers(command: str) -> Parser:
    """Return the parser of a command whose values know what they may be."""
    parser = command_parser(command)
    for action in parser._actions:
        if (completer := completer_of(command, action)) is not None:
            vars(action)["completer"] = completer
    return parser
