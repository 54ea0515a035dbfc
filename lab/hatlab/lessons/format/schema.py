"""The JSON Schema of a lesson file's front matter and of each of its blocks, for editors and tools."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from hatlab.lessons import model
from hatlab.lessons.conditions.measures import MEASURES
from hatlab.lessons.conditions.predicates import CONDITIONS
from hatlab.lessons.format.blocks import MODELS
from hatlab.lessons.model import Front, Question, Setup, Task, WhatIf
from hatlab.util.docstrings import attribute_docstrings
from hatlab.util.json_schema import publish_schema

_PUBLISHED_NAMES = {"Setup": "Begin", "ConditionalText": "Say", "WrongSolution": "Wrong"}
"""Classes of the model that the schema calls otherwise, by a name that does not change."""
_CLASS_NAMES = {published: name for name, published in _PUBLISHED_NAMES.items()}


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _one_or_several(*forms: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [*forms, {"type": "array", "items": {"anyOf": list(forms)}}]}


_CONDITION = _reference("Condition")
_CONDITIONS: dict[str, Any] = {"type": "array", "items": _CONDITION, "minItems": 1}
_LINE: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 400}
_MEASURE = {**_LINE, "examples": [entry.example for entry in MEASURES.values()]}
_STEPS = _one_or_several(_LINE, _reference("Wait"), _reference("Edit"))
_SHAPES: dict[tuple[str, str], dict[str, Any]] = {
    ("Front", "goals"): _one_or_several(_LINE),
    ("Front", "needs"): _one_or_several(_LINE),
    ("Front", "extensions"): _one_or_several(_LINE),
    ("Front", "fault"): _one_or_several(_LINE),
    ("Front", "expert"): _one_or_several(_reference("ExpertLook")),
    ("Begin", "begin"): _STEPS,
    ("Begin", "until"): _CONDITION,
    ("Task", "when"): _CONDITION,
    ("Task", "capture"): {
        "type": "object",
        "patternProperties": {"^[a-z][a-z0-9_]{0,29}$": {"anyOf": [_MEASURE, _reference("Stopwatch")]}},
        "additionalProperties": False,
    },
    ("Task", "fail"): _one_or_several(_reference("Say")),
    ("Task", "hints"): _one_or_several({"type": "string"}, _reference("Say")),
    ("Task", "solution"): _STEPS,
    ("Task", "wrong"): _one_or_several(_reference("Wrong")),
    ("Question", "choices"): _one_or_several({"type": ["string", "number"]}, _reference("Choice")),
    ("Question", "truth"): _MEASURE,
    ("Question", "right"): {"anyOf": [{"type": ["string", "number"]}, {"type": "array", "items": _LINE}]},
    ("Question", "why"): _one_or_several({"type": "string"}, _reference("Say")),
    ("WhatIf", "change"): _STEPS,
    ("WhatIf", "then"): _STEPS,
    ("WhatIf", "measure"): {"anyOf": [_MEASURE, _reference("Stopwatch")]},
    ("Choice", "when"): _CONDITION,
    ("Say", "when"): _CONDITION,
    ("Wrong", "do"): _STEPS,
    ("Wait", "wait"): {"anyOf": [{"type": "number"}, _CONDITION]},
    ("Edit", "drop"): _one_or_several(_LINE),
    ("Edit", "change"): _one_or_several(_reference("Change")),
}
"""What the model widens, or leaves to `hatlab.lessons.conditions.syntax`."""


class _PublishedNames(GenerateJsonSchema):
    def normalize_name(self, name: str) -> str:
        return super().normalize_name(_PUBLISHED_NAMES.get(name, name))


def lesson_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the front matter; `$defs` has each block's, by its name."""
    blocks = [(block, "validation") for block in (Front, Setup, Task, Question, WhatIf)]
    _, schema = models_json_schema(blocks, by_alias=True, schema_generator=_PublishedNames)  # type: ignore[arg-type]
    definitions = schema["$defs"]
    for name, definition in definitions.items():
        definition.pop("title", None)
        definition["description"] = definition["description"].partition("\n")[0]
        descriptions = _descriptions(getattr(model, _CLASS_NAMES.get(name, name)))
        for key, field in definition["properties"].items():
            shape = {**_SHAPES.get((name, key), field), "description": descriptions[key]}
            shape.pop("title", None)
            definition["properties"][key] = shape
    definitions |= _condition_definitions()
    for kind, block in MODELS.items():
        definitions[kind] = _reference(_PUBLISHED_NAMES.get(block.__name__, block.__name__))
    return publish_schema("lesson", {**definitions.pop("Front"), "$defs": definitions})


def _descriptions(cls: type[BaseModel]) -> dict[str, str]:
    """Return what each key of a class means: the docstring of its field."""
    docstrings = attribute_docstrings(cls)
    return {field.alias or name: docstrings[name] for name, field in cls.model_fields.items()}


def _condition_definitions() -> dict[str, Any]:
    """Return the definitions that the model leaves to `hatlab.lessons.conditions.syntax`."""
    line = {**_LINE, "examples": [entry.example for entry in CONDITIONS.values()]}
    held = {"type": "number", "exclusiveMinimum": 0}
    combined = {
        "all": {**_CONDITIONS, "description": "All of these hold."},
        "any": {**_CONDITIONS, "description": "One of these holds."},
        "not": {**_CONDITION, "description": "This does not hold."},
        "ever": {**_CONDITION, "description": "This held once since the task began."},
        "order": {**_CONDITIONS, "description": "Each of these held, one after the other."},
        "held": {**held, "description": "For so many seconds without a break, `when` holds."},
        "when": {**_CONDITION, "description": "What holds for so many seconds."},
    }
    stopwatch = {
        "from": {**_CONDITION, "description": "The seconds from when this first held …"},
        "to": {**_CONDITION, "description": "… to when this did."},
    }
    return {
        "Condition": {
            "description": "A line, a list of which all hold, or a mapping.",
            "anyOf": [line, _CONDITIONS, _reference("Combined")],
        },
        "Combined": _object("Conditions put together.", combined),
        "Stopwatch": {**_object("Seconds between two moments.", stopwatch), "required": list(stopwatch)},
    }


def _object(description: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": description,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
