"""One block of a lesson file: its YAML, its places, and what its model makes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from hatlab.diagnostics.location import KEY, Loc
from hatlab.diagnostics.model_errors import validation_problems
from hatlab.diagnostics.yaml_source import Problem, SourceMap, compose, duplicate_keys
from hatlab.lessons.format.markdown import Block, Passage
from hatlab.lessons.model import Question, Setup, Task, Variant

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    M = TypeVar("M", bound=BaseModel)

MODELS: dict[str, type[Setup | Question | Task]] = {
    "lab": Setup,
    "predict": Question,
    "question": Question,
    "task": Task,
}
_VARIABLE = re.compile(r"\{\{([A-Za-z0-9_]{1,40})\}\}")
_OPEN, _CLOSE = "\ue000\ue000", "\ue001\ue001"
_SHELTERED = re.compile(f"{_OPEN}([A-Za-z0-9_]{{1,40}}){_CLOSE}")
"""`{{name}}` while YAML is read, to which a brace is a mapping: as long, so that places stay true."""
_BRACES = str.maketrans("\ue000\ue001", "{}")


@dataclass(frozen=True, slots=True)
class BoundBlock:
    """A block in one variant.

    Attributes:
        line: its fence's.
        data: what it says, a variant's values in place.
        model: what that means, None if it is faulty.
    """

    kind: str
    line: int
    places: SourceMap
    data: dict[Any, Any]
    model: Setup | Question | Task | None


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
    places: SourceMap


def parse_mapping(text: str, above: int, what: str, faults: list[Problem]) -> LocatedMapping | None:
    """The mapping that a text is, None and faults if it is none; `above` lines stand above it."""
    before = len(faults)
    root, data = compose(text, faults, above)
    if root is not None:
        faults += duplicate_keys(root, above)
    if isinstance(data, dict) and root is not None:
        return LocatedMapping(data, SourceMap(root, above, what))
    if len(faults) == before:
        found = "empty" if data is None else f"a {type(data).__name__}"
        faults.append(Problem("012", above + 1, 1, f"{what} is a mapping of keys and values, not {found}"))
    return None


def parse_block(block: Block, faults: list[Problem]) -> LocatedMapping | None:
    """A block's mapping; an empty `yaml lab` is one with nothing in it."""
    text = block.text if block.text.strip() or block.kind != "lab" else "{}"
    return parse_mapping(_VARIABLE.sub(f"{_OPEN}\\1{_CLOSE}", text), block.line, f"the {block.kind}", faults)


def bind_block(
    block: Block, given: LocatedMapping, variant: Variant | None, faults: list[Problem]
) -> BoundBlock:
    """The block in a variant, and what its model finds wrong with it."""
    unknown: dict[str, Loc] = {}
    data = substitute(given.data, variant.values if variant else {}, unknown)
    for name, loc in unknown.items():
        faults.append(given.places.problem("027", loc, _no_value(name, variant)))
    model = validate(MODELS[block.kind], given, data, faults)
    return BoundBlock(block.kind, block.line, given.places, data, model)


def _no_value(name: str, variant: Variant | None) -> str:
    where = f"variant {variant.id} has" if variant else "this lesson has no variants, so there is"
    return f"{where} no value for {{{{{name}}}}}"


def variable_names(text: str) -> list[str]:
    """The names in `{{…}}` of a text."""
    return _VARIABLE.findall(text)


def bind_passage(passage: Passage, variant: Variant | None, faults: list[Problem]) -> Passage:
    """Prose in a variant. Code is shown as it stands where it has braces of its own."""
    values = variant.values if variant else {}
    faults += [
        Problem("027", number, found.start() + 1, _no_value(found[1], variant))
        for number, line in passage.prose_lines()
        for found in _VARIABLE.finditer(line)
        if found[1] not in values
    ]
    return Passage(_VARIABLE.sub(lambda f: str(values.get(f[1], f[0])), passage.text), passage.line)


def restore_braces(message: str) -> str:
    """A message about a block with `{{name}}` as it is written."""
    return message.translate(_BRACES)


def substitute(data: Any, values: Mapping[str, Any], unknown: dict[str, Loc], at: Loc = ()) -> Any:
    """What a block says with a variant's values in place of `{{name}}`.

    Args:
        data: what it says.
        values: by name. One that stands alone keeps its kind; inside a text it becomes text.
        unknown: names without a value are added, with their place.
    """
    match data:
        case dict():
            return {key: substitute(each, values, unknown, (*at, key)) for key, each in data.items()}
        case list():
            return [substitute(each, values, unknown, (*at, k)) for k, each in enumerate(data)]
        case str() if names := _SHELTERED.findall(data):
            unknown |= {name: at for name in names if name not in values}
            if _SHELTERED.fullmatch(data) and names[0] in values:
                return values[names[0]]
            return _SHELTERED.sub(lambda found: str(values.get(found[1], restore_braces(found[0]))), data)
        case _:
            return data


def validate(model: type[M], given: LocatedMapping, data: Any, faults: list[Problem]) -> M | None:
    """What the model makes of the data, None and faults if it refuses."""
    from pydantic import ValidationError

    try:
        return model.model_validate(data)
    except ValidationError as error:
        seen: set[Loc] = set()
        errors: list[ErrorDetails] = []
        for each in error.errors(include_url=False):
            loc = _written_loc(each["loc"], data, missing=each["type"] == "missing")
            if loc not in seen:  # of the forms that a value can have, only the first is told
                seen.add(loc)
                each["loc"] = loc
                errors.append(each)
        faults += validation_problems(given.places, errors, model)
    return None


def _written_loc(loc: Loc, data: Any, *, missing: bool) -> Loc:
    """A place as it is written: without the indices of short forms and the names of a union's forms."""
    found: list[str | int] = []
    for k, part in enumerate(loc):
        keys = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
        if part in keys:
            data = data[part]
            found.append(part)
        elif part == KEY or (missing and k == len(loc) - 1):
            found.append(part)
    return tuple(found)
