"""What a lesson file says. Data only: conditions, measures and actions are lines, understood for a lab later.

A file is Markdown with front matter; each `##` heading begins a step; fenced blocks named `yaml lab`,
`yaml predict`, `yaml question` and `yaml task` stand between the prose. docs/writing-lessons.md teaches it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""A lesson's, step's or block's id."""
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")]
"""A name of a captured value, as `{outage}` in prose."""
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Line = Annotated[str, Field(min_length=1, max_length=400)]
MOST_VARIANTS = 20
_LANGUAGE = r"^[a-z]{2}(-[A-Za-z]{2,4})?$"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _listed(value: Any) -> Any:
    """One thing is short for a list of it."""
    return [value] if isinstance(value, str | dict) else value


def _said(key: str) -> BeforeValidator:
    """In a list, a bare text or number is short for `{key: text}`."""

    def one(value: Any) -> Any:
        return {key: f"{value}"} if type(value) in {str, int, float} else value

    def widen(value: Any) -> Any:
        listed = _listed(value)
        return [one(each) for each in listed] if isinstance(listed, list) else listed

    return BeforeValidator(widen)


class Wait(_Part):
    """In a solution: go on when a condition holds, or after so many seconds."""

    wait: str | float | dict[str, Any] | list[Any]


class Change(_Part):
    """A piece of text and what stands in its place."""

    old: Annotated[str, Field(alias="from", min_length=1, max_length=4000)]
    new: Annotated[str, Field(alias="to", max_length=8000)]


class Edit(_Part):
    """In a solution: what a learner does to a node's keepalived.conf in the editor (`reload` applies it).

    Attributes:
        edit: the node.
        drop: keywords whose statements, blocks and all, are taken out.
        change: pieces of text, each replaced wherever it stands.
    """

    edit: Line
    drop: Annotated[tuple[Line, ...], BeforeValidator(_listed)] = ()
    change: Annotated[tuple[Change, ...], BeforeValidator(_listed)] = ()


_DEEDS = {"wait": "a wait", "edit": "an edit"}


def _kind(deed: Any) -> str | None:
    """Which of the three a line of a solution is, by its key."""
    if isinstance(deed, dict):
        return next((kind for key, kind in _DEEDS.items() if key in deed), None)
    kinds: dict[type, str] = {str: "an action", Wait: "a wait", Edit: "an edit"}
    return kinds.get(type(deed))


SolutionStep = Annotated[
    Annotated[Line, Tag("an action")] | Annotated[Wait, Tag("a wait")] | Annotated[Edit, Tag("an edit")],
    Discriminator(
        _kind,
        custom_error_type="deed",
        custom_error_message="this should be an action, {wait: …} or {edit: …}",
    ),
]
"""A line of a solution: an action as `hatlab do` takes it, a wait, or an edit."""
SolutionSteps = Annotated[tuple[SolutionStep, ...], BeforeValidator(_listed)]


class Setup(_Part):
    """`yaml lab`: the known beginning of a step: what is done to a healthy lab, until when.

    `hidden`: nobody is told what is done nor why anything happens by it, as the learner is to find it.
    """

    begin: SolutionSteps = ()
    until: Any = None
    hidden: bool = False
    seconds: Annotated[float, Field(gt=0, le=120)] = 30


class ConditionalText(_Part):
    """Something the tutor says; with `when`, only where that condition holds."""

    say: Text
    when: Any = None


class WrongSolution(_Part):
    """A wrong answer to a task: what is done, and why it does not do."""

    do: SolutionSteps
    because: Line


class Task(_Part):
    """`yaml task`: something to do, done when a condition holds.

    Attributes:
        do: what is asked, one sentence.
        when: the condition; a list means all of it.
        capture: name → a measure, or `{from: condition, to: condition}` for the seconds between.
        fail: wrong turns to speak up at, as soon as they hold.
        hints: from nudge to answer; the solution itself is always the last.
        solution: what does it.
        watch: there is nothing to do but to watch; it has no solution, and passes by doing nothing.
        wrong: what must not.
        within: seconds in which the solution must have passed.
        limit: seconds a learner should need, shown as a clock; with the questions in front of it.
    """

    id: Id
    do: Line
    when: Any
    capture: dict[Key, str | dict[str, Any]] = {}
    fail: Annotated[tuple[ConditionalText, ...], _said("say")] = ()
    hints: Annotated[tuple[ConditionalText, ...], _said("say")] = ()
    solution: SolutionSteps = ()
    watch: bool = False
    wrong: Annotated[tuple[WrongSolution, ...], BeforeValidator(_listed)] = ()
    within: Annotated[float, Field(gt=0, le=300)] = 30
    limit: Annotated[float, Field(gt=0, le=3600)] | None = None


class Choice(_Part):
    """One answer to choose.

    Attributes:
        text: as shown.
        when: it is right if this holds; without, if the text is what the truth measures.
        wrong: what to say to whoever chose it wrongly.
    """

    text: Line
    when: Any = None
    wrong: Text | None = None


class Question(_Part):
    """`yaml predict`: locked before the next task, compared when it is done; `yaml question`: answered now.

    Attributes:
        ask: the question.
        choices: answers to choose from; none for a number.
        truth: a measure, or the name of a capture of the task; the right answer.
        right: the right answer itself, where it is no measurement.
        near: how far off a number may be.
        unit: of a number, for people.
        why: what explains the truth, all of it that fits what happened; `{name}` stands for a captured value.
    """

    id: Id
    ask: Line
    choices: Annotated[tuple[Choice, ...], _said("text")] = ()
    truth: Line | None = None
    right: str | float | None = None
    near: Annotated[float, Field(ge=0)] = 0.0
    unit: Annotated[str, Field(max_length=12)] = ""
    why: Annotated[tuple[ConditionalText, ...], _said("say")] = ()


def _small(values: dict[str, Any]) -> dict[str, Any]:
    """Values stand in many places: they must not multiply a lesson's size."""
    if len(str(values)) > 4000:
        raise ValueError("these values are too long")
    return values


class Variant(_Part):
    """One of several forms of a lesson, drawn by seed: `{{name}}` in its blocks stands for these values."""

    id: Id
    values: Annotated[dict[Key, Any], AfterValidator(_small)]


def _tag(value: Any) -> Any:
    """A language has a tag, not a name."""
    if isinstance(value, str) and not re.fullmatch(_LANGUAGE, value):
        raise ValueError("a language is said by its tag, as in: en, de, zh-CN")
    return value


class Front(_Part):
    """The front matter.

    Attributes:
        goals: what a learner can do afterwards, a sentence each; shown at the end.
        needs: ids of lessons to take before.
    """

    version: Literal[1]
    id: Id
    title: Annotated[str, Field(min_length=1, max_length=80)]
    order: Annotated[float, Field(ge=0, le=10_000)] = 100
    minutes: Annotated[int, Field(ge=1, le=60)]
    topology: Annotated[str, Field(min_length=1, max_length=200)]
    needs: Annotated[tuple[Id, ...], BeforeValidator(_listed)] = ()
    language: Annotated[str, Field(pattern=_LANGUAGE), BeforeValidator(_tag)] = "en"
    goals: Annotated[tuple[Line, ...], BeforeValidator(_listed)] = ()
    variants: Annotated[tuple[Variant, ...], Field(max_length=MOST_VARIANTS)] = ()


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown between blocks."""

    text: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class QuestionItem:
    """A question with its place; `checked`: answered now, not compared later."""

    question: Question
    checked: bool
    line: int = 0

    @property
    def id(self) -> str:
        return self.question.id


@dataclass(frozen=True, slots=True)
class TaskItem:
    """A task with its place."""

    task: Task
    line: int = 0

    @property
    def id(self) -> str:
        return self.task.id


Item = Prose | QuestionItem | TaskItem


@dataclass(frozen=True, slots=True)
class LessonStep:
    """One `##` section. `begin`: its `yaml lab` block, None without one."""

    title: str
    items: tuple[Item, ...]
    begin: Setup | None = None
    line: int = 0

    def hides(self, item: int = 0) -> bool:
        """Whether, at an item, what its beginning broke is still to be found: a task is left."""
        return self.begin is not None and self.begin.hidden and self.task_after(item) is not None

    def task_after(self, index: int) -> Task | None:
        """The first task at or behind an item, None if there is none."""
        return next((i.task for i in self.items[index:] if isinstance(i, TaskItem)), None)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A whole lesson. `intro`: the prose before the first step; `variant`: the form drawn, if it has some."""

    front: Front
    steps: tuple[LessonStep, ...]
    intro: str = ""
    variant: str = ""
    file: str = ""

    @property
    def id(self) -> str:
        return self.front.id

    def tasks(self) -> Iterator[tuple[int, Task]]:
        """(step's index, task) in order."""
        for k, step in enumerate(self.steps):
            yield from ((k, item.task) for item in step.items if isinstance(item, TaskItem))

    def questions(self) -> Iterator[tuple[int, QuestionItem]]:
        """(step's index, question) in order."""
        for k, step in enumerate(self.steps):
            yield from ((k, item) for item in step.items if isinstance(item, QuestionItem))
