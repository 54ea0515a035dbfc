"""Do one thing to the running lab, from another terminal or a script, and print what changed."""

from __future__ import annotations

import sys
from argparse import Namespace
from shutil import get_terminal_size
from textwrap import wrap

from hatlab.actions import VERBS, parse_words
from hatlab.commands.support.json_output import add_json_option
from hatlab.commands.support.open_settings import add_extensions_option
from hatlab.commands.support.parsers import Parser

EXAMPLE = """
hatlab do kill mysqld db1
hatlab do cut heartbeat
hatlab do address delete db1 .100                the last octet of a virtual address is enough
hatlab do sql client "SELECT @@hostname"
"""
_COLUMN = 36
"""Where the text beside an action's usage begins."""


def configure(parser: Parser) -> None:
    parser.usage = "hatlab do [--lab ID] [--json] ACTION..."
    parser.add_argument("words", nargs="*", metavar="ACTION", help="one of the actions below")
    parser.add_argument(
        "--lab", metavar="ID", help="which lab, if several are running: its id, or the start or end of it"
    )
    add_json_option(parser, "print the action's events, one JSON object per line")
    add_extensions_option(parser)
    parser.make_list = lambda: f"actions:\n{verbs_help()}"


def verbs_help() -> str:
    """Return every action with its usage, what it does and an example."""
    width = max(30, get_terminal_size().columns - 2 - _COLUMN)
    lines = []
    for verb in VERBS.values():
        texts = [verb.general_title, verb.help]
        if verb.parameters:
            texts.append(f"example: {verb.example}")
        usage = verb.usage
        if len(usage) >= _COLUMN - 3:
            lines.append(f"  {usage}")
            usage = ""
        for line in (line for text in texts for line in wrap(text, width)):
            lines.append(f"  {usage:<{_COLUMN - 3}} {line}")
            usage = ""
    return "\n".join(lines)


def run(args: Namespace) -> int:
    from hatlab.actions.timed_script import attach_file
    from hatlab.control import find_lab, send_request
    from hatlab.util.paths import sockets_dir
    from hatlab.util.visible import to_json

    action = parse_words(args.words)
    lab = find_lab(sockets_dir(), args.lab)
    for reply in send_request(lab.path, {"ask": "do", "words": args.words, "text": attach_file(action).text}):
        if args.json and "event" in reply:
            sys.stdout.write(to_json(reply["event"]) + "\n")
        elif not args.json and "result" in reply:
            action, effect = reply["result"]["action"], reply["result"]["effect"]
            sys.stdout.write(f"{action}:{chr(10) if chr(10) in effect else ' '}{effect}\n")
    return 0
