"""A drill as plain text: the report, lines in and lines out, a clock, and at the end the expert's way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from hatlab.describe.times import format_moment
from hatlab.lessons.model import Item, QuestionItem
from hatlab.lessons.play.drill_runner import DrillRunner
from hatlab.lessons.records.drill_file import DrillFile
from hatlab.lessons.records.drill_report import report_sections
from hatlab.session import Session
from hatlab.text.lesson_commands import DRILL_COMMANDS, DRILL_WORDS
from hatlab.text.lesson_input import InteractiveTextLesson
from hatlab.util.text import plural

RULES = (
    "Find it, name it and fix it. You see facts only: status, packets, log, conf, addresses and a shell "
    "on each node. Name the cause by its number, whenever you like."
)
_REFUSED = {
    "hint": "A drill has no hints. Look at status, packets, log and conf; give up shows everything.",
    "reset": "A drill has no reset: fix the lab by hand. Type restart to start this incident again.",
}
"""What a drill does not have, and what is said then."""


class InteractiveTextDrill(InteractiveTextLesson):
    """One drill over text.

    Args:
        session: started.
        drill: not begun.
        out: where to write.
        typed: the lines that the learner types.
        drill_file: where the result is kept.
        next_drill: the command for another one.
    """

    COMMANDS = DRILL_COMMANDS
    FIRST_WORDS = DRILL_WORDS
    ASKS_AGAIN = False  # it is open all the time, and long

    def __init__(
        self,
        session: Session,
        drill: DrillRunner,
        out: IO[str],
        typed: Iterable[str],
        drill_file: DrillFile | None,
        next_drill: str = "",
    ) -> None:
        super().__init__(session, drill, out, typed, next_lesson=next_drill)
        self._drill, self._drill_file = drill, drill_file
        self._told_healthy = self._told_repaired = self._told_late = False

    @property
    def _facts_only(self) -> bool:
        return super()._facts_only or not self._drill.is_over

    def _greet(self) -> None:
        super()._greet()
        minutes = self._drill.lesson.front.minutes
        clock = plural(minutes, "The clock allows {count} minute.", "The clock allows {count} minutes.")
        self._say(f"{RULES} {clock}")

    def _update(self, timeout: float = 0.0) -> None:
        super()._update(timeout)
        if self._drill.is_under_way:
            self._tell_progress()

    def _tell_progress(self) -> None:
        """Say once when the lab is healthy again, or no more, and when the time is over."""
        drill = self._drill
        if drill.seconds > drill.limit and not self._told_late:
            self._told_late = True
            self._say(
                f"Your {format_moment(drill.limit)} are up. The drill continues; take the time you need."
            )
        if drill.is_repaired:
            if not self._told_repaired and isinstance(drill.item, QuestionItem):
                self._say("Fixed and proved. Now name the cause: type its number.")
            self._told_repaired = True
            return
        healthy = drill.healthy_for
        if healthy is not None and not self._told_healthy:
            self._say(f"Healthy. It has to stay healthy for {healthy[1]:g} seconds.")
        elif healthy is None and self._told_healthy:
            self._say("No longer healthy: the five seconds start again.")
        self._told_healthy = healthy is not None

    def _show_open_item(self, item: Item | None) -> None:
        if self._drill.is_over:
            return
        if isinstance(item, QuestionItem) and self._told_repaired:
            self._say("Already fixed. What was wrong?")
        super()._show_open_item(item)
        if isinstance(item, QuestionItem):
            self._say(f"To do: {self._drill.lesson.drill_task.do}")

    def _run_line(self, line: str) -> None:
        if self._drill.is_over:
            super()._run_line(line)
            return
        match line.split():
            case ["hint" | "h"]:
                self._say(_REFUSED["hint"])
            case ["reset"] | [":reset"]:
                self._say(_REFUSED["reset"])
            case ["give", "up"] | ["skip"]:
                self._drill.give_up()
            case ["facts" | "B"]:
                self._say("Until you solve this drill you see only facts.")
            case ["time"]:
                drill = self._drill
                self._say(f"{format_moment(drill.seconds)} of {format_moment(drill.limit)}.")
            case _:
                super()._run_line(line)

    def _restart(self) -> None:
        super()._restart()
        self._told_healthy = self._told_repaired = self._told_late = False

    def _end_paragraphs(self) -> Iterable[str]:
        """Add the result to the record, and tell how it went and how an expert would have gone."""
        if self._drill_file is not None:
            self._drill_file.save(self._drill.lesson, self._drill.result())
        for number, section in enumerate(report_sections(self._drill, self._drill_file)):
            lines = [
                f"{place}. {line}" if section.numbered else line
                for place, line in enumerate(section.lines, 1)
            ]
            title = f"# {section.title}" if not number else f"{section.title}:"
            yield "\n".join([title, *lines])
        if self._next_lesson:
            yield f"Next drill: {self._next_lesson}"
