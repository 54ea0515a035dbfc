"""Puts the errors of a pydantic model in the words of whoever wrote the file (problems 010 to 013)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from types import UnionType
from typing import TYPE_CHECKING, Any, Protocol, Union, get_args, get_origin

from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.location import KEY, Loc
from hatlab.diagnostics.yaml_source import Problem

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_MOST_GUESSES = 50


class Source(Protocol):
    """Where the values of a model were read: each part of it has a place."""

    @property
    def what(self) -> str:
        """What the source is, for messages."""

    def problem(self, number: str, loc: Loc, message: str) -> Problem:
        """A problem of the part at `loc`."""

    def mapping_form(self, loc: Loc) -> tuple[int, bool]:
        """The number of keys of the mapping at `loc`, and True if it is written in braces of YAML."""


def validation_problems(source_map: Source, errors: Iterable[ErrorDetails], model: Any) -> Iterator[Problem]:
    """The errors of a pydantic model in an author's words, with the keys that may be meant."""
    errors = list(errors)
    misspelt: set[Loc] = set()  # a misspelt key is also a missing one: the misspelling is what helps
    texts: set[Loc] = set()  # nothing is missing in what was to be a text
    missing = Counter(error["loc"][:-1] for error in errors if error["type"] == "missing")
    for error in errors:
        owner, name = _owner_and_key(error)
        if error["type"] != "extra_forbidden" or owner in texts:
            continue
        guess = did_you_mean(name, _fields_at(model, owner)) if len(misspelt) < _MOST_GUESSES else ""
        misspelt.add((*owner, guess))
        hint = "" if guess else _quotes_hint(source_map, owner, name, error["input"], missing[owner])
        if hint:
            texts.add(owner)
        yield source_map.problem("010", (*owner, name, KEY), f"unknown key `{name[:40]}`{guess or hint}")
    for error in errors:
        owner, name = _owner_and_key(error)
        explained = owner in texts or (*owner, did_you_mean(name, [name])) in misspelt
        if error["type"] != "extra_forbidden" and not (error["type"] == "missing" and explained):
            yield _invalid_value(source_map, error, model)


def _owner_and_key(error: ErrorDetails) -> tuple[Loc, str]:
    loc = error["loc"]
    return loc[:-1], str(loc[-1]) if loc else ""


def _quotes_hint(source_map: Source, owner: Loc, name: str, value: Any, missing: int) -> str:
    """Advice on quotes where an unknown key is really part of a text; empty where it is not."""
    count, is_flow = source_map.mapping_form(owner)
    if value is None and is_flow:
        return "; put a text with a comma in quotes here"
    is_alone = count == missing == 1
    return "; put a text with `: ` in quotes" if " " in name or is_alone else ""


_EXPECTED = {
    "string_type": "a text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping of keys and values",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}
"""pydantic's kind of error → what the value should be."""


def _invalid_value(source_map: Source, error: ErrorDetails, model: Any) -> Problem:
    loc, kind = tuple(error["loc"]), error["type"]
    name = next((str(part) for part in reversed(loc) if part != KEY), source_map.what)
    if kind == "missing":
        where = _path_text(loc[:-1])
        message = f"`{name}` is missing" + (f" in {where}" if where else "")
        return source_map.problem("011", (*loc[:-1], KEY), message)
    if kind == "string_pattern_mismatch":
        return source_map.problem("013", loc, f"{name[:40]}: these characters are not allowed here")
    value = error["input"]
    shown = f", not {repr(value)[:40]}" if isinstance(value, str | int | float) else ""
    if kind == "string_type" and isinstance(value, dict):
        shown = "; put one with `: ` in quotes"
    return source_map.problem("012", loc, f"{_path_text(loc)}: {_expectation(error, model)}{shown}")


def _expectation(error: ErrorDetails, model: Any) -> str:
    """`this should be …`, in the words of whoever writes a file."""
    kind = error["type"]
    if kind == "model_type":
        keys = ", ".join(f"`{name}`" for name in _fields_at(model, tuple(error["loc"])))
        return f"this should be a mapping {f'with the keys {keys}' if keys else 'of keys and values'}"
    if kind in _EXPECTED:
        return f"this should be {_EXPECTED[kind]}"
    return error["msg"].removeprefix("Value error, ").replace("Input should", "this should")


def _path_text(loc: Loc) -> str:
    """A part of the file by its keys: `wrong (item 1).do`."""
    path = ""
    for part in loc:
        if isinstance(part, int):
            path += f" (item {part + 1})"
        elif part != KEY:
            path += f".{part}" if path else str(part)
    return path


def _fields_at(model: Any, loc: Loc) -> list[str]:
    """The keys that a model knows at `loc`, found by walking its annotations."""
    annotations = _alternatives(model)
    for part in loc:
        if not isinstance(part, int):
            inner = (_annotation_of(annotation, part) for annotation in annotations)
            annotations = [alternative for each in inner for alternative in _alternatives(each)]
    return [name for annotation in annotations for name in _fields(annotation)]


def _fields(annotation: Any) -> dict[str, Any]:
    """A model's annotations by key, as people write it; nothing for what is no model."""
    fields = getattr(annotation, "model_fields", {})
    return {field.alias or name: field.annotation for name, field in fields.items()}


def _annotation_of(annotation: Any, key: str) -> Any:
    return get_args(annotation)[1] if get_origin(annotation) is dict else _fields(annotation).get(key)


def _alternatives(annotation: Any) -> list[Any]:
    """The types that an annotation allows: those in `Annotated[…]`, of a union, or of a list's items."""
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    if get_origin(annotation) in {Union, UnionType}:
        return [option for part in get_args(annotation) for option in _alternatives(part)]
    return _alternatives(get_args(annotation)[0]) if get_origin(annotation) is tuple else [annotation]
