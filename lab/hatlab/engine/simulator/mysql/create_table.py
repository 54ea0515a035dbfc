"""Reads the columns of a CREATE TABLE."""

from __future__ import annotations

import re
from itertools import pairwise

from hatlab.engine.simulator.mysql.storage import Row, SqlError, TableDefinition, Value

_KEYS = {"key", "unique", "index", "constraint", "primary", "fulltext", "check", "foreign"}


def read_definition(parts: list[list[str]]) -> TableDefinition:
    """Return what a table's columns and keys come to.

    Args:
        parts: the words of each column or key, between the commas.

    Raises:
        SqlError: 1075 a generated column is no key; 1235 for what the simulator does not know: other keys
            than the first column, defaults that are computed.
    """
    columns: list[str] = []
    defaults: list[Value] = []
    required: set[int] = set()
    generated, keys = "", list[str]()
    for part in parts:
        words = [word.lower() for word in part]
        if words[:1] and words[0] in _KEYS:
            keys += _primary_key(part, words)
            continue
        name = part[0].strip("`") if part else ""
        if not name:
            raise SqlError(1113, "A table must have at least 1 column")
        if _has(words, "not", "null"):
            required.add(len(columns))
        if _has(words, "primary", "key"):
            keys.append(name)
        if "auto_increment" in words:
            generated = name
        columns.append(name)
        defaults.append(_read_default(part, words))
    if generated and generated not in keys:
        raise SqlError(
            1075,
            "Incorrect table definition; there can be only one auto column and it must be defined as a key",
        )
    if keys != columns[:1]:
        raise SqlError(
            1235, "the simulated server wants a table's first column, and no other, to be its PRIMARY KEY"
        )
    return TableDefinition(tuple(columns), bool(generated), frozenset({0, *required}), tuple(defaults))


def fill_row(definition: TableDefinition, given: dict[int, Value]) -> Row:
    """Return a new row, with defaults where nothing was given.

    Raises:
        SqlError: 1048 a column was given NULL that may not be, 1364 it was not given and has no default.
    """
    row: list[Value] = list(definition.defaults or [None] * len(definition.columns))
    for index, value in given.items():
        row[index] = value
    for index in definition.required:
        if row[index] is not None or (index == 0 and definition.auto_increment):
            continue
        name = definition.columns[index]
        if index in given:
            raise SqlError(1048, f"Column '{name}' cannot be null")
        raise SqlError(1364, f"Field '{name}' doesn't have a default value")
    return tuple(row)


def _primary_key(part: list[str], words: list[str]) -> list[str]:
    """The columns of a PRIMARY KEY; none of any other key."""
    if not _has(words, "primary", "key"):
        return []
    return [word.strip("`") for word in part[words.index("key") + 1 :] if re.match(r"[A-Za-z_`]", word)]


def _read_default(part: list[str], words: list[str]) -> Value:
    if "default" not in words:
        return None
    value = "".join(part[words.index("default") + 1 : words.index("default") + 2])
    if value.isdigit():
        return int(value)
    if value[:1] in {"'", '"'}:
        return value[1:-1]
    if value.lower() == "null":
        return None
    raise SqlError(1235, f"the simulated server does not know the default {value.upper()}")


def _has(words: list[str], first: str, second: str) -> bool:
    return (first, second) in pairwise(words)
