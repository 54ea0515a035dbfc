"""One block of a lesson file: its YAML, where its parts stand, and the model that is validated from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from hatlab.diagnostics.location import KEY, Loc
from hatlab.diagnostics.model_errors import validation_problems
from hatlab.diagnostics.yaml_source import Problem, SourceMap, compose, duplicate_keys
from hatlab.lessons.conditions.parser import parse_capture
from hatlab.lessons.conditions.syntax import Capture
from hatlab.lessons.format.markdown import Block, Passage
from hatlab.lessons.model import Question, Setup, Task, Variant, WhatIf

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    M = TypeVar("M", bound=BaseModel)

MODELS: dict[str, type[Setup | Question | Task | WhatIf]] = {
    "lab": Setup,
    "predict": Question,
    "question": Question,
    "task": Task,
    "whatif": WhatIf,
}
_VARIABLE = re.compile(r"\{\{([A-Za-z0-9_]{1,40})\}\}")
_OPEN, _CLOSE = "\ue000\ue000", "\ue001\ue001"
_SHELTERED = re.compile(f"{_OPEN}([A-Za-z0-9_]{{1,40}}){_CLOSE}")
"""`{{name}}` while YAML is read, to which a brace is a mapping: as long, so that columns stay true."""
_BRACES = str.maketrans("\ue000\ue001", "{}")


@dataclass(frozen=True, slots=True)
class BoundBlock:
    """A block in one variant."""

    kind: str
    line: int
    """Its fence's."""
    source_map: SourceMap
    data: dict[Any, Any]
    """Its YAML, a variant's values in place."""
    model: Setup | Question | Task | WhatIf | None
    """None if it is not valid."""
    captures: dict[str, Capture]
    """What a task captures, by name; also of one that is not valid."""


@dataclass(frozen=True, slots=True)
class BoundStep:
    """A step in one variant, sound or not; a lesson's first one is its introduction."""

    title: str
    line: int
    parts: tuple[Passage | BoundBlock, ...]

    @property
    def blocks(self) -> tuple[BoundBlock, ...]:
        return tuple(part for part in self.parts if isinstance(part, BoundBlock))


@dataclass(frozen=True, slots=True)
class LocatedMapping:
    """A mapping that a person wrote, with where its parts stand."""

    data: dict[Any, Any]
    source_map: SourceMap


def items_at(data: Mapping[Any, Any], key: str, loc: Loc = ()) -> Iterator[tuple[Loc, Any]]:
    """Yield (location, item) of each item of the list at a key, or of the one thing that is short for it."""
    value = data.get(key)
    if isinstance(value, list):
        yield from (((*loc, key, index), item) for index, item in enumerate(value))
    elif value is not None:
        yield (*loc, key), value


def texts_at(data: Mapping[Any, Any], key: str, field: str = "say") -> Iterator[tuple[Loc, str]]:
    """Yield (location, text) of each item at a key; of one that is a mapping, the text of a field."""
    for loc, item in items_at(data, key):
        if isinstance(item, dict):
            loc, item = (*loc, field), item.get(field)
        if isinstance(item, str):
            yield loc, item


def parse_mapping(text: str, above: int, what: str, problems: list[Problem]) -> LocatedMapping | None:
    """Return the mapping that a text is, None and problems if it is none.

    Args:
        text: the YAML.
        above: lines that stand above it in the file.
        what: what it is, for messages.
        problems: those found are added.
    """
    before = len(problems)
    root, data = compose(text, problems, above)
    if root is not None:
        problems += duplicate_keys(root, above)
    if isinstance(data, dict) and root is not None:
        return LocatedMapping(data, SourceMap(root, above, what))
    if len(problems) == before:
        kind = "empty" if data is None else f"a {type(data).__name__}"
        problems.append(
            Problem("012", above + 1, 1, f"{what} must be a mapping of keys and values, not {kind}")
        )
    return None


def parse_block(block: Block, problems: list[Problem]) -> LocatedMapping | None:
    """Return a block's mapping; an empty `yaml lab` is one with nothing in it."""
    text = block.text if block.text.strip() or block.kind != "lab" else "{}"
    sheltered = _VARIABLE.sub(f"{_OPEN}\\1{_CLOSE}", text)
    return parse_mapping(sheltered, block.line, f"the {block.kind}", problems)


def bind_block(
    block: Block, mapping: LocatedMapping, variant: Variant | None, problems: list[Problem]
) -> BoundBlock:
    """Return the block in a variant, and add what its model finds wrong with it."""
    unknown: dict[str, Loc] = {}
    data = substitute(mapping.data, variant.values if variant else {}, unknown)
    for name, loc in unknown.items():
        problems.append(mapping.source_map.problem("027", loc, _no_value(name, variant)))
    model = validate(MODELS[block.kind], mapping, data, problems)
    written = data.get("capture")
    captures = {
        name: parse_capture(capture, ("capture", name))
        for name, capture in (written.items() if isinstance(written, dict) else ())
        if isinstance(name, str)
    }
    return BoundBlock(block.kind, block.line, mapping.source_map, data, model, captures)


def _no_value(name: str, variant: Variant | None) -> str:
    where = f"variant {variant.id} has" if variant else "this lesson has no variants, so there is"
    return f"{where} no value for {{{{{name}}}}}"


def variable_names(text: str) -> list[str]:
    """Return the names in `{{…}}` of a text."""
    return _VARIABLE.findall(text)


def bind_passage(passage: Passage, variant: Variant | None, problems: list[Problem]) -> Passage:
    """Return prose in a variant. Code is shown as it stands where it has braces of its own."""
    values = variant.values if variant else {}
    problems += [
        Problem("027", number, match.start() + 1, _no_value(match[1], variant))
        for number, line in passage.prose_lines()
        for match in _VARIABLE.finditer(line)
        if match[1] not in values
    ]
    text = _VARIABLE.sub(lambda match: str(values.get(match[1], match[0])), passage.text)
    return Passage(text, passage.line)


def restore_braces(message: str) -> str:
    """Return a message about a block with `{{name}}` as it is written."""
    return message.translate(_BRACES)


def substitute(data: Any, values: Mapping[str, Any], unknown: dict[str, Loc], loc: Loc = ()) -> Any:
    """Return a block's data with a variant's values in place of `{{name}}`.

    Args:
        data: the block's, or a part of it.
        values: by name. One that stands alone keeps its kind; inside a text it becomes text.
        unknown: names without a value are added, with their location.
        loc: where the part stands.
    """
    match data:
        case dict():
            return {key: substitute(value, values, unknown, (*loc, key)) for key, value in data.items()}
        case list():
            return [substitute(item, values, unknown, (*loc, index)) for index, item in enumerate(data)]
        case str() if names := _SHELTERED.findall(data):
            unknown |= {name: loc for name in names if name not in values}
            if _SHELTERED.fullmatch(data) and names[0] in values:
                return values[names[0]]
            return _SHELTERED.sub(lambda match: str(values.get(match[1], restore_braces(match[0]))), data)
        case _:
            return data


def validate(model: type[M], mapping: LocatedMapping, data: Any, problems: list[Problem]) -> M | None:
    """Return the model of the data, None and problems if it is not valid."""
    from pydantic import ValidationError

    try:
        return model.model_validate(data)
    except ValidationError as error:
        first_at: dict[Loc, ErrorDetails] = {}  # of the forms that a value can have, only the first is told
        for details in error.errors(include_url=False):
            details["loc"] = _written_loc(details["loc"], data, missing=details["type"] == "missing")
            first_at.setdefault(details["loc"], details)
        problems += validation_problems(mapping.source_map, list(first_at.values()), model)
    return None


def _written_loc(loc: Loc, data: Any, *, missing: bool) -> Loc:
    """Return a location as it is written: without indices of short forms and names of a union's forms."""
    written: list[str | int] = []
    for index, part in enumerate(loc):
        keys = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
        if part in keys:
            data = data[part]
            written.append(part)
        elif part == KEY or (missing and index == len(loc) - 1):
            written.append(part)
    return tuple(written)
