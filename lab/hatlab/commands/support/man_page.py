"""The manual page hatlab(1), made of the parsers that `--help` prints and of the page of reference.

It is written in man's own macros, which man on Linux, macOS and BSD reads.
"""

from __future__ import annotations

import re
from argparse import SUPPRESS, Action, ArgumentParser
from collections.abc import Iterator

from hatlab import __version__
from hatlab.commands import COMMANDS
from hatlab.commands.support.parsers import Parser, command_parser
from hatlab.util.pages import find_pages, page_text

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_OF_REFERENCE = {"Environment variables": "ENVIRONMENT", "Files": "FILES", "Exit codes": "EXIT STATUS"}
"""Heading on the page of reference → section of a manual."""


def man_page() -> str:
    """Return the manual page, as roff."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f'.TH HATLAB 1 "" "hatlab {__version__}" "hatlab"'
    yield from (".SH NAME", "hatlab \\- an interactive teaching lab for high availability in the terminal")
    yield from (".SH SYNOPSIS", ".B hatlab", ".I COMMAND", "[...]")
    yield ".SH DESCRIPTION"
    yield _text(
        "Runs servers with MySQL and keepalived (VRRP), a virtual IP and a client, on Docker or in a "
        "simulator, and shows live what happens between them. You break it, predict what will happen, and "
        "see why."
    )
    yield ".SH COMMANDS"
    for name, summary in COMMANDS.items():
        yield from (".TP", f".B {_text(f'hatlab {name}')}", _text(summary))
    for name in COMMANDS:
        yield from _command(name, command_parser(name))
    yield from _reference()
    yield from (
        ".SH SEE ALSO",
        _text("`hatlab help` lists the pages of the documentation, which came along."),
    )


def _command(name: str, parser: Parser) -> Iterator[str]:
    """Yield the section of one command."""
    usage = _COLOUR.sub("", parser.format_usage()).removeprefix("usage: ")
    yield from (f".SH HATLAB {name.upper()}", _text(" ".join(usage.split())))
    for paragraph in (parser.description or "").strip().split("\n\n"):
        yield from (".PP", _text(" ".join(paragraph.split())))
    for group in parser._action_groups:
        for action in group._group_actions:
            if action.help is not SUPPRESS and "--help" not in action.option_strings:
                yield from (".TP", *_argument(parser, action))
    if parser.ending:
        yield from (".PP", ".nf", *map(_text, parser.ending.strip().splitlines()), ".fi")


def _argument(parser: ArgumentParser, action: Action) -> Iterator[str]:
    formatter = parser._get_formatter()
    yield f".B {_text(_COLOUR.sub('', formatter._format_action_invocation(action)))}"
    yield _text(_COLOUR.sub("", formatter._expand_help(action)))


def _reference() -> Iterator[str]:
    """Yield the sections that the page of reference has; a row of a table becomes a paragraph with a tag."""
    for section in re.split(r"^## ", page_text(find_pages()["reference"], {}), flags=re.M)[1:]:
        heading, _, body = section.partition("\n")
        if heading not in _OF_REFERENCE:
            continue
        yield f".SH {_OF_REFERENCE[heading]}"
        for block in body.strip().split("\n\n"):
            lines = block.splitlines()
            if lines[0].startswith("|"):
                for row in lines[2:]:
                    tag, *cells = (cell.strip() for cell in row.strip("|").split("|"))
                    yield from (".TP", f".B {_text(tag)}", _text("; same as ".join(filter(None, cells))))
            elif lines[0].startswith("- "):
                for item in re.split(r"^- ", block, flags=re.M)[1:]:
                    yield from (".IP \\(bu 2", _text(" ".join(item.split())))
            else:
                yield from (".PP", _text(" ".join(block.split())))


def _text(text: str) -> str:
    """Return a line of text as roff: nothing in it is a command, and a hyphen can be copied."""
    plain = text.replace("`", "").replace("**", "").replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain
