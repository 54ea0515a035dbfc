"""Answers a shell that asks what the word under the cursor may become.

argcomplete walks the parsers that `--help` prints; what a value may be stands in `completion_words`. Only the
parser of the command on the line is made, and neither pydantic nor Textual is imported: a key must not wait.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from functools import partial
from typing import Any, NoReturn, TextIO

from hatlab.commands import COMMANDS
from hatlab.commands.support.completion_words import Completer, Words, completer_of
from hatlab.commands.support.parsers import command_parser, command_tree
from hatlab.util.visible import show_controls


def answer_shell(out: TextIO | None = None) -> NoReturn:
    """Write what the word under the cursor may become, and exit.

    Args:
        out: where to; without it to where argcomplete's script for the shell reads it.
    """
    from argcomplete import autocomplete
    from argcomplete.completers import SuppressCompleter

    line = os.environ.get("COMP_LINE", "").split()
    command = next((word for word in line[1:] if word in COMMANDS), None)
    tree = command_tree({command: _add_completers(command, command_parser(command))} if command else {})
    autocomplete(
        _add_completers("", tree),
        always_complete_options=False,
        default_completer=SuppressCompleter(),
        exit_method=sys.exit,
        output_stream=out,
    )
    raise SystemExit(1)  # no shell has asked


def _add_completers(command: str, parser: ArgumentParser) -> ArgumentParser:
    """Let the values of a parser's arguments know what they may be; return it."""
    for action in parser._actions:
        if (completer := completer_of(command, action)) is not None:
            vars(action)["completer"] = partial(_offer_visible, completer)
    return parser


def _offer_visible(completer: Completer, **typed: Any) -> Words:
    """Return what may be typed. A shell prints it as it is: a name that steers a terminal is left out."""
    words = completer(**typed).items()
    return {
        word: show_controls(text, keep="") for word, text in words if show_controls(word, keep="") == word
    }
