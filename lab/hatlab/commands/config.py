"""Show your settings and where each comes from; write the file for them, or check it.

An option counts more than an environment variable, a variable more than the file, the file more than what you
changed on the screen. `hatlab help settings` explains each setting.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.errors import FileError, UserError
from hatlab.settings.effective import Given, Settings, current_settings, file_problems
from hatlab.settings.table import SETTINGS
from hatlab.util.visible import to_json

if TYPE_CHECKING:
    from hatlab.settings.config_file import ConfigFile

EXAMPLE = """
hatlab config                      the value of each setting, and where it comes from
hatlab config init                 write the file, with a comment for each setting
hatlab config check                what is wrong with the file
hatlab config keys                 the commands that can have another key, and their ids
HATLAB_THEME=nord hatlab config    a variable counts more than the file
"""
_WAYS = {
    "option": "option {}",
    "variable": "variable {}",
    "screen": "changed on the screen",
    "default": "default",
}
"""Where a value comes from, in words; a file's is its place."""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "task",
        nargs="?",
        default="show",
        choices=["show", "init", "check", "keys"],
        help="show (the default): the values that count; init: write the file; check: find mistakes in it; "
        "keys: the commands of the screen, and their keys",
    )
    add_json_option(parser, "print the values, or the mistakes, as one JSON object")


def run(args: Namespace) -> int:
    settings = current_settings()
    if args.task == "init":
        return _write_file(settings.path, as_json=args.json)
    if args.task == "check":
        return _check_file(settings.path, as_json=args.json)
    if args.task == "keys":
        return _list_keys(settings, as_json=args.json)
    values = {setting.key: settings.given(setting.key) for setting in SETTINGS}
    if args.json:
        found = {key: {"value": g.value, "from": g.origin, "place": g.place} for key, g in values.items()}
        print_json({"file": settings.path and str(settings.path), "settings": found})
        return 0
    sys.stdout.write("".join(f"{line}\n" for line in _table_lines(settings, values)))
    return 0


def _list_keys(settings: Settings, *, as_json: bool) -> int:
    """List the commands that can have another key, with the key that each has."""
    from hatlab.tui.keymap import check_keymap, rebindable_commands
    from hatlab.tui.keys import use_keymap

    check_keymap(settings)
    use_keymap(settings["keys"])
    rows = list(rebindable_commands())
    if as_json:
        print_json({"keys": [{"id": name, "key": key, "help": text} for name, key, text in rows]})
        return 0
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, key, text in rows:
        sys.stdout.write(f"{name:<{widths[0]}}  {key:<{widths[1]}}  {text}\n")
    return 0


def _table_lines(settings: Settings, values: dict[str, Given]) -> Iterator[str]:
    path = settings.path
    if path is None:
        yield "No settings file is read here.\n"
    elif path.exists():
        yield f"Your settings file: {path}\n"
    else:
        yield f"You have no settings file; `hatlab config init` writes {path}.\n"
    rows = [(key, _value_text(given.value), _origin_text(given)) for key, given in values.items()]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for key, value, origin in rows:
        yield f"{key:<{widths[0]}}  {value:<{widths[1]}}  {origin}"


def _value_text(value: object) -> str:
    return value if isinstance(value, str) and value else to_json(value)


def _origin_text(given: Given) -> str:
    return _WAYS[given.origin].format(given.place) if given.origin in _WAYS else given.place


def _check_file(path: Path | None, *, as_json: bool) -> int:
    """List every mistake of the file; return the exit code."""
    found = list(_mistakes(path)) if path is not None and path.exists() else []
    if as_json:
        mistakes = [{"line": line, "column": column, "message": text} for line, column, text in found]
        print_json({"file": path and str(path), "mistakes": mistakes})
    elif path is None or not path.exists():
        where = "" if path is None else f"; `hatlab config init` writes {path}"
        sys.stdout.write(f"There is no settings file to check{where}.\n")
    else:
        sys.stdout.write("".join(f"{path}:{line}:{column}: {text}\n" for line, column, text in found))
        sys.stdout.write("" if found else f"{path}: nothing is wrong.\n")
    return int(bool(found))


def _mistakes(path: Path) -> Iterator[tuple[int, int, str]]:
    """Yield each mistake of a file: line, column, and what it is."""
    from hatlab.settings.config_file import read_config

    try:
        file = read_config(path)
    except FileError as error:
        yield error.line, error.column, error.text
    else:
        found = [(wrong.line, wrong.column, wrong.message) for wrong in file_problems(file)]
        found += () if found else _mistakes_on_the_screen(file)
        yield from sorted(found)


def _mistakes_on_the_screen(file: ConfigFile) -> Iterator[tuple[int, int, str]]:
    """Yield what only the screen knows: a theme or key that is not there, a key that two commands have."""
    from hatlab.tui.keymap import keymap_problems
    from hatlab.tui.widgets.theme_choice import theme_problem

    settings = Settings(file.path)
    if "theme" in file.values and (problem := theme_problem(settings)):
        yield file.line(("theme",)), 1, problem
    for command, problem in keymap_problems(settings["keys"]):
        yield file.line(("keys", command)), 1, problem


def _write_file(path: Path | None, *, as_json: bool) -> int:
    """Write the commented file; one that is there is replaced only if that is confirmed."""
    from hatlab.settings.config_file import commented_config
    from hatlab.util.files import write_text

    if path is None:
        raise UserError("no settings file is read here", "name one: hatlab config init --config FILE")
    if path.exists() and (as_json or not _may_replace(path)):
        raise UserError(f"{path} is already there", "move it away first, or edit it")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {path.parent}: {error.strerror}") from None
    write_text(path, commented_config())
    if as_json:
        print_json({"file": str(path)})
    else:
        sys.stdout.write(f"{path} explains every setting. Nothing is set in it yet.\n")
    return 0


def _may_replace(path: Path) -> bool:
    """Ask whether a file may be replaced; where nobody can be asked, it may not."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    sys.stdout.write(f"{path} is already there. Replace it? Everything in it is lost. [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
