"""`config.toml`: read as data, with the line of each key; and written with a comment for each setting."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatlab.diagnostics.location import KEY, Loc
from hatlab.errors import FileError
from hatlab.settings.table import SETTINGS, Setting
from hatlab.util.files import read_text

if TYPE_CHECKING:
    from hatlab.diagnostics.yaml_source import Problem

MOST_BYTES = 100_000
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
"""How tomllib ends its messages."""
FIX = "hatlab config check lists every mistake; hatlab config init writes a file to start from"


class ConfigFile:
    """A file of settings, whose values may be wrong."""

    what = "the settings file"

    def __init__(self, path: Path, values: dict[str, Any], text: str = "") -> None:
        self.path = path
        self.values = values
        if isinstance(keys := values.get("keys"), dict):  # lab.kill without quotes is a table in a table
            self.values = {**values, "keys": dict(_flat(keys))}
        self._text = text

    @cached_property
    def _lines(self) -> dict[Loc, int]:
        return key_lines(self._text)

    def problem(self, number: str, loc: Loc, message: str) -> Problem:
        """A problem of the part at `loc`."""
        from hatlab.diagnostics.yaml_source import Problem

        return Problem(number, self.line(loc), 1, message)

    def mapping_form(self, loc: Loc) -> tuple[int, bool]:
        """The number of keys at `loc`; a TOML text is always in quotes, so none was to be one."""
        return (len(loc) + 2, False)

    def line(self, loc: Loc) -> int:
        """The line of a part of the file, or of the deepest part around it that has one."""
        parts = tuple(part for part in loc if part != KEY)
        return next((self._lines[parts[:n]] for n in range(len(parts), 0, -1) if parts[:n] in self._lines), 1)

    def place(self, *loc: str | int) -> str:
        """`file:line` of a key."""
        return f"{self.path}:{self.line(loc)}"


def read_config(path: Path) -> ConfigFile:
    """Read a file as TOML, its values unchecked.

    Raises:
        UserError: it cannot be read.
        FileError: it is no TOML; with its place.
    """
    import tomllib

    text = read_text(path, "settings file", MOST_BYTES)
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = _PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place and place[1] else (text.count("\n") + 1, 1)
        reason = _PLACE.sub("", str(error))
        raise FileError(
            f"not valid TOML: {reason[:1].lower()}{reason[1:]}", FIX, file=str(path), line=line, column=column
        ) from None
    return ConfigFile(path, values, text)


def key_lines(text: str) -> dict[Loc, int]:
    """Return the line of each key of a valid TOML text.

    tomllib tells no places. But a text is a row of entries, and each, with the head of its table, is valid
    TOML by itself, which the first part of an entry is not.
    """
    import tomllib

    lines: dict[Loc, int] = {}
    head = entry = ""
    began = 1
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        entry += line
        try:
            data = tomllib.loads(head + entry)
        except tomllib.TOMLDecodeError:
            continue
        if entry.lstrip().startswith("["):
            head = entry
        for loc in _key_paths(data):
            lines.setdefault(loc, began)
            if loc[0] == "keys":
                lines.setdefault(("keys", ".".join(map(str, loc[1:]))), began)
        entry, began = "", number + 1
    return lines


def _flat(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of nested tables by their keys, with dots between."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _key_paths(data: Any, above: Loc = ()) -> Iterator[Loc]:
    """Yield each key of nested mappings, with those that it stands under."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield (*above, key)
            yield from _key_paths(value, (*above, key))


def commented_config() -> str:
    """Return a `config.toml` in which every setting is explained, and none is set."""
    settings = [setting for setting in SETTINGS if setting.form != "keys"]
    keys = next(setting for setting in SETTINGS if setting.form == "keys")
    return _HEAD + "".join(map(_commented, settings)) + _KEYS.format(option=keys.flag, variable=keys.variable)


def _commented(setting: Setting) -> str:
    text = (
        f"{setting.help[:1].upper()}{setting.help[1:]}. Option {setting.flag}, variable {setting.variable}."
    )
    if setting.choices:
        text += f" One of: {', '.join(setting.choices)}."
    comment = textwrap.fill(text, 98, initial_indent="# ", subsequent_indent="# ")
    return f"{comment}\n#{setting.key} = {setting.example}\n\n"


_HEAD = """\
# Settings of hatlab. Remove the # before a line to set it. An option on the command line counts more than
# an environment variable, a variable more than this file, and this file more than what you changed on the
# screen. `hatlab config` shows the values that count, and `hatlab config check` finds mistakes.
#
# For completion in your editor: hatlab schema config > config.schema.json, and as this file's first line:
# #:schema ./config.schema.json

"""
_KEYS = """\
# Other keys for commands: the command's id, and the key or keys, with a comma between them. `hatlab config
# keys` lists the ids. Option {option} ID=KEY, variable {variable} (several, with spaces between them).
[keys]
#lab.kill = "f9"
#view.palette = "ctrl+k,ctrl+p"
"""
