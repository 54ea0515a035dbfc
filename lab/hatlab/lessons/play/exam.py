"""An exam: a lesson with a clock and without help. The file that states it has a table `[exam]`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from math import inf
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from hatlab.describe.times import format_moment
from hatlab.errors import UserError
from hatlab.lessons.play.learner_notes import steady_clock
from hatlab.lessons.play.progress import Progress
from hatlab.util.text import plural


def _with_zone(value: Any) -> Any:
    """A moment without a zone is one of this machine's."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.astimezone()
    return value


_KEEP_EVERY = 5.0
"""Seconds of standing after which it is kept: whoever is cut off meanwhile loses no more of it."""
Moment = Annotated[AwareDatetime, BeforeValidator(_with_zone)]


class Exam(BaseModel):
    """What an exam is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lesson: str = Field("", max_length=200)
    """The lesson, as `hatlab learn` takes it, or a drill's name; "drill": one drawn by the learner's seed."""
    level: int = Field(1, ge=1, le=3)
    """Of a drill that is drawn: how hard it is."""
    name: str = Field("exam", min_length=1, max_length=60)
    """What it is called."""
    minutes: float = Field(45, gt=0, le=24 * 60)
    """How long it takes at most, from the moment at which a learner begins."""
    attempts: int = Field(1, ge=1, le=100)
    """How often it may be begun."""
    tries: int = Field(1, ge=1, le=100)
    """How often a question may be answered."""
    opens: Moment | None = None
    """When it may be begun first."""
    closes: Moment | None = None
    """When it ends for everybody."""

    def ends(self, began: float) -> float:
        """Return when it ends for somebody who began at a moment, both s since 1970."""
        ends = began + 60 * self.minutes
        return ends if self.closes is None else min(ends, self.closes.timestamp())

    def to_details(self) -> dict[str, Any]:
        """Return it as it stands in a recording."""
        return self.model_dump(mode="json")


def read_exam_details(details: Mapping[str, Any]) -> Exam | None:
    """Return the exam of which a recording's `opened` tells; None if it was none."""
    written = details.get("exam")
    if not isinstance(written, dict):
        return None
    try:
        return Exam.model_validate(written)
    except ValidationError:
        return None


def describe_exam(exam: Exam, left: float) -> str:
    """Return what holds in an exam, before it begins."""
    tries = plural(
        exam.tries, "Each question takes {count} answer.", "Each question takes {count} answers at most."
    )
    return (
        f"This is {exam.name}. You have {format_moment(left)} left. You see facts only, there are no hints, "
        f"and nothing says what is right. {tries} What you type is recorded."
    )


def format_clock(moment: datetime | float) -> str:
    """Return a moment as a person at this machine reads it."""
    at = moment.timestamp() if isinstance(moment, datetime) else moment
    return time.strftime("%d %B %Y, %H:%M", time.localtime(at))


class ExamSitting:
    """An exam under way: how much time is left. Whoever sets the machine's clock meanwhile gains nothing.

    Args:
        exam: what was stated.
        left: seconds left now.
        continues: it goes on from where the learner left it.
        held: seconds for which its clock stood before, in earlier sittings.
        keep_held: is told now and then for how many seconds it has stood in all.
        steady: a clock that nobody sets, s.
    """

    def __init__(
        self,
        exam: Exam,
        left: float = inf,
        *,
        continues: bool = False,
        held: float = 0.0,
        keep_held: Callable[[float], object] = lambda _: None,
        steady: Callable[[], float] = steady_clock,
    ) -> None:
        self.exam, self.continues = exam, continues
        self._steady = steady
        self._ends = steady() + left
        self._held_since: float | None = None
        self._held, self._keep_held, self._kept = held, keep_held, held
        self.is_over = False
        """True once its time was up, for good."""
        self.is_finished = False
        """True once the learner has come to the end of it."""

    @property
    def seconds_left(self) -> float:
        """Seconds left, 0 once the time is up."""
        if self.is_over:
            return 0.0
        now = self._steady() if self._held_since is None else self._held_since
        return max(0.0, self._ends - now)

    def hold(self, held: bool) -> None:
        """Let its clock stand from now on, or go on: a teacher has everybody's eyes. Again and again."""
        now = self._steady()
        if self._held_since is not None:
            self._ends += now - self._held_since
            self._held += now - self._held_since
            if not held or self._held - self._kept >= _KEEP_EVERY:
                self._kept = self._held
                self._keep_held(self._held)
        self._held_since = now if held else None

    def refuse_when_over(self) -> None:
        """Raise a UserError once the time is up."""
        if self.is_over:
            raise UserError("the exam is over: its time is up", "all that you did is kept")


def without_verdicts(progress: Progress) -> Progress:
    """Return where a learner stands as it is shown in an exam: nothing says what is right."""
    return replace(
        progress,
        answers={
            name: replace(answer, truth=None, right=None, close=False, found=(), wrong=(), tries=1)
            for name, answer in progress.answers.items()
        },
        tasks={name: replace(task, wrong_turns=frozenset()) for name, task in progress.tasks.items()},
        revealed=dict.fromkeys(progress.revealed, (None, "")),
        remarks=tuple(remark for remark in progress.remarks if remark.kind == "done"),
        side_effects={},
    )
