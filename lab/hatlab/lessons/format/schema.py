"""The JSON Schema of a lesson file's front matter and of each of its blocks, for editors and tools."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from hatlab.lessons.conditions.measures import MEASURES
from hatlab.lessons.conditions.predicates import CONDITIONS
from hatlab.lessons.format.blocks import MODELS
from hatlab.lessons.model import Front, Question, Setup, Task

DESCRIPTIONS = {
    "Front": {
        "version": "The version of this format: 1.",
        "id": "The lesson's id, as `hatlab learn` takes it; its file is called so.",
        "title": "One line.",
        "order": "Its place among the lessons; the lowest comes first.",
        "minutes": "How long it takes.",
        "topology": "The lab: a shipped topology's name, or a path relative to this file.",
        "needs": "Ids of lessons to take before.",
        "language": "The language of its prose, as en or zh-Hans.",
        "goals": "What a learner can do afterwards, a sentence each; shown at the end.",
        "variants": "Several forms of the lesson, of which one is drawn.",
    },
    "Variant": {
        "id": "The variant's id.",
        "values": "name → what stands in place of {{name}} everywhere below the front matter.",
    },
    "Begin": {
        "begin": "Actions, waits and edits that a healthy lab is put into this state by.",
        "until": "The condition that holds then; without actions: healthy.",
        "seconds": "How long that may take.",
        "hidden": "True: neither what is done nor why is told, as the learner is to find it.",
    },
    "Task": {
        "id": "The task's id.",
        "do": "What is asked, one sentence.",
        "when": "The condition that ticks it off.",
        "capture": "name → a measure, taken at that moment, or the seconds from one condition to another.",
        "fail": "Wrong turns: said as soon as `when` holds.",
        "hints": "From nudge to answer; one with `when` comes first while that holds.",
        "solution": "Actions, waits and edits that pass it.",
        "watch": "There is nothing to do but to watch: no solution.",
        "wrong": "What must not pass it.",
        "within": "Seconds in which the solution must have passed it.",
        "limit": "Seconds that a learner should need, shown as a clock.",
    },
    "Question": {
        "id": "The question's id; after a prediction is compared, {id} (with _ for -) is its truth.",
        "ask": "The question.",
        "choices": "Answers to choose from; none for a number.",
        "truth": "A measure, or the name of a capture: what is right.",
        "right": "What is right, where it is no measurement.",
        "near": "How far off a number may be.",
        "unit": "The unit of a number, for people.",
        "why": "What explains the truth; a part with `when` only where that holds.",
    },
    "Choice": {
        "text": "The answer as shown.",
        "when": "It is right if this holds; without, if it is what `truth` measures.",
        "wrong": "What to say to whoever chose it wrongly.",
    },
    "Say": {"say": "What the tutor says.", "when": "Only where this holds."},
    "Wrong": {"do": "What is done.", "because": "Why it does not do."},
    "Wait": {"wait": "Seconds, or the condition to wait for."},
    "Edit": {
        "edit": "The node whose keepalived.conf is edited; `reload` applies it.",
        "drop": "Keywords whose statements, blocks and all, are taken out.",
        "change": "Pieces of text, each replaced wherever it stands.",
    },
    "Change": {"from": "A piece of text.", "to": "What stands in its place."},
    "Combined": {
        "all": "All of these hold.",
        "any": "One of these holds.",
        "not": "This does not hold.",
        "ever": "This held once since the task began.",
        "order": "Each of these held, one after the other.",
        "held": "For so many seconds without a break, `when` holds.",
        "when": "What holds for so many seconds.",
    },
    "Stopwatch": {"from": "The seconds from when this first held …", "to": "… to when this did."},
}
"""What each key means, by class of the model: the hover help."""
_PUBLISHED_NAMES = {"Setup": "Begin", "ConditionalText": "Say", "WrongSolution": "Wrong"}
"""Classes of the model that the schema calls otherwise, by a name that does not change."""
_CONDITION: dict[str, Any] = {"$ref": "#/$defs/Condition"}
_LINE: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 400}
_MEASURE = {**_LINE, "examples": [entry.example for entry in MEASURES.values()]}


def _some(*each: dict[str, Any]) -> dict[str, Any]:
    """One of these, or a list of them."""
    one = list(each)
    return {"anyOf": [*one, {"type": "array", "items": {"anyOf": one}}]}


def _of(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


_DEEDS = _some(_LINE, _of("Wait"), _of("Edit"))
_SHORT: dict[tuple[str, str], dict[str, Any]] = {
    ("Front", "goals"): _some(_LINE),
    ("Front", "needs"): _some(_LINE),
    ("Begin", "begin"): _DEEDS,
    ("Begin", "until"): _CONDITION,
    ("Task", "when"): _CONDITION,
    ("Task", "capture"): {
        "type": "object",
        "patternProperties": {"^[a-z][a-z0-9_]{0,29}$": {"anyOf": [_MEASURE, _of("Stopwatch")]}},
        "additionalProperties": False,
    },
    ("Task", "fail"): _some(_of("Say")),
    ("Task", "hints"): _some({"type": "string"}, _of("Say")),
    ("Task", "solution"): _DEEDS,
    ("Task", "wrong"): _some(_of("Wrong")),
    ("Question", "choices"): _some({"type": ["string", "number"]}, _of("Choice")),
    ("Question", "truth"): _MEASURE,
    ("Question", "why"): _some({"type": "string"}, _of("Say")),
    ("Choice", "when"): _CONDITION,
    ("Say", "when"): _CONDITION,
    ("Wrong", "do"): _DEEDS,
    ("Wait", "wait"): {"anyOf": [{"type": "number"}, _CONDITION]},
    ("Edit", "drop"): _some(_LINE),
    ("Edit", "change"): _some(_of("Change")),
}
"""What the model widens, or leaves to `hatlab.lessons.conditions.expressions`."""


class _PublishedNames(GenerateJsonSchema):
    def normalize_name(self, name: str) -> str:
        return super().normalize_name(_PUBLISHED_NAMES.get(name, name))


def lesson_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the front matter; `$defs` has that of each block by its name."""
    models = [(model, "validation") for model in (Front, Setup, Task, Question)]
    _, schema = models_json_schema(models, by_alias=True, schema_generator=_PublishedNames)  # type: ignore[arg-type]
    classes = schema["$defs"] | _conditions()
    for name, each in classes.items():
        each.pop("title", None)
        each["description"] = each["description"].partition("\n")[0]
        for key, described in each.get("properties", {}).items():
            short = _SHORT.get((name, key))
            each["properties"][key] = {**(short or described), "description": DESCRIPTIONS[name][key]}
            each["properties"][key].pop("title", None)
    for kind, model in MODELS.items():
        classes[kind] = {"$ref": f"#/$defs/{_PUBLISHED_NAMES.get(model.__name__, model.__name__)}"}
    front = classes.pop("Front")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "hatlab lesson"}
    return {**head, **front, "$defs": classes}


def _conditions() -> dict[str, Any]:
    """The definitions that the model leaves to `hatlab.lessons.conditions.expressions`."""
    several = {"type": "array", "items": _CONDITION, "minItems": 1}
    combined: dict[str, Any] = dict.fromkeys(DESCRIPTIONS["Combined"], _CONDITION)
    combined |= dict.fromkeys(("all", "any", "order"), several)
    combined["held"] = {"type": "number", "exclusiveMinimum": 0}
    line = {**_LINE, "examples": [entry.example for entry in CONDITIONS.values()]}
    stopwatch = dict.fromkeys(DESCRIPTIONS["Stopwatch"], _CONDITION)
    return {
        "Condition": {
            "description": "A line, a list of which all hold, or a mapping.",
            "anyOf": [line, several, {"$ref": "#/$defs/Combined"}],
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
