"""What a lesson file says. Data only: conditions are trees, actions are lines, compiled for a lab later.

A file is Markdown with front matter; each `##` heading begins a step; fenced blocks named `yaml lab`,
`yaml predict`, `yaml question`, `yaml task` and `yaml whatif` stand between the prose.
docs/writing-lessons.md teaches it.
The docstring of a field is also what `hatlab schema lesson` says of its key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
)
from pydantic_core import PydanticKnownError, core_schema

from hatlab.lessons.conditions.parser import parse_capture, parse_condition
from hatlab.lessons.conditions.syntax import Capture, Condition
from hatlab.util.text import one_line

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""A lesson's, step's or block's id."""
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")]
"""A name of a captured value, as `{outage}` in prose."""
Package = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$")]
"""A package's name, as package indexes have it."""
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Line = Annotated[str, Field(min_length=1, max_length=400)]
MOST_VARIANTS = 20
MOST_LOOKS = 12
_LANGUAGE = r"^[a-z]{2}(-[A-Za-z]{2,4})?$"


@dataclass(frozen=True)
class _ParsedBy:
    """Annotates a field whose value a function makes of the YAML's data, whatever that is."""

    parse: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self.parse, core_schema.any_schema())


def _parse_optional(written: Any) -> Condition | None:
    return None if written is None else parse_condition(written)


def _parse_wait(written: Any) -> float | Condition:
    if isinstance(written, int | float):
        return float(written)
    if not isinstance(written, str | list | dict):
        raise PydanticKnownError("string_type")
    return parse_condition(written)


def _parse_capture(written: Any) -> Capture:
    if not isinstance(written, str | dict):
        raise PydanticKnownError("string_type")
    return parse_capture(written)


def _parse_right(written: Any) -> str | float | tuple[str, ...] | None:
    if isinstance(written, list) and len(written) > 1 and all(isinstance(text, str) for text in written):
        return tuple(written)
    if written is None or isinstance(written, str):
        return written
    if isinstance(written, bool) or not isinstance(written, int | float):
        raise PydanticKnownError("string_type")
    return float(written)


_OptionalCondition = Annotated[Condition | None, _ParsedBy(_parse_optional)]


def _as_list(value: Any) -> Any:
    """Return a list; one thing is short for a list of it."""
    return [value] if isinstance(value, str | dict) else value


def _short_for(key: str) -> BeforeValidator:
    """In a list, a bare text or number is short for `{key: text}`."""

    def widen_item(value: Any) -> Any:
        return {key: f"{value}"} if type(value) in {str, int, float} else value

    def widen(value: Any) -> Any:
        items = _as_list(value)
        return [widen_item(item) for item in items] if isinstance(items, list) else items

    return BeforeValidator(widen)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wait(_Part):
    """In a solution: go on when a condition holds, or after so many seconds."""

    wait: Annotated[float | Condition, _ParsedBy(_parse_wait)]
    """Seconds, or the condition to wait for."""


class Change(_Part):
    """A piece of text and what stands in its place."""

    old: Annotated[str, Field(alias="from", min_length=1, max_length=4000)]
    """A piece of text."""
    new: Annotated[str, Field(alias="to", max_length=8000)]
    """What stands in its place."""


class Edit(_Part):
    """In a solution: what a learner does to a node's keepalived.conf in the editor (`reload` applies it)."""

    edit: Line
    """The node whose keepalived.conf is edited; `reload` applies it."""
    drop: Annotated[tuple[Line, ...], BeforeValidator(_as_list)] = ()
    """Keywords whose statements, blocks and all, are taken out."""
    change: Annotated[tuple[Change, ...], BeforeValidator(_as_list)] = ()
    """Pieces of text, each replaced wherever it stands."""


def _step_kind(step: Any) -> str | None:
    """Return which of the three a step of a solution is, by its key."""
    if isinstance(step, dict):
        return "a wait" if "wait" in step else "an edit" if "edit" in step else None
    kinds: dict[type, str] = {str: "an action", Wait: "a wait", Edit: "an edit"}
    return kinds.get(type(step))


SolutionStep = Annotated[
    Annotated[Line, Tag("an action")] | Annotated[Wait, Tag("a wait")] | Annotated[Edit, Tag("an edit")],
    Discriminator(
        _step_kind,
        custom_error_type="solution_step",
        custom_error_message="this should be an action, {wait: …} or {edit: …}",
    ),
]
"""A line of a solution: an action as `hatlab do` takes it, a wait, or an edit."""
SolutionSteps = Annotated[tuple[SolutionStep, ...], BeforeValidator(_as_list)]


class Setup(_Part):
    """`yaml lab`: the known beginning of a step: what is done to a healthy lab, until when."""

    begin: SolutionSteps = ()
    """Actions, waits and edits that a healthy lab is put into this state by."""
    until: _OptionalCondition = None
    """The condition that holds then; without actions: healthy."""
    hidden: bool = False
    """True: neither what is done nor why is told, as the learner is to find it."""
    seconds: Annotated[float, Field(gt=0, le=120)] = 30
    """How long that may take."""


class ConditionalText(_Part):
    """Something the tutor says; with `when`, only where that condition holds."""

    say: Text
    """What the tutor says."""
    when: _OptionalCondition = None
    """Only where this holds."""


class WrongSolution(_Part):
    """A wrong answer to a task: what is done, and why it does not do."""

    do: SolutionSteps
    """What is done."""
    because: Line
    """Why it does not do."""


class Saved(_Part):
    """Something that the fix of a drill must leave as it should be."""

    holds: Annotated[Condition, _ParsedBy(parse_condition)]
    """The condition that says so."""
    lost: Text
    """What is said if all else is well again and this is not."""


class Task(_Part):
    """`yaml task`: something to do, done when a condition holds."""

    id: Id
    """The task's id."""
    do: Line
    """What is asked, one sentence."""
    when: Annotated[Condition, _ParsedBy(parse_condition)]
    """The condition that ticks it off."""
    capture: dict[Key, Annotated[Capture, _ParsedBy(_parse_capture)]] = {}
    """name → a measure, taken at that moment, or the seconds from one condition to another."""
    fail: Annotated[tuple[ConditionalText, ...], _short_for("say")] = ()
    """Wrong turns: said as soon as `when` holds."""
    hints: Annotated[tuple[ConditionalText, ...], _short_for("say")] = ()
    """From nudge to answer; one with `when` comes first while that holds."""
    solution: SolutionSteps = ()
    """Actions, waits and edits that pass it."""
    watch: bool = False
    """There is nothing to do but to watch: no solution."""
    wrong: Annotated[tuple[WrongSolution, ...], BeforeValidator(_as_list)] = ()
    """What must not pass it."""
    within: Annotated[float, Field(gt=0, le=300)] = 30
    """Seconds in which the solution must have passed it."""
    limit: Annotated[float, Field(gt=0, le=3600)] | None = None
    """Seconds that a learner should need, shown as a clock."""
    saves: tuple[Saved, ...] = ()
    """Of a drill's: what the fix must not destroy; it does not pass without."""


class Choice(_Part):
    """One answer to choose."""

    text: Line
    """The answer as shown."""
    when: _OptionalCondition = None
    """It is right if this holds; without, if it is what `truth` measures."""
    wrong: Text | None = None
    """What to say to whoever chose it wrongly."""


class Question(_Part):
    """`yaml predict`: locked before the next task, compared when it is done; `yaml question`: answered now.

    One of `truth`, `right` and the choices' `when` says what is right.
    """

    id: Id
    """The question's id; after a prediction is compared, {id} (with _ for -) is its truth."""
    ask: Line
    """The question."""
    choices: Annotated[tuple[Choice, ...], _short_for("text")] = ()
    """Answers to choose from; none for a number."""
    order: Literal["drawn", "fixed"] = "drawn"
    """`drawn`: the choices stand in another order for each learner; `fixed`: as they are written."""
    truth: Line | None = None
    """A measure, or the name of a capture: what is right."""
    right: Annotated[str | float | tuple[str, ...] | None, _ParsedBy(_parse_right)] = None
    """What is right, where it is no measurement; a list of several choices, of which each is to be named."""
    near: Annotated[float, Field(ge=0)] = 0.0
    """How far off a number may be and still be right; twice as far off it is close."""
    unit: Annotated[str, Field(max_length=12)] = ""
    """The unit of a number, for people."""
    why: Annotated[tuple[ConditionalText, ...], _short_for("say")] = ()
    """What explains the truth; a part with `when` only where that holds."""


class WhatIf(_Part):
    """`yaml whatif`: one story played twice in the simulator, as it is and with one setting changed."""

    id: Id
    """The what-if's id."""
    ask: Line
    """What would be changed, as a question."""
    change: Annotated[SolutionSteps, Field(min_length=1)]
    """Actions, waits and edits that change one setting, at the beginning of the step."""
    then: Annotated[SolutionSteps, Field(min_length=1)]
    """What happens in both futures."""
    measure: Annotated[Capture, _ParsedBy(_parse_capture)]
    """What is compared: a measure, or the seconds from one condition to another."""
    why: Text | None = None
    """What explains the two values, {first} and {other}."""
    within: Annotated[float, Field(gt=0, le=300)] = 30
    """Seconds after the story in which it must be measured."""


def _refuse_long(values: dict[str, Any]) -> dict[str, Any]:
    """Values stand in many places: they must not multiply a lesson's size."""
    if len(str(values)) > 4000:
        raise ValueError("these values are too long")
    return values


class ExpertLook(_Part):
    """One look of an expert who takes a drill: where, and what is to be seen there."""

    look: Line
    """A line as it is typed in a node's shell or a lesson, or a pane: `ip address` on db1, the packets."""
    shows: Line
    """What it shows here, and what that rules out."""


class Variant(_Part):
    """One of several forms of a lesson, drawn by seed: `{{name}}` in its blocks stands for these values."""

    id: Id
    """The variant's id."""
    values: Annotated[dict[Key, Any], AfterValidator(_refuse_long)]
    """name → what stands in place of {{name}} everywhere below the front matter."""


def _refuse_language_name(value: Any) -> Any:
    """A language has a tag, not a name."""
    if isinstance(value, str) and not re.fullmatch(_LANGUAGE, value):
        raise ValueError("write a language as its tag, for example: en, de, zh-CN")
    return value


class Front(_Part):
    """The front matter."""

    version: Literal[1]
    """The version of this format: 1."""
    kind: Literal["lesson", "drill"] = "lesson"
    """A lesson, or a drill: one hidden fault to be found, named and repaired while a clock runs."""
    id: Id
    """The lesson's id, as `hatlab learn` takes it; its file is called so."""
    title: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(one_line)]
    """One line."""
    order: Annotated[float, Field(ge=0, le=10_000)] = 100
    """Its place among the lessons; the lowest comes first."""
    minutes: Annotated[int, Field(ge=1, le=60)]
    """How long it takes."""
    topology: Annotated[str, Field(min_length=1, max_length=200)]
    """The lab: a shipped topology's name, or a path relative to this file."""
    recording: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """A recording, by its path relative to this file, which is looked at instead of a lab that runs."""
    needs: Annotated[tuple[Id, ...], BeforeValidator(_as_list)] = ()
    """Ids of lessons to take before."""
    extensions: Annotated[tuple[Package, ...], BeforeValidator(_as_list)] = ()
    """Packages of extensions whose words it uses, as `pip install` takes them."""
    language: Annotated[str, Field(pattern=_LANGUAGE), BeforeValidator(_refuse_language_name)] = "en"
    """The language of its prose, as en or zh-Hans."""
    goals: Annotated[tuple[Line, ...], BeforeValidator(_as_list)] = ()
    """What a learner can do afterwards, a sentence each; shown at the end."""
    level: Annotated[int, Field(ge=1, le=3)] = 1
    """Of a drill: how hard it is, 1 to 3; at 3 two things may be wrong at once."""
    fault: Annotated[tuple[Annotated[str, Field(max_length=40)], ...], BeforeValidator(_as_list)] = ()
    """Of a drill: its kinds of fault in the plural, by which the results are counted: muted Masters."""
    expert: Annotated[tuple[ExpertLook, ...], Field(max_length=MOST_LOOKS), BeforeValidator(_as_list)] = ()
    """Of a drill: how an expert would have found it, look by look; told at the end."""
    variants: Annotated[tuple[Variant, ...], Field(max_length=MOST_VARIANTS)] = ()
    """Several forms of the lesson, of which one is drawn."""


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown between blocks."""

    text: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class QuestionItem:
    """A question where it stands in its step."""

    question: Question
    checked: bool
    """It is answered and checked now, not predicted and compared later."""
    line: int = 0

    @property
    def id(self) -> str:
        return self.question.id


@dataclass(frozen=True, slots=True)
class TaskItem:
    """A task where it stands in its step."""

    task: Task
    line: int = 0

    @property
    def id(self) -> str:
        return self.task.id


@dataclass(frozen=True, slots=True)
class WhatIfItem:
    """A what-if where it stands in its step."""

    what_if: WhatIf
    line: int = 0

    @property
    def id(self) -> str:
        return self.what_if.id


Item = Prose | QuestionItem | TaskItem | WhatIfItem


@dataclass(frozen=True, slots=True)
class LessonStep:
    """One `##` section."""

    title: str
    items: tuple[Item, ...]
    begin: Setup | None = None
    """Its `yaml lab` block, None without one."""
    line: int = 0

    def hides(self, item: int = 0) -> bool:
        """True if, at an item, what the setup broke is still to be found: a task is left."""
        return self.begin is not None and self.begin.hidden and self.task_after(item) is not None

    def task_after(self, index: int) -> Task | None:
        """Return the first task at or behind an item, None if there is none."""
        return next((item.task for item in self.items[index:] if isinstance(item, TaskItem)), None)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A whole lesson."""

    front: Front
    steps: tuple[LessonStep, ...]
    intro: str = ""
    """The prose before the first step."""
    variant: str = ""
    """The id of the form that was drawn; "" for a lesson without variants."""
    file: str = ""

    @property
    def id(self) -> str:
        return self.front.id

    @property
    def is_drill(self) -> bool:
        return self.front.kind == "drill"

    @property
    def is_recorded(self) -> bool:
        """It is over a recording: there is nothing to do, only to look at and to answer."""
        return self.front.recording is not None

    @property
    def drill_task(self) -> Task:
        """The repair that a drill asks for."""
        return next(task for _, task in self.tasks())

    @property
    def drill_question(self) -> Question:
        """The question for the cause that a drill asks."""
        return next(item.question for _, item in self.questions())

    def tasks(self) -> Iterator[tuple[int, Task]]:
        """Yield (step's index, task) in order."""
        for index, step in enumerate(self.steps):
            yield from ((index, item.task) for item in step.items if isinstance(item, TaskItem))

    def questions(self) -> Iterator[tuple[int, QuestionItem]]:
        """Yield (step's index, question) in order."""
        for index, step in enumerate(self.steps):
            yield from ((index, item) for item in step.items if isinstance(item, QuestionItem))

    def what_ifs(self) -> Iterator[tuple[int, WhatIf]]:
        """Yield (step's index, what-if) in order."""
        for index, step in enumerate(self.steps):
            yield from ((index, item.what_if) for item in step.items if isinstance(item, WhatIfItem))
