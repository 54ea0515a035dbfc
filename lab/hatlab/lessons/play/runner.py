"""A lesson under way: the fold of a learner's progress, fed with a session's batches. Knows no screen."""

from __future__ import annotations

from hatlab.errors import LabError
from hatlab.lessons.compile import CompiledLesson, compile_lesson
from hatlab.lessons.model import Item, Lesson
from hatlab.lessons.play import learner_actions, reducer
from hatlab.lessons.play.progress import Progress
from hatlab.session import Batch
from hatlab.state.model import LabState
from hatlab.state.steps import steps


class LessonRunner:
    """Leads through one lesson; a reader like any other.

    Args:
        lesson: what to lead through.
        before: what is known of an earlier beginning, which goes on at one of its steps.
        builds_on: titles of lessons that should have come before, and did not.

    Attributes:
        state: the lab as the runner has seen it.
        course: the lesson for this lab, None before the lab is known.
        progress: where the learner stands, None before `begin`.
        onward: whether the learner asked for the next lesson.
        placing: the lab is being put in place: what happens meanwhile is no doing of the learner's.
    """

    def __init__(
        self, lesson: Lesson, before: Progress | None = None, *, builds_on: tuple[str, ...] = ()
    ) -> None:
        self.lesson = lesson
        self.builds_on = builds_on
        self._before = before
        self.state = LabState()
        self.course: CompiledLesson | None = None
        self.progress: Progress | None = None
        self.onward = False
        self.placing = False
        self._known_until = 0.0

    @property
    def item(self) -> Item | None:
        """What the learner is at; None before the lesson began and at the end of a step."""
        if self.course is None or self.progress is None:
            return None
        return self.progress.open(self.course)

    def feed(self, batch: Batch) -> None:
        """Follows what happened. A history told again (time was set back) is not judged again."""
        if batch.rewound:
            self.state, self._known_until = LabState(), batch.told_until
            if self.progress is not None and self.course is not None:
                self.progress = reducer.rewind(self.course, self.progress, batch.told_until)
        for event, before, after in steps(batch.events, self.state):
            self.state = after
            if self.course is None and after.layout is not None:
                self.course = compile_lesson(self.lesson, after.layout)
            if self.progress is None or self.course is None:
                continue
            judged = event.at > self._known_until and not self.placing
            follow = reducer.reduce if judged else reducer.replay
            self.progress = follow(self.course, self.progress, before, event, after)

    def begin(self, step: int = 0) -> None:
        """The learner is at the beginning of a step; what was answered and done from there on is open again.

        Raises:
            LabError: the lab is not known yet.
        """
        self.progress = reducer.begin(self.ready, self.state, step, self.progress or self._before)

    def resume(self, state: LabState, progress: Progress) -> None:
        """Goes on from where the lesson stood at an earlier moment that the lab was set back to."""
        self.state, self.progress = state, progress

    def answer(self, value: str) -> None:
        """Locks a prediction, or answers a question.

        Raises:
            UserError: it is no answer, or no question is open.
        """
        self.progress = learner_actions.answer_question(self.ready, self.begun, value, self.state)

    def hint(self) -> None:
        """One more hint."""
        self.progress = learner_actions.give_hint(self.ready, self.begun, self.state)

    def skip(self) -> None:
        """Goes on without the open question or task."""
        self.progress = learner_actions.skip_item(self.ready, self.begun, self.state)

    def next_step(self) -> None:
        """Goes on to the next step, if this one is over."""
        self.progress = learner_actions.go_to_next_step(self.ready, self.begun, self.state)

    @property
    def ready(self) -> CompiledLesson:
        """The lesson for this lab.

        Raises:
            LabError: the lab is not known yet.
        """
        if self.course is None:
            raise LabError("the lesson has not begun yet", "wait until the lab is there")
        return self.course

    @property
    def begun(self) -> Progress:
        """Where the learner stands.

        Raises:
            LabError: the lesson has not begun.
        """
        if self.progress is None:
            raise LabError("the lesson has not begun yet", "wait until the lab is ready")
        return self.progress
