"""A page for each command, from the parser that its `--help` is printed from."""

from __future__ import annotations

import re
from argparse import SUPPRESS, Action, HelpFormatter

from hatlab.commands import COMMANDS
from hatlab.commands.support.parsers import Parser, command_parser

WIDTH = 86
"""Columns of a usage line."""
_INDEX = """\
# Commands

Every command has a page here, made from its `--help`. [Another](reference.md) has the environment variables,
files and exit codes of all of them.

| command | does |
|---|---|
"""
_CODE = re.compile(
    r"(?<![\w`/-])(--[a-z][a-z-]*|HATLAB_\w+(?:=\w+)?|hatlab [a-z][a-z-]*(?: (?:--[a-z-]+|[A-Z]+))*)(?![\w`])"
)
"""An option, a variable or a command in the words of a help."""


def command_pages() -> dict[str, str]:
    """Return the name of each page → its Markdown: an index, then one for each command."""
    rows = (f"| [`hatlab {name}`](commands/{name}.md) | {_cell(does)} |\n" for name, does in COMMANDS.items())
    pages = {"commands.md": _INDEX + "".join(rows)}
    return pages | {f"commands/{name}.md": command_page(command_parser(name)) for name in COMMANDS}


def command_page(parser: Parser) -> str:
    """Return what `--help` says, as Markdown."""
    examples = parser.ending.removeprefix("example:\n").strip("\n")
    parts = [f"# {parser.prog}", *_paragraphs(parser.description or ""), _fence(_usage(parser))]
    for group in parser._action_groups:
        rows = [_row(action) for action in group._group_actions if action.help != SUPPRESS]
        if rows:
            title = (group.title or "").removeprefix("positional ").capitalize()
            parts.append("\n".join([f"## {title}\n", "| | |", "|---|---|", *rows]))
    parts += ["## Examples", _fence("\n".join(line.removeprefix("  ") for line in examples.splitlines()))]
    return "\n\n".join(parts) + "\n"


def _usage(parser: Parser) -> str:
    formatter = HelpFormatter(parser.prog, width=WIDTH)
    formatter.add_usage(parser.usage, parser._actions, parser._mutually_exclusive_groups)
    return formatter.format_help().strip().removeprefix("usage: ")


def _row(action: Action) -> str:
    value = _value(action)
    names = [f"`{name} {value}`" if value else f"`{name}`" for name in action.option_strings] or [
        f"`{value}`"
    ]
    return f"| {_cell(', '.join(names))} | {_cell(_with_code(_help(action)))} |"


def _value(action: Action) -> str:
    """Return what stands for the value of an argument, "" if it takes none."""
    if action.nargs == 0:
        return ""
    if isinstance(action.metavar, tuple):
        return " ".join(action.metavar)
    if action.metavar or not action.choices:
        return action.metavar or (action.dest.upper() if action.option_strings else action.dest)
    return "|".join(map(str, action.choices))


def _help(action: Action) -> str:
    text = action.help or ""
    return text % {**vars(action), "prog": "hatlab"} if "%" in text else text


def _paragraphs(description: str) -> list[str]:
    return [_with_code(" ".join(part.split())) for part in re.split(r"\n\s*\n", description.strip())]


def _with_code(text: str) -> str:
    """Return a text of a help as Markdown, with what is typed as code."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else _CODE.sub(r"`\1`", _escape(part)) for part in parts)


def _escape(text: str) -> str:
    return re.sub(r"([<>*\[\]])", r"\\\1", text)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _fence(text: str) -> str:
    return f"```\n{text}\n```"
