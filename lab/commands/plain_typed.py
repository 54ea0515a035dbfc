"""A lesson as plain text, for a learner who types: lines in, lines out; for screen readers and pipes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from typing import IO

from lab.actions import from_words
from lab.commands.plain import LOOK, Plain
from lab.errors import LabError, UserError
from lab.faults import latest_cure
from lab.lessons import stage
from lab.lessons.guide import Guide
from lab.lessons.model import Asked, Given
from lab.lessons.words import cut
from lab.session import Session

WORDS = ("help", "hint", "wait", "next", "retry", "quit")
"""What a learner is told of at first; `help` tells the rest."""
COMMANDS = """\
hint      a hint; each is plainer than the one before
skip      go on without this
mend      what you broke last, mended (also: u)
next      the next step, once this one is over
wait      until this task is done, a minute at most; for whoever pipes the answers in
retry     this step again, from its beginning
status    what is true in the lab
quit      end the lab; your progress is kept
Anything else is an action, as in: kill mysqld db1 (all of them: hatlab do --help)
"""
WAIT = 60.0
"""Seconds of the lab that `wait` may take."""


class Typed(Plain):
    """One lesson over text, as `Plain`; `typed`: the lines a learner types."""

    def __init__(
        self,
        session: Session,
        guide: Guide,
        out: IO[str],
        typed: Iterable[str],
        note: Callable[[], None] = lambda: None,
        following: str = "",
    ) -> None:
        super().__init__(session, guide, out, note, following)
        self._typed = typed
        self._lines: queue.Queue[str | Exception | None] = queue.Queue()

    def _greet(self) -> None:
        threading.Thread(target=self._listen, name="stdin", daemon=True).start()
        self._say(f"(Typed here: answers, actions, and {', '.join(WORDS)}.)")

    def _over(self) -> str:
        return "This step is over. Type next to go on."

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
        match text:
            case "":
                self._told = None
            case "help" | "?":
                self._say(COMMANDS)
            case "hint" | "h":
                self._hint()
            case "wait" | "w":
                self._wait()
            case "skip":
                self._guide.skip()
            case "mend" | "u":
                self._mend()
            case "next" | "n":
                self._next()
            case "retry" | "r":
                self._retry()
            case "status":
                from lab.summary import lines, summary

                self._say("\n".join(lines(summary(self._session.state))))
            case _ if isinstance(item := self._guide.item, Asked):
                self._guide.answer(text)
                if not item.checked:
                    self._say("Locked.")
            case _:
                layout = self._guide.ready.layout
                self._act(lambda: self._session.act(from_words(cut(text), layout)))

    def _wait(self) -> None:
        item = self._guide.item
        ends = self._session.engine.now() + WAIT
        while self._guide.item is item and isinstance(item, Given) and not self._session.ended:
            if self._session.engine.now() > ends:
                raise LabError(f"not done after {WAIT:g} s", "type hint for help")
            self._look(LOOK)

    def _mend(self) -> None:
        cure = latest_cure(self._session.state, own=True)
        if cure is None:
            raise LabError("you broke nothing that still is", "type status to hear what is true in the lab")
        self._say(f"> {cure}")
        self._act(lambda: self._session.act(cure))

    def _hint(self) -> None:
        if isinstance(self._guide.item, Asked):
            told = (
                "guess, the lab will tell"
                if not self._guide.item.checked
                else "a wrong one tells where to look"
            )
            self._say(f"Hints are for tasks. Here an answer is wanted: {told}.")
            return
        self._guide.hint()
        task = self._guide.begun.task(self._guide.ready)
        hints = self._guide.begun.tasks[task.id].hints if task else ()
        self._say(hints[-1] if hints else "There is nothing to do here.")

    def _retry(self) -> None:
        step = self._guide.begun.step
        self._say("A moment: the lab is being put into this step's beginning.")
        self._place(lambda: stage.put(self._session, self._guide.ready, step))
        self._guide.begin(step)
        self._shown, self._told = (-1, 0), None
