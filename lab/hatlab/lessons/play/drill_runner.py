"""A drill under way: a lesson of one step, with what the learner looked at, broke and needed."""

from __future__ import annotations

from dataclasses import dataclass

from hatlab import events as e
from hatlab.lessons.compile import CompiledTask
from hatlab.lessons.conditions.syntax import find_held
from hatlab.lessons.conditions.trace import Observation
from hatlab.lessons.model import Lesson
from hatlab.lessons.play.harm import Harm, HarmWatch, watch_harm
from hatlab.lessons.play.runner import LessonRunner
from hatlab.state.steps import Step

_NO_LOOKS = {"exit", "logout", "clear"}
"""Lines in a shell that show nothing."""


@dataclass(frozen=True, slots=True)
class DrillResult:
    """How a drill went."""

    solved: bool
    """False if the learner gave up."""
    seconds: float
    """From the report to the proof and the name, or to giving up; of the lab."""
    limit: float
    """Seconds that the drill's clock allows."""
    wrong: tuple[str, ...]
    """Wrong causes that were named."""
    harm: Harm
    looks: tuple[str, ...]
    """What the learner looked at and did, in order."""

    missed_causes: tuple[int, ...] = ()
    """Numbers of the causes that were not named at once, or not at all, counted from 0."""

    @property
    def in_time(self) -> bool:
        return self.seconds <= self.limit

    @property
    def missed(self) -> bool:
        """True if the cause was not named at once."""
        return not self.solved or bool(self.wrong)


class DrillRunner(LessonRunner):
    """Leads a learner through a drill.

    Args:
        lesson: the drill.
        seed: draws the order of the causes to choose from; None for the order that it has.
    """

    def __init__(self, lesson: Lesson, *, seed: int | None = None) -> None:
        super().__init__(lesson, seed=seed)
        self.gave_up = False
        self._looks: list[str] = []
        self._harm: HarmWatch | None = None
        self._waited = 0.0
        self._waits_since: float | None = None

    @property
    def is_over(self) -> bool:
        """True once the drill is solved or given up."""
        return super().is_over

    @property
    def is_under_way(self) -> bool:
        """True from the report until the drill is over."""
        return self.progress_or_none is not None and not self.is_over and not self.setting_up

    def begin(self, step: int = 0) -> None:
        """Begin the drill, perhaps once more: the clock, the looks and the harm count from here."""
        super().begin(step)
        self.gave_up, self._looks = False, []
        self._waited, self._waits_since = 0.0, None
        self._harm = watch_harm(self.compiled, self.state)

    def watch(self, step: Step) -> None:
        if self._harm is not None and self.is_under_way:
            self._harm = self._harm.follow(step)
        if isinstance(event := step.event, e.Condition) and event.name == "misdirected":
            if self._waits_since is not None:
                self._waited += event.at - self._waits_since
            self._waits_since = event.at if event.present else None

    def note_look(self, what: str) -> None:
        """Count something that the learner looked at or did; the same twice in a row counts once."""
        super().note_look(what)
        is_empty = what.rpartition("# ")[2] in _NO_LOOKS
        if self.is_under_way and not is_empty and self._looks[-1:] != [what]:
            self._looks.append(what)

    def give_up(self) -> None:
        """End the drill without a solution."""
        if not self.is_under_way:
            return
        self._note("gave up")
        self.gave_up = True
        while self.item is not None:
            self._skip()

    def end_exam(self) -> None:
        """End an exam, as its time is up: what is not solved is given up."""
        if self.exam is None or self.exam.is_over:
            return
        self._note("time ran out")
        self.gave_up = self.gave_up or self.is_under_way
        while self.item is not None:
            self._skip()
        self.exam.is_over = True

    @property
    def seconds(self) -> float:
        """How long the drill has taken so far, or took, s of the lab; 0 before it has begun.

        The time in which a client still asks a former owner, until its ARP entry expires, does not count: the
        split is repaired then, and there is nothing to do but to wait. Nor does that in which it stood.
        """
        progress = self.progress_or_none
        task = progress.tasks.get(self.lesson.drill_task.id) if progress is not None else None
        if progress is None or task is None:
            return 0.0
        end = self.state.at if progress.finished_at is None else progress.finished_at
        waits = self._waits_since
        waited = self._waited + (max(0.0, end - waits) if waits is not None else 0.0)
        return max(0.0, self.seconds_between(task.trace.began, end) - waited)

    @property
    def limit(self) -> float:
        """Seconds that the clock allows."""
        return self.lesson.drill_task.limit or self.lesson.front.minutes * 60.0

    @property
    def is_repaired(self) -> bool:
        """True once the repair has been proved, with or without a name for the cause."""
        task = self.progress.tasks.get(self.lesson.drill_task.id) if self.progress_or_none else None
        return task is not None and task.held_at is not None

    @property
    def healthy_for(self) -> tuple[float, float] | None:
        """For how long the repair has held, and how long it must, s; None while something is broken."""
        task = self.progress.tasks.get(self.lesson.drill_task.id) if self.progress_or_none else None
        if task is None or task.is_over:
            return None
        compiled: CompiledTask = self.compiled.tasks[self.lesson.drill_task.id]
        found = find_held(compiled.when, task.memo, Observation(self.state, task.trace))
        since, needed = found or (None, 0.0)
        if since is None:
            return None
        return min(needed, self.state.at - since), needed

    def result(self) -> DrillResult:
        """Return how it went, once it is over."""
        question = next(item.question for _, item in self.lesson.questions())
        answer = self.progress.answers.get(question.id)
        found, missed = (answer.found, answer.missed) if answer is not None else ((), ())
        causes = enumerate(question.right if isinstance(question.right, tuple | list) else [question.right])
        wrong = [name for answer in self.progress.answers.values() for name in answer.wrong]
        return DrillResult(
            solved=not self.gave_up,
            seconds=self.seconds,
            limit=self.limit,
            wrong=tuple(wrong),
            harm=self._harm.at_end(self.state) if self._harm is not None else Harm(),
            looks=tuple(self._looks),
            missed_causes=tuple(n for n, cause in causes if cause not in found or cause in missed),
        )
