"""A lesson as plain text, for a learner who types: lines in, lines out; for screen readers and pipes."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable, Iterable
from math import inf
from pathlib import Path
from typing import IO

from hatlab.actions import VERBS, parse_words
from hatlab.actions.timed_script import attach_file
from hatlab.describe.times import format_moment
from hatlab.diagnostics.finding import did_you_mean
from hatlab.engine.base import LineRunner
from hatlab.errors import LabError, UserError
from hatlab.lessons.conditions.compiler import compile_condition
from hatlab.lessons.conditions.notation import format_condition, parse_condition_line
from hatlab.lessons.conditions.parser import tokenize
from hatlab.lessons.glossary import load_glossary
from hatlab.lessons.model import Item, Prose, QuestionItem, TaskItem, WhatIfItem
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.action_player import ActionPlayer
from hatlab.lessons.play.answers import choice_labels, choice_texts
from hatlab.lessons.play.exam import describe_exam
from hatlab.lessons.play.exam_texts import FACTS_ONLY as FACTS_ONLY_IN_EXAM
from hatlab.lessons.play.exam_texts import NO_HINTS, NO_RESTART
from hatlab.lessons.play.learner_actions import ANSWER_PREFIX
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import render
from hatlab.session import Batch, Session
from hatlab.state.faults import find_cures, latest_cure
from hatlab.teacher import RESTARTED
from hatlab.text.glossary_lines import answer_glossary_query
from hatlab.text.lab_queries import LabQueries
from hatlab.text.lesson import INTERVAL, TextLesson
from hatlab.text.lesson_commands import COMMANDS, FIRST_WORDS, parse_seconds, words_of_exam
from hatlab.text.lesson_sentences import PRESS_ENTER, STEP_OVER, describe_open_item
from hatlab.text.solution_lines import solution_lines

FREE = "The lab is yours until you type quit."
FACTS_ONLY = "You see facts only: no conditions, no explanations. Type facts again to see them."
_SHELL_LINE = re.compile(r"(?:shell ++([\w-]++)|([\w-]++)#) ++(.++)")
_TOLD_LEFT = (10, 5, 1)
"""Minutes left of an exam at which that is said."""
LONGEST_WAIT = 60.0
"""Seconds of the lab that `wait` may take."""


class InteractiveTextLesson(TextLesson):
    """One lesson over text, as `TextLesson`; `typed` are the lines that the learner types.

    `facts_only` hides what hatlab concludes until the learner asks for it.
    """

    COMMANDS = COMMANDS
    """What `help` lists."""
    FIRST_WORDS: tuple[str, ...] = FIRST_WORDS
    """Words that the learner is greeted with."""
    ASKS_AGAIN = True
    """True if an open question is shown again after an action."""

    def __init__(
        self,
        session: Session,
        runner: LessonRunner,
        out: IO[str],
        typed: Iterable[str],
        on_progress: Callable[[], None] = lambda: None,
        next_lesson: str = "",
        facts_only: bool = False,
    ) -> None:
        super().__init__(session, runner, out, on_progress, next_lesson)
        self._wants_facts_only = facts_only
        self._typed = typed
        self._interactive = bool(getattr(typed, "isatty", bool)())
        self._lines: queue.Queue[str | Exception | None] = queue.Queue()
        self._queries = LabQueries(self._width)
        self._exam_left = runner.exam.seconds_left if runner.exam is not None else inf
        """What was left of an exam when that was looked at last, s."""

    @property
    def _facts_only(self) -> bool:
        return self._wants_facts_only or super()._facts_only

    def _update(self, timeout: float = 0.0) -> None:
        super()._update(timeout)
        exam = self._runner.exam
        if exam is None or self._runner.progress_or_none is None or self._runner.is_over:
            return
        left = exam.seconds_left
        if not left:
            self._runner.end_exam()
        for minutes in _TOLD_LEFT:
            if left <= 60 * minutes < self._exam_left:
                self._say(f"({format_moment(60 * minutes)} left.)")
        self._exam_left = left

    def _feed(self, batch: Batch) -> None:
        super()._feed(batch)
        self._queries.feed(batch)

    def _greet(self) -> None:
        threading.Thread(target=self._read_lines, name="stdin", daemon=True).start()
        if self._runner.exam is not None:
            self._say(describe_exam(self._runner.exam.exam, self._runner.exam.seconds_left))
            self.FIRST_WORDS, self.COMMANDS = words_of_exam(self.FIRST_WORDS, self.COMMANDS)
        self._say(
            f"(Type answers, actions, or one of: {', '.join(self.FIRST_WORDS)}. Type help for all commands.)"
        )

    def _step_over(self) -> str:
        return STEP_OVER

    def _after_end(self) -> None:
        """Let whoever types go on looking; what was piped in ends with the lesson."""
        if self._interactive:
            self._say(FREE)
            while not self._session.ended and self._take_turn():
                pass

    def _read_lines(self) -> None:
        try:
            for text in self._typed:
                self._lines.put(text.strip())
        except (UnicodeDecodeError, OSError) as error:
            self._lines.put(error)
        self._lines.put(None)

    def _take_turn(self) -> bool:
        """Do what the learner's next line says, if there is one. Return False to leave."""
        if self._frozen is not None:
            self._update(INTERVAL)
            return True
        if self._session.teacher.take_restart():
            self._write_lines([RESTARTED])
            self._restart()
        try:
            line = self._lines.get_nowait()
        except queue.Empty:
            self._update(INTERVAL)
            return True
        if isinstance(line, Exception):
            raise UserError(f"your input cannot be read: {line}", "it must be UTF-8 text")
        if line is None or line in {"quit", "q", "end"}:
            return False
        try:
            self._run_line(line)
        except LabError as error:
            self._say_error(error)
        return True

    def _run_line(self, line: str) -> None:
        item = self._runner.item
        if isinstance(item, QuestionItem) and line.casefold() in self._choice_labels(item):
            self._answer(item, line)
            return
        match line:
            case "" if isinstance(item, WhatIfItem):
                self._see_futures(item)
            case "":
                self._open_item = None
            case "help" | "?":
                self._say(describe_open_item(self._runner.item))
                self._write_lines(self.COMMANDS.splitlines())
            case "hint" | "h":
                self._give_hint()
            case "skip":
                self._runner.skip()
            case "fix" | "mend" | "u":
                self._fix()
            case "fix all" | "mend all" | "U":
                self._fix(everything=True)
            case "next" | "n" if self._runner.progress.finished_at is not None:
                self._say(FREE)
            case "next" | "n":
                self._go_to_next_step()
            case "time" if self._runner.exam is not None:
                self._say(f"{format_moment(self._runner.exam.seconds_left)} left.")
            case "facts" | "B" if self._runner.exam is not None:
                self._say(FACTS_ONLY_IN_EXAM)
            case "facts" | "B":
                self._wants_facts_only = not self._wants_facts_only
                self._say(FACTS_ONLY if self._wants_facts_only else "You see everything again.")
            case "restart" | "retry" | "r":
                self._restart()
            case _:
                self._run_words(line)

    def _choice_labels(self, item: QuestionItem) -> list[str]:
        return choice_labels(choice_texts(item.question, self._values()))

    def _run_words(self, line: str) -> None:
        """Run what is no command of a lesson's own: a wait, a query, an answer or an action."""
        item, words = self._runner.item, line.split()
        if (shell := _SHELL_LINE.fullmatch(line)) is not None:
            self._run_in_shell(shell[1] or shell[2], shell[3])
        elif words[0] in {"wait", "w"}:
            self._wait(line.partition(" ")[2].strip())
        elif (lines := self._answer_query(words)) is not None:
            self._write_lines(lines)
        elif words[0] in {"glossary", "g"}:
            self._explain_words(words[1:])
        elif line.startswith(":"):
            self._act(line[1:].strip())
        elif isinstance(item, QuestionItem):
            try:
                self._answer(item, line)
            except UserError:
                if not {words[0], " ".join(words[:2])} & VERBS.keys():
                    raise
                self._act(line)
        else:
            self._act(line)
        self._runner.note_look(line)

    def _run_in_shell(self, node: str, line: str) -> None:
        """Run a line in a node's shell, and write what it prints.

        Raises:
            LabError: there is no such node, it is off, or this lab has no shell.
        """
        engine, nodes = self._session.engine, self._session.state.nodes
        if node not in nodes:
            raise UserError(f"no node {node!r}{did_you_mean(node, nodes)}", f"one of: {', '.join(nodes)}")
        if not isinstance(engine, LineRunner):
            raise UserError("this lab has no shell", "" if engine.live else "it is a recording")
        output: list[str] = []
        self._run_while_watching(lambda: output.append(engine.run_line(node, line)))
        self._write_lines("".join(output).rstrip("\n").split("\n"))

    def _answer_query(self, words: list[str]) -> list[str] | None:
        return self._queries.answer(words, hide_faults=self._hides_faults, facts_only=self._facts_only)

    def _answer(self, item: QuestionItem, text: str) -> None:
        self._runner.answer(text)
        if not item.checked or (self._runner.exam is not None and not self._runner.lesson.is_drill):
            value = self._runner.progress.answers[item.id].value
            locked = f"{value:g} {item.question.unit}".rstrip() if isinstance(value, float) else value
            self._say(f"Locked: {locked}.")

    def _act(self, line: str) -> None:
        """Do an action to the lab. A question that is open stays so, and may be asked again."""
        action = attach_file(parse_words(tokenize(line), self._runner.compiled.layout))
        self._run_while_watching(lambda: self._session.act(action))
        if self.ASKS_AGAIN and isinstance(self._runner.item, QuestionItem):
            self._open_item = None

    # -- waiting

    def _wait(self, what: str) -> None:
        """Run `wait`, `wait SECONDS` or `wait until CONDITION`; `what` is all but the first word.

        Raises:
            LabError: it did not come about, or says nothing.
        """
        now = self._session.engine.now
        until, _, condition_line = what.partition(" ")
        if until == "until":
            condition = parse_condition_line(condition_line)
            compiled = compile_condition(condition, self._runner.compiled.layout)
            player = ActionPlayer(self._session, fast=False)
            with player.watch(compiled) as watch:

                def holds() -> bool:
                    player.catch_up()
                    return watch.has_held

                if self._wait_for(holds, f"until {format_condition(condition)}"):
                    self._say("That is true now.")
        elif what:
            seconds = parse_seconds(what)
            end = now() + seconds
            if self._wait_for(lambda: now() >= end, f"{seconds:g} s", longest=inf):
                self._say("Time is up.")
        elif isinstance(item := self._runner.item, TaskItem):
            do = render(item.task.do, self._values())
            self._wait_for(lambda: self._runner.item is not item, f"for this: {do}")
        else:
            self._say(describe_open_item(self._runner.item))

    def _wait_for(self, holds: Callable[[], bool], what: str, longest: float | None = None) -> bool:
        """Let the lab go on until something holds. Return False if the learner typed a line, which ends it.

        Raises:
            LabError: it did not hold within `longest` seconds of the lab, `LONGEST_WAIT` if left out.
        """
        longest = LONGEST_WAIT if longest is None else longest
        waiting = f"Waiting {what.removesuffix('.')}"
        limit = f"{waiting} (for {longest:g} s at most)." if longest < inf else f"{waiting}."
        self._say(f"{limit} Press Enter to stop waiting." if self._interactive else limit)
        end = self._session.engine.now() + longest
        while not holds():
            if self._session.ended:
                return False
            if self._interactive and not self._lines.empty():
                self._say("Stopped waiting.")
                return False
            if self._session.engine.now() > end:
                raise LabError(f"it did not happen within {longest:g} s", "wait again, or type hint for help")
            self._update(INTERVAL)
        return True

    # -- help

    def _fix(self, *, everything: bool = False) -> None:
        """Fix the latest fault, or all. While one is to be found, only what the learner broke is fixed."""
        state, own = self._session.state, self._hides_faults or self._runner.exam is not None
        latest = latest_cure(state, own=own)
        cures = find_cures(state, own=own) if everything or latest is None else [latest]
        if not cures:
            raise LabError("nothing is broken", "type status to see the state of the lab")
        self._write_lines(f"> {cure}" for cure in cures)
        self._run_while_watching(lambda: [self._session.act(cure) for cure in cures])

    def _explain_words(self, words: list[str]) -> None:
        """Show a term of the glossary, or a list of all with those of this step first."""
        lesson = self._runner.lesson
        glossary = load_glossary([Path(lesson.file).parent] if lesson.file else [])
        progress = self._runner.progress
        items = lesson.steps[progress.step_index].items[: progress.item_index + 1]
        used_here = glossary.terms_in("\n\n".join(map(_item_text, items)))
        self._write_lines(answer_glossary_query(glossary, words, self._width, used_here))

    def _give_hint(self) -> None:
        item = self._runner.item
        if self._runner.exam is not None:
            self._say(NO_HINTS)
            return
        if isinstance(item, QuestionItem):
            self._say(
                "Questions have no hints: look at the lab. A wrong answer tells you where to look."
                if item.checked
                else "A prediction needs no hint: guess, and the lab will show you."
            )
            return
        if isinstance(item, WhatIfItem):
            self._say(PRESS_ENTER)
            return
        self._runner.hint()
        task = self._runner.progress.current_task(self._runner.compiled)
        hints = self._runner.progress.tasks[task.id].hints if task else ()
        if task is None or not hints:
            self._say("There is no task here, so there is nothing to hint at.")
        elif hints[-1].startswith(ANSWER_PREFIX):
            self._say("The answer, line by line:")
            self._write_lines(f"  {line}" for line in solution_lines(task, self._values()))
        else:
            self._say(hints[-1])

    def _restart(self) -> None:
        if self._runner.exam is not None:
            self._say(NO_RESTART)
            return
        step = self._runner.progress.step_index
        self._say("One moment: the lab is being set up for this step.")
        self._set_up(lambda: checkpoints.restore(self._session, self._runner.compiled, step))
        self._runner.begin(step)
        self._shown_to, self._open_item = (-1, 0), None


def _item_text(item: Item) -> str:
    """Return what is read of a part of a step before it is over."""
    match item:
        case Prose():
            return item.text
        case QuestionItem():
            return item.question.ask
        case TaskItem():
            return item.task.do
        case WhatIfItem():
            return item.what_if.ask
