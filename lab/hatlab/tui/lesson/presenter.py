"""Decides what the tutor shows of a lesson: which page, its blocks, what is waited for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from hatlab.actions import VERBS, Action
from hatlab.lessons.key_markup import keys_named
from hatlab.lessons.model import Item, Prose, QuestionItem, TaskItem, WhatIfItem
from hatlab.lessons.play.drill_runner import DrillRunner
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.records.drill_file import DrillFile
from hatlab.lessons.templates import render
from hatlab.state.model import LabState
from hatlab.tui.keys import key_of
from hatlab.tui.lesson.drill_page import drill_bullets
from hatlab.tui.lesson.drill_status import drill_clock, drill_pieces
from hatlab.tui.lesson.exam_page import exam_bullets
from hatlab.tui.lesson.markup import render_markup
from hatlab.tui.lesson.status import countdown, exam_clock, status_forms, time_left
from hatlab.tui.lesson.summary_page import summary_bullets
from hatlab.tui.lesson.view_model import Block, block_texts, introduction_blocks, step_blocks
from hatlab.tui.widgets.bullet_list import Bullet
from hatlab.tui.widgets.line_widget import Piece, spinner, styled
from hatlab.util.safe_text import safe_text

if TYPE_CHECKING:
    from hatlab.tui.lesson.pane import TutorPane

"""The key that explains the last change: every tick names it."""
_OF_A_STEP = frozenset({"lesson.skip", "lesson.hint", "lesson.fix"})
"""Commands that are of no use on the page at the end."""
_NOT_IN_EXAM = frozenset({"lesson.hint", "lesson.fix", "lesson.retry"})
"""Commands that an exam does not have."""
INTRODUCTION = -1
"""The page before the first step."""


class LessonPresenter:
    """Knows which page of a lesson is on the screen, and brings the tutor up to date.

    Args:
        runner: leads through the lesson.
        following: the title of the lesson to take next, "" if there is none.
        first_step: the step it begins at.
        drill_file: how a learner's drills went.
        record: where the run is recorded, None if it is not.
    """

    def __init__(
        self,
        runner: LessonRunner,
        following: str = "",
        first_step: int = 0,
        drill_file: DrillFile | None = None,
        record: Path | None = None,
    ) -> None:
        self.runner = runner
        self._drill_file = drill_file
        self.following = following
        self._record = record
        self.end = len(runner.lesson.steps)
        """The page after the last step."""
        self.first = INTRODUCTION if runner.lesson.intro.strip() else 0
        """The page that the learner can turn back to at most."""
        self.page: int | None = None
        """The step that is read again, `INTRODUCTION` or `end`; None for where the learner is."""
        self.leaving_announced = False
        """True once the learner was told that `n` leaves the page at the end."""
        self.failure = ""
        """Why the lesson cannot go on, "" if it can."""
        self.playing_futures = False
        """True while both futures of a what-if are being played."""
        self._upcoming_step: int | None = first_step
        """The step for which the lab is being prepared."""
        self._restarts = 0
        self._just_begun = False
        self._time_over = False
        self._shown_version: object = None

    @property
    def shown_page(self) -> int:
        """The page on the screen: a step's index, `INTRODUCTION` or `end`."""
        if self.page is not None:
            return self.page
        if self._upcoming_step is not None:
            return self._upcoming_step
        return self.runner.progress_or_none.step_index if self.runner.progress_or_none is not None else 0

    @property
    def expects_number(self) -> bool:
        """True while a step is being prepared whose first question asks for a number."""
        if self._upcoming_step is None or self.failure:
            return False
        items = self.runner.lesson.steps[self._upcoming_step].items
        first = next((item for item in items if not isinstance(item, Prose)), None)
        return isinstance(first, QuestionItem) and not first.question.choices

    def announce_step(self, step: int) -> None:
        """Show a step's first prose while the lab is prepared for it, perhaps anew."""
        if self._upcoming_step != step:
            self._restarts += 1
        self.page, self._upcoming_step = None, step

    def begin_step(self) -> None:
        """Show the step as begun; the text stays where it is for a learner who is reading its first prose."""
        self._upcoming_step, self._just_begun = None, True

    def turn_page(self, direction: int) -> bool:
        """Turn to the step before (-1) or after (1). Return False if the learner has not been there."""
        self.leaving_announced = False
        reached = self.runner.progress_or_none.step_index if self.runner.progress_or_none is not None else 0
        page = min(self.shown_page, reached + 1) + direction if self.shown_page != self.end else reached
        if not self.first <= page <= reached:
            return False
        self.page = None if page == reached else page
        return True

    def was_worked_on(self, step: int) -> bool:
        """Return True if the learner has answered or done something in a step or later ones."""
        progress = self.runner.progress_or_none
        if progress is None:
            return False
        if progress.step_index > step:
            return True
        items = self.runner.lesson.steps[step].items
        tasks = [progress.tasks.get(item.id) for item in items if isinstance(item, TaskItem)]
        return any(
            task is not None and (task.is_over or task.trace.actions or task.hints) for task in tasks
        ) or any(isinstance(item, QuestionItem) and item.id in progress.answers for item in items)

    def update(
        self,
        tutor: TutorPane,
        *,
        preparing: bool,
        held: bool,
        enter_taken: bool = False,
        looking: bool = False,
    ) -> str:
        """Bring the tutor up to date. Return what is new to read, in a few words, "" for nothing.

        Args:
            tutor: on the lab's screen.
            preparing: the lab is being put into a step's beginning.
            held: time stands still.
            enter_taken: the Enter key opens what is selected in the lab.
            looking: a past moment is shown.
        """
        tutor.expects_number = self.expects_number
        clock = None if (preparing and self.runner.exam is None) or self.failure else self._clock()
        tutor.set_status(*self._status_forms(tutor, preparing, held, enter_taken, looking), clock=clock)
        version = (
            self.runner.compiled_or_none is not None,
            self.runner.progress_or_none,
            self.runner.is_over,
            self.shown_page,
            self._upcoming_step,
        )
        if version == self._shown_version:
            return ""
        self._shown_version = version
        title = self.page_title().plain
        if self.shown_page == self.end:
            if tutor.start_page(self.end, title):
                tutor.show_summary(self._summary())
                is_exam = self.runner.exam is not None
                tutor.leave_out_keys(_OF_A_STEP | (_NOT_IN_EXAM if is_exam else frozenset()))
            return ""
        turned = tutor.start_page((self.shown_page, self._restarts), title)
        tutor.leave_out_keys(_NOT_IN_EXAM if self.runner.exam is not None else frozenset())
        keep_position, self._just_begun = self._just_begun, False
        has_news = tutor.show_blocks(self._page_blocks(), keep_position=keep_position)
        return self.open_item().plain if has_news and not turned else ""

    def _summary(self) -> Iterable[Bullet]:
        if self.runner.exam is not None:
            return exam_bullets(self.runner)
        if isinstance(self.runner, DrillRunner):
            return drill_bullets(self.runner, self._drill_file, self.following)
        return summary_bullets(self.runner, self.following, self._record)

    def _status_forms(
        self, tutor: TutorPane, preparing: bool, held: bool, enter_taken: bool, looking: bool
    ) -> tuple[tuple[Piece, ...], ...]:
        """What is waited for, most important first; in few words, too, where it may be long."""
        if self.failure:
            wrong = "this lesson has a fault, but the lab keeps running: "
            return ((("✖ ", "bold fault"), (wrong, "fault"), (self.failure, "")),)
        if preparing:
            return ((spinner(self.runner.state.at), (_preparation_text(self.runner.state), "")),)
        if self.page is not None and self.page != self.end:
            keys = f" · press {key_of('lesson.next')} to go forward, {key_of('lesson.retry')} to restart it"
            return ((("◂ ", "bold accent"), ("an earlier step", "bold"), (keys, "")),)
        if held and isinstance(self.runner.item, TaskItem):
            return (
                (
                    ("‖ ", "bold warn"),
                    ("time is paused", "bold"),
                    (f": press {key_of('time.pause')} to resume", ""),
                ),
            )
        if isinstance(self.runner, DrillRunner) and self.runner.progress_or_none is not None:
            return (drill_pieces(self.runner, answering=tutor.answering),)
        return status_forms(
            self.runner,
            enter_taken=enter_taken,
            answering=tutor.answering,
            open_visible=tutor.open_item_visible,
            ended=self.page == self.end,
            playing=self.playing_futures,
            looking=looking,
        )

    def time_ran_out(self) -> bool:
        """Return True, once, when a task's time is over."""
        left = time_left(self.runner)
        over = left is not None and left < 0
        ran_out, self._time_over = over and not self._time_over, over
        return ran_out

    def page_title(self) -> Content:
        """Return which page of the lesson is shown, as in `2/5 The heartbeat`."""
        if self.shown_page == self.end:
            return styled(("summary", "bold accent"))
        if self.shown_page == INTRODUCTION:
            return styled(("introduction", "bold accent"))
        if self.runner.lesson.is_drill:  # its only step has the drill's own title
            return styled(("find, name and fix it", "bold accent"))
        step = self.runner.lesson.steps[self.shown_page]
        return styled((f"{self.shown_page + 1}/{self.end} ", "quiet"), (safe_text(step.title), "bold accent"))

    def page_text(self) -> str:
        """Return all that stands on the page that is shown, as Markdown."""
        if self.shown_page == self.end:
            return "\n".join(self.runner.lesson.front.goals)
        blocks = self._page_blocks()
        if self.runner.compiled_or_none is not None and self.runner.progress_or_none is None:
            blocks = (*introduction_blocks(self.runner), *blocks)  # it is read before the first step
        return "\n\n".join(text for block in blocks for text in block_texts(block))

    def _clock(self) -> Piece | None:
        if self.runner.exam is not None:
            return exam_clock(self.runner.exam)
        if not isinstance(self.runner, DrillRunner):
            return countdown(self.runner)
        return drill_clock(self.runner) if self.runner.progress_or_none is not None else None

    def needed_keys(self) -> frozenset[str]:
        """Return the keys that the step speaks of, as far as it is revealed, and the one that tells why."""
        progress = self.runner.progress_or_none
        if progress is None:
            return frozenset({key_of("view.why")})
        items = self.runner.lesson.steps[progress.step_index].items[: progress.item_index + 1]
        return frozenset({key_of("view.why")}) | keys_named(*(_item_text(item) for item in items))

    def _page_blocks(self) -> tuple[Block, ...]:
        """Return the blocks of the page that is shown."""
        if self.shown_page == INTRODUCTION:
            return introduction_blocks(self.runner)
        upcoming = self._upcoming_step is not None and self.page is None
        return step_blocks(self.runner, self.shown_page, upcoming=upcoming)

    def open_item(self, *, brief: bool = False) -> Content:
        """Return what is open, or only how to get there, in a line, with what is left of the time for it."""
        left, text = self._clock(), self._open_item_text(brief=brief)
        return styled(left, "  ") + text if left is not None else text

    def _open_item_text(self, *, brief: bool) -> Content:
        progress, item = self.runner.progress_or_none, self.runner.item
        if progress is None:
            return Content("")
        if isinstance(self.runner, DrillRunner):
            return styled(*drill_pieces(self.runner, short=True))
        four = key_of("view.tab-4")
        match item:
            case TaskItem():
                glyph, text, key = "☐ ", item.task.do, f"press {four} to read your task"
            case QuestionItem():
                glyph, text, key = "◇ ", item.question.ask, f"press {four} to answer"
            case WhatIfItem():
                glyph, text, key = "↔ ", item.what_if.ask, f"press {four} to see both futures"
            case _:
                return styled(("✔ ", "master"), f"done: press {four}")
        if brief:
            return styled((glyph, "bold accent"), key)
        return styled((glyph, "bold accent")) + render_markup(safe_text(render(text, progress.captures)))


def _item_text(item: Item) -> str:
    match item:
        case Prose():
            return item.text
        case QuestionItem():
            return item.question.ask
        case TaskItem():
            return "\n".join([item.task.do, *(hint.say for hint in item.task.hints)])
        case WhatIfItem():
            return item.what_if.ask


def _preparation_text(lab: LabState) -> str:
    """What is being done to put the lab into the beginning of a step."""
    action = lab.action
    if action is not None and action.phase == "started" and action.name in VERBS and action.name != "reset":
        doing = Action(action.name, action.targets).title
    else:
        phase = next((name for name, (done, _, _) in lab.phases.items() if not done), "")
        doing = phase
    return f"One moment: the lab is being set up{doing and f' · {doing}'} …"
