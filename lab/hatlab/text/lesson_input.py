"""A lesson as plain text, for a learner who types: lines in, lines out; for screen readers and pipes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from math import inf
from typing import IO

from hatlab.actions import VERBS, parse_words
from hatlab.actions.timed_script import attach_file
from hatlab.errors import LabError, UserError
from hatlab.lessons.conditions.expressions import compile_condition
from hatlab.lessons.conditions.grammar import tokenize
from hatlab.lessons.conditions.notation import format_condition, parse_condition_line
from hatlab.lessons.model import QuestionItem, TaskItem
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.action_player import ActionPlayer
from hatlab.lessons.play.answers import choice_labels, choice_texts
from hatlab.lessons.play.learner_actions import ANSWER_PREFIX
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import render
from hatlab.session import Batch, Session
from hatlab.state.faults import find_cures, latest_cure
from hatlab.text.lab_queries import LabQueries
from hatlab.text.lesson import LOOK, TextLesson
from hatlab.text.solution_lines import solution_lines

WORDS = ("help", "hint", "wait", "next", "retry", "status", "quit")
"""What a learner is told of at first; `help` tells the rest."""
COMMANDS = """\
hint              a hint to a task; each is plainer than the one before
skip              go on without this
mend              what you broke last, mended; mend all: everything
next              the next step, once this one is over
wait              until this task is done, a minute at most
wait SECONDS      so long
wait until CONDITION    as in: wait until owner db2 and answered db2 for 2 s
retry             this step again, from its beginning
status            what is true in the lab: where a lesson says map, or the client's line
packets [NODE]    the latest adverts; with a node, every field of its last one
log [NODE]        what the services logged last, and what actions brought
why               why things happened
addresses NODE    what its interfaces hold
conf NODE [FILE]  its keepalived.conf; with a file, written there to be changed
edit NODE FILE    puts the file in its place; reload NODE applies it
help actions      what can be done to the lab: each of these is a line, too
quit              end the lab; your progress is kept
Enter             what is open now, again
"""
WAIT = 60.0
"""Seconds of the lab that `wait` may take."""


FREE = "The lab is yours until you type quit."


class InteractiveTextLesson(TextLesson):
    """One lesson over text, as `TextLesson`; `typed`: the lines a learner types."""

    def __init__(
        self,
        session: Session,
        runner: LessonRunner,
        out: IO[str],
        typed: Iterable[str],
        note: Callable[[], None] = lambda: None,
        following: str = "",
    ) -> None:
        super().__init__(session, runner, out, note, following)
        self._typed = typed
        self._live = bool(getattr(typed, "isatty", bool)())
        self._lines: queue.Queue[str | Exception | None] = queue.Queue()
        self._looks = LabQueries(self._width)

    def _feed(self, batch: Batch) -> None:
        super()._feed(batch)
        self._looks.feed(batch)

    def _greet(self) -> None:
        threading.Thread(target=self._listen, name="stdin", daemon=True).start()
        self._say(f"(Typed here: answers, actions, and {', '.join(WORDS)}. help tells all.)")

    def _over(self) -> str:
        return "This step is over. Type next to go on."

    def _stay(self) -> None:
        """Whoever types may go on looking; what was piped in ends with the lesson."""
        if self._live:
            self._say(FREE)
            while not self._session.ended and self._go_on():
                pass

    def _listen(self) -> None:
        try:
            for text in self._typed:
                self._lines.put(text.strip())
        except (UnicodeDecodeError, OSError) as error:
            self._lines.put(error)
        self._lines.put(None)

    def _go_on(self) -> bool:
        """One line of the learner's, if there is one; False to leave."""
        try:
            text = self._lines.get_nowait()
        except queue.Empty:
            self._look(LOOK)
            return True
        if isinstance(text, Exception):
            raise UserError(f"what is typed cannot be read: {text}", "it must be UTF-8")
        if text is None or text in {"quit", "q", "end"}:
            return False
        try:
            self._do(text)
        except LabError as error:
            self._say(f"{error.message}. {error.hint}".rstrip())
        return True

    def _do(self, text: str) -> None:
        item = self._runner.item
        if isinstance(item, QuestionItem) and text.casefold() in choice_labels(
            choice_texts(item.question, self._values())
        ):
            self._answer(item, text)
            return
        match text:
            case "":
                self._told = None
            case "help" | "?":
                self._say(self._wanted())
                self._list(COMMANDS.splitlines())
            case "hint" | "h":
                self._hint()
            case "skip":
                self._runner.skip()
            case "mend" | "u":
                self._mend()
            case "mend all" | "U":
                self._mend(everything=True)
            case "next" | "n" if self._runner.progress.finished_at is not None:
                self._say(FREE)
            case "next" | "n":
                self._next()
            case "retry" | "r":
                self._retry()
            case _:
                self._line(text)

    def _line(self, text: str) -> None:
        """What is no single word of a lesson: a wait, a look, an answer, an action."""
        item = self._runner.item
        words = text.split()
        if words[0] in {"wait", "w"}:
            self._wait(text.partition(" ")[2].strip())
        elif (found := self._looks.look(words, hiding=self._hiding)) is not None:
            self._list(found)
        elif text.startswith(":"):
            self._perform(text[1:].strip())
        elif isinstance(item, QuestionItem):
            try:
                self._answer(item, text)
            except UserError:
                if not {words[0], " ".join(words[:2])} & VERBS.keys():
                    raise
                self._perform(text)
        else:
            self._perform(text)

    def _answer(self, item: QuestionItem, text: str) -> None:
        self._runner.answer(text)
        if not item.checked:
            value = self._runner.progress.answers[item.id].value
            locked = f"{value:g} {item.question.unit}".rstrip() if isinstance(value, float) else value
            self._say(f"Locked: {locked}.")

    def _perform(self, text: str) -> None:
        """Does something to the lab. A question that is open stays so, and is asked again."""
        action = attach_file(parse_words(tokenize(text), self._runner.compiled.layout))
        self._act(lambda: self._session.act(action))
        if isinstance(self._runner.item, QuestionItem):
            self._told = None

    # -- waiting

    def _wait(self, what: str) -> None:
        """`wait`, `wait SECONDS`, `wait until CONDITION`.

        Raises:
            LabError: it did not come about, or says nothing.
        """
        until, _, line = what.partition(" ")
        if until == "until":
            written = parse_condition_line(line)
            wanted = compile_condition(written, self._runner.compiled.layout)
            player = ActionPlayer(self._session, fast=False)
            with player.watch(wanted) as watch:

                def came() -> bool:
                    player.catch_up()
                    return watch.held_at is not None

                if self._await(f"until {format_condition(written)}", came):
                    self._say("It is so.")
        elif what:
            ends = self._session.engine.now() + _seconds(what)
            if self._await(f"{_seconds(what):g} s", lambda: self._session.engine.now() >= ends, inf):
                self._say("The time is over.")
        elif isinstance(item := self._runner.item, TaskItem):
            do = render(item.task.do, self._values())
            self._await(f"until this is done: {do}", lambda: self._runner.item is not item)
        else:
            self._say(self._wanted())

    def _await(self, what: str, true: Callable[[], bool], most: float | None = None) -> bool:
        """Lets the lab go on until something is true; whether it is: a line that a learner types ends it.

        Raises:
            LabError: it was not within `most` seconds of the lab, `WAIT` if left out.
        """
        most = WAIT if most is None else most
        limit = f", {most:g} s at most," if most < inf else ""
        end = " Enter ends the wait." if self._live else ""
        self._say(f"Waiting{limit} {what.removesuffix('.')}.{end}")
        ends = self._session.engine.now() + most
        while not true():
            if self._session.ended:
                return False
            if self._live and not self._lines.empty():
                self._say("The wait ends here.")
                return False
            if self._session.engine.now() > ends:
                raise LabError(f"not so after {most:g} s", "wait again, or type hint for help")
            self._look(LOOK)
        return True

    # -- help

    def _wanted(self) -> str:
        """What the learner is at."""
        match self._runner.item:
            case QuestionItem(checked=False):
                return "A prediction is wanted: type it. You may look and act first, too."
            case QuestionItem():
                return "An answer is wanted: type it. You may look and act first."
            case TaskItem():
                return "A task is open: do it, or type hint."
            case _:
                return self._over()

    def _mend(self, *, everything: bool = False) -> None:
        """Mends the latest fault, or all; where one is to be found, only those made by an action told of."""
        state, own = self._session.state, self._hiding
        latest = latest_cure(state, own=own)
        found = find_cures(state, own=own) if everything or latest is None else [latest]
        if not found:
            raise LabError("nothing is broken", "type status to hear what is true in the lab")
        self._list(f"> {cure}" for cure in found)
        self._act(lambda: [self._session.act(cure) for cure in found])

    def _hint(self) -> None:
        item = self._runner.item
        if isinstance(item, QuestionItem):
            told = "guess, the lab will tell" if not item.checked else "a wrong one tells where to look"
            self._say(f"Hints are for tasks. Here an answer is wanted: {told}.")
            return
        self._runner.hint()
        task = self._runner.progress.current_task(self._runner.compiled)
        hints = self._runner.progress.tasks[task.id].hints if task else ()
        if task is None or not hints:
            self._say("There is nothing to do here.")
        elif hints[-1].startswith(ANSWER_PREFIX):
            self._say("The answer, line by line:")
            self._list(f"  {text}" for text in solution_lines(task, self._values()))
        else:
            self._say(hints[-1])

    def _retry(self) -> None:
        step = self._runner.progress.step_index
        self._say("A moment: the lab is being put into this step's beginning.")
        self._place(lambda: checkpoints.restore(self._session, self._runner.compiled, step))
        self._runner.begin(step)
        self._shown, self._told = (-1, 0), None


def _seconds(word: str) -> float:
    """A time to wait, s.

    Raises:
        UserError: it is none.
    """
    try:
        found = float(word.removesuffix("s"))
    except ValueError:
        found = -1.0
    if not 0 <= found <= 600:
        raise UserError(f"cannot wait {word!r}", "wait, wait 5 or wait until owner db2")
    return found
