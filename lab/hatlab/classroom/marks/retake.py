"""Takes a lesson again from its recording: the same runner, fed the same facts, told what the learner did.

The recording says with each thing that the learner did how much of the lab the lesson had followed by then,
so what was right, or too late, comes out as it did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hatlab import events as e
from hatlab.classroom.marks.lesson_recording import LessonRecording
from hatlab.errors import LabError, UserError
from hatlab.lessons.model import Lesson
from hatlab.lessons.play.drill_runner import DrillResult, DrillRunner
from hatlab.lessons.play.exam import ExamSitting, read_exam_details
from hatlab.lessons.play.progress import Answer, Futures, Progress
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.records.progress_record import Record, to_record
from hatlab.state.model import LabState
from hatlab.state.steps import Step, fold_fact, steps

FindLesson = Callable[[Mapping[str, Any]], Lesson]
"""Returns the lesson that the `details` of an `opened` name; UserError if there is none."""


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """Something that was typed as an answer."""

    line: int
    """Where it stands in the recording."""
    item: str
    text: str
    wall: float
    """When, s since 1970."""
    answer: Answer | None
    """What became of it at once; None if it was no answer to the question."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One recording, taken again."""

    recording: LessonRecording
    opened: e.Learner
    lesson: Lesson
    progress: Progress | None
    """Where the learner stood in the end; None if the lesson never began."""
    record: Record | None
    """The same as the progress file has it."""
    answers: tuple[GivenAnswer, ...]
    """All that was typed as an answer, in order."""
    put_back: tuple[Progress, ...]
    """Where the learner stood each time a step was begun again."""
    began: tuple[int, ...]
    """The steps that were begun, from 0, by beginning or restarting; going on is none."""
    drill: DrillResult | None
    contradictions: tuple[tuple[int, str], ...]
    """Lines of the recording that no lesson can have brought about, and why."""

    def without_facts(self) -> Sitting:
        """Return it with what the learner did alone of the recording: the lab's facts take a lot of room."""
        acts = tuple(entry for entry in self.recording.entries if isinstance(entry.event, e.Learner))
        return replace(self, recording=replace(self.recording, entries=acts))

    @property
    def details(self) -> Mapping[str, Any]:
        return self.opened.details

    @property
    def walls(self) -> tuple[float, float]:
        """When it was opened, and when the learner last did something, s since 1970."""
        walls = [act.wall for _, act in self.recording.acts()]
        return walls[0], max(walls)

    @property
    def seconds(self) -> float:
        """From its opening to the last thing that the learner did, by a clock that nobody sets."""
        moments = [act.steady for _, act in self.recording.acts()]
        return max(moments) - moments[0]


def take_again(
    recording: LessonRecording, find_lesson: FindLesson, before: Progress | None = None
) -> Sitting:
    """Take the lesson of a recording again.

    Args:
        recording: of one sitting.
        find_lesson: finds the lesson.
        before: where an earlier sitting, which this one continues, left it.

    Raises:
        UserError: the lesson is not known, or the recording does not say which it is.
    """
    opened = next((act for _, act in recording.acts() if act.did == "opened"), None)
    if opened is None:
        raise UserError(f"{recording.path} does not say which lesson it is of", "its first lines are missing")
    lesson = find_lesson(opened.details)
    seed = opened.details.get("seed")
    seed = seed if type(seed) is int else None
    runner = DrillRunner(lesson, seed=seed) if lesson.is_drill else LessonRunner(lesson, before, seed=seed)
    if (exam := read_exam_details(opened.details)) is not None:
        runner.exam = ExamSitting(exam)
    retake = _Retake(runner)
    for line, event in recording.entries:
        retake.take(line, event)
    retake.follow_to_end()
    drill = None
    if isinstance(runner, DrillRunner) and runner.is_over:
        drill = runner.result()
    return Sitting(
        recording,
        opened,
        runner.lesson,
        runner.progress_or_none,
        to_record(runner),
        tuple(retake.answers),
        tuple(retake.put_back),
        tuple(retake.began),
        drill,
        tuple(retake.contradictions),
    )


@dataclass
class _Course:
    """A course of events: the facts of the lab from its beginning, and where each stands in the file."""

    facts: list[e.Event] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    to: float = 0.0
    """The moment to which time was set back where it began, s."""


class _Retake:
    """Feeds a runner from the entries of a recording, one after the other."""

    def __init__(self, runner: LessonRunner) -> None:
        self._runner = runner
        self._courses = [_Course()]
        self._course, self._fed = 0, 0
        self._state = LabState()
        self.answers: list[GivenAnswer] = []
        self.put_back: list[Progress] = []
        self.began: list[int] = []
        self.contradictions: list[tuple[int, str]] = []

    def take(self, line: int, event: e.Event) -> None:
        match event:
            case e.Learner():
                if event.did != "opened":
                    self._follow(line, event.course, event.facts)
                    self._act(line, event)
            case e.Rewound():
                self._set_back(line, event)
            case _ if not event.derived:
                self._courses[-1].facts.append(event)
                self._courses[-1].lines.append(line)

    def follow_to_end(self) -> None:
        """Feed what the lab did after the last thing that the learner did."""
        self._feed(len(self._courses) - 1, len(self._courses[-1].facts))

    def _set_back(self, line: int, event: e.Rewound) -> None:
        last = self._courses[-1]
        kept = sum(fact_line < event.line for fact_line in last.lines)
        if not 1 < event.line <= line:
            self.contradictions.append((line, f"it goes back to line {event.line}, which is not before it"))
        self._courses.append(_Course(last.facts[:kept], last.lines[:kept], event.to))

    def _follow(self, line: int, course: int, facts: int) -> None:
        """Feed what the lesson had followed when the learner did something."""
        if not self._course <= course < len(self._courses):
            self.contradictions.append((line, "it tells of another course of events than the file has"))
            return
        known = len(self._courses[course].facts)
        if facts > known or (course == self._course and facts < self._fed):
            text = f"it tells of {facts} facts before it, after one that told of {self._fed}"
            if facts > known:
                text = f"it tells of {facts} facts before it, and there are {known}: lines are missing"
            self.contradictions.append((line, text))
        self._feed(course, max(min(facts, known), self._fed if course == self._course else 0))

    def _feed(self, course: int, facts: int) -> None:
        source = self._courses[course]
        if course == self._course:
            self._runner.follow(self._expand(source.facts[self._fed : facts]))
        else:
            until = min(passed.to for passed in self._courses[self._course + 1 : course + 1])
            self._state = LabState()
            self._runner.go_back(course, until)
            self._runner.follow(self._expand(source.facts[:facts]))
        self._course, self._fed = course, facts

    def _expand(self, facts: Sequence[e.Event]) -> Iterator[Step]:
        """Yield facts, each followed by what is derived from it, as a session tells them."""
        for fact in facts:
            step, extras = fold_fact(self._state, fact)
            self._state = step.after
            yield step
            for derived in steps(extras, self._state):
                self._state = derived.after
                yield derived

    def _act(self, line: int, act: e.Learner) -> None:
        runner = self._runner
        try:
            match act.did:
                case "preparing":
                    runner.setting_up = True
                case "prepared":
                    runner.setting_up = False
                case "began":
                    self._begin(act.step - 1)
                case "answered":
                    self._answer(line, act)
                case "asked for a hint":
                    runner.hint()
                case "skipped":
                    runner.skip()
                case "went on":
                    runner.next_step()
                case "saw futures":
                    runner.show_futures(Futures(_value(act, "first"), _value(act, "other")))
                case "looked":
                    runner.note_look(act.text)
                case "was held" | "was let go":
                    runner.hold_clock(act.did == "was held")
                case "time ran out":
                    runner.end_exam()
                case "gave up" if isinstance(runner, DrillRunner):
                    runner.give_up()
        except (LabError, LookupError) as error:
            what = error.message if isinstance(error, LabError) else "there is no such step"
            self.contradictions.append((line, f"the learner {act.did}, which the lesson cannot take: {what}"))

    def _begin(self, step: int) -> None:
        if not 0 <= step < len(self._runner.lesson.steps):
            raise IndexError(step)
        if (progress := self._runner.progress_or_none) is not None:
            self.put_back.append(progress)
        self.began.append(step)
        self._runner.begin(step)

    def _answer(self, line: int, act: e.Learner) -> None:
        item, answer = getattr(self._runner.item, "id", ""), None
        if act.item != item:
            self.contradictions.append(
                (line, f"it answers {act.item or 'nothing'}, and {item or 'nothing'} is open")
            )
        try:
            self._runner.answer(act.text)
            answer = self._runner.progress.answers.get(item)
        except UserError:
            pass  # the learner was told so
        self.answers.append(GivenAnswer(line, item, act.text, act.wall, answer))


def _value(act: e.Learner, name: str) -> float | str | None:
    value = act.details.get(name)
    return float(value) if isinstance(value, int | float) else value if isinstance(value, str) else None
