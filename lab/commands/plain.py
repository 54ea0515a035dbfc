"""A lesson as plain text: lines in, lines out, nothing moves; for screen readers and demonstrations."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from typing import IO

from lab import events as e
from lab.actions import from_words
from lab.errors import LabError, UserError
from lab.lessons import stage
from lab.lessons.course import names_of, value_of
from lab.lessons.guide import Guide
from lab.lessons.measures import Seen
from lab.lessons.model import Asked, Given, Prose
from lab.lessons.player import Player
from lab.lessons.progress import Remark
from lab.lessons.telling import fill, shown, told
from lab.lessons.trace import Trace
from lab.lessons.words import cut
from lab.printer import Condenser, line
from lab.session import Session

COMMANDS = """\
hint      a hint; each is plainer than the one before
skip      go on without this
next      the next step, once this one is over
wait      until this task is done, a minute at most; for whoever pipes the answers in
retry     this step again, from its beginning
status    what is true in the lab
quit      end the lab; your progress is kept
Anything else is an action, as in: kill mysqld db1 (all of them: hatlab do --help)
"""
READING = 14.0
"""Characters a second that a demonstration leaves to read; at most `PATIENCE` seconds."""
PATIENCE = 6.0
LOOK = 0.1
WAIT = 60.0
"""Seconds of the lab that `wait` may take."""
TOLD = e.Vrrp | e.Address | e.Process | e.Node | e.Link | e.Filter | e.Action | e.Outage | e.Condition | e.Why
"""What happened in the lab and is worth a line between a lesson's sentences."""


class Plain:
    """One lesson over text.

    Args:
        session: started.
        guide: the lesson, not begun.
        out: where to write.
        typed: the lines a learner types; None: a demonstration, which plays the solutions itself.
        note: called when something of the progress may have changed.
    """

    def __init__(
        self,
        session: Session,
        guide: Guide,
        out: IO[str],
        typed: Iterable[str] | None,
        note: Callable[[], None] = lambda: None,
    ) -> None:
        self._session, self._guide, self._out, self._note = session, guide, out, note
        self._lines: queue.Queue[str | Exception | None] = queue.Queue()
        self._auto = typed is None
        self._typed = typed
        self._reader = session.reader()
        self._condenser = Condenser()
        self._told: object = None
        self._told_until = 0.0
        self._remarks = 0
        self._shown = (-1, 0)

    def run(self, step: int = 0) -> int:
        """Leads through the lesson from a step on; 0 when it is finished or the learner quits.

        Raises:
            LabError: the lab failed.
        """
        if self._typed is not None:
            threading.Thread(target=self._listen, name="stdin", daemon=True).start()
        self._look()
        self._say(f"# {self._guide.lesson.front.title}", self._guide.lesson.intro)
        if step:
            stage.put(self._session, self._guide.ready, step)
        else:
            stage.enter(self._session, self._guide.ready, 0)
        self._look()
        self._guide.begin(step)
        while not self._session.ended:
            self._look()
            self._show()
            if self._guide.begun.finished is not None:
                self._end()
                return 0
            if not (self._demonstrate() if self._auto else self._obey()):
                return 0
        if self._session.error is not None:
            raise self._session.error
        return 0

    # -- out

    def _say(self, *texts: str) -> None:
        for text in texts:
            if text.strip():
                self._out.write(f"{fill(text, self._values()).strip()}\n\n")
        self._out.flush()
        if self._auto:
            self._watch(min(PATIENCE, sum(map(len, texts)) / READING / 4))

    def _values(self) -> dict[str, float | str | None]:
        progress, course = self._guide.progress, self._guide.course
        return dict(progress.captures) if progress else names_of(course.layout) if course else {}

    def _look(self, timeout: float = 0.0) -> None:
        """Takes in what happened, and says what of it a learner must know."""
        batch = self._reader.drain(timeout)
        self._guide.feed(batch)
        if batch.rewound:
            self._told_until = batch.told_until
        if self._guide.progress is None:
            return
        for event in batch.events:
            if event.at > self._told_until and isinstance(event, TOLD) and self._condenser.wants(event):
                self._out.write(f"  | {line(event).partition(chr(10))[0]}\n")
        self._speak()
        self._note()

    def _speak(self) -> None:
        """What the tutor has said since."""
        remarks = self._guide.begun.remarks
        for remark in remarks[self._remarks :]:
            texts = [text for text in self._remark(remark) if text]
            self._out.write("".join(f"\n{text}\n" for text in texts) + "\n")
        self._remarks = len(remarks)
        self._out.flush()

    def _remark(self, remark: Remark) -> tuple[str, ...]:
        match remark.kind:
            case "done":
                return (f"Done: {fill(remark.text, self._values())}",)
            case "wrong turn":
                return (f"Not so: {remark.text}",)
            case "lab":
                return (f"The lab: {remark.text} `retry` puts it right.",)
            case _:
                return self._compared(remark.about), remark.text

    def _show(self) -> None:
        """Prose up to what is open, and what is open."""
        progress = self._guide.begun
        items = self._guide.lesson.steps[progress.step].items
        step, upto = self._shown
        if step != progress.step:
            steps = len(self._guide.lesson.steps)
            self._say(
                f"## Step {progress.step + 1} of {steps}: {self._guide.lesson.steps[progress.step].title}"
            )
            upto = 0
        self._shown = (progress.step, progress.item)
        for item in items[upto : progress.item]:
            if isinstance(item, Prose):
                self._say(item.text)
        opened = self._guide.item
        if opened is not self._told:
            self._told, self._hints = opened, 0
            self._open(opened)

    def _open(self, item: object) -> None:
        if isinstance(item, Asked):
            kind = "Question" if item.checked else "Predict"
            choices = [f"  {k}. {c.text}" for k, c in enumerate(item.question.choices, 1)]
            unit = f" (a number of {item.question.unit})" if item.question.unit else ""
            self._say("\n".join([f"{kind}: {item.question.ask}{unit}", *choices]))
        elif isinstance(item, Given):
            limit = item.task.limit
            clock = f" (This step's clock: {limit:g} s from its beginning.)" if limit is not None else ""
            self._say(f"To do: {item.task.do}{clock}")
        elif self._guide.begun.finished is None and not self._auto:
            self._say("This step is over. `next` goes on.")

    def _compared(self, name: str) -> str:
        """A prediction beside the truth; empty for a question that was checked at once."""
        posed, own = self._guide.ready.questions[name], self._guide.begun.answers[name]
        checked = any(asked.checked for _, asked in self._guide.lesson.questions() if asked.id == name)
        if checked:
            return ""
        verdict = "right" if own.right else "not so"
        unit = f" {posed.question.unit}".rstrip()
        late = " (locked after it had happened)" if own.late else ""
        return (
            f"{fill(posed.question.ask, self._values())} You said: {shown(own.value)}{unit}. "
            f"It was: {shown(own.truth)}{unit}. {verdict.capitalize()}{late}."
        )

    def _end(self) -> None:
        progress = self._guide.begun
        goals = [f"- {goal}" for goal in self._guide.lesson.front.goals]
        right = sum(a.right is True for a in progress.answers.values())
        hints = sum(len(task.hints) for task in progress.tasks.values())
        skipped = sum(task.skipped for task in progress.tasks.values())
        self._say(
            "# The end of this lesson",
            "\n".join(["You can now:", *goals]) if goals else "",
            f"Answers right: {right} of {len(progress.answers)}. Hints: {hints}. Tasks skipped: {skipped}.",
        )

    # -- in

    def _listen(self) -> None:
        assert self._typed is not None, "a demonstration has no listener"
        try:
            for text in self._typed:
                self._lines.put(text.strip())
        except (UnicodeDecodeError, OSError) as error:
            self._lines.put(error)
        self._lines.put(None)

    def _obey(self) -> bool:
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
            case "next" | "n":
                self._next()
            case "retry" | "r":
                self._retry()
            case "status":
                from lab.summary import lines, summary

                self._say("\n".join(lines(summary(self._session.state))))
            case _ if isinstance(self._guide.item, Asked):
                self._guide.answer(text)
            case _:
                layout = self._guide.ready.layout
                self._act(lambda: self._session.act(from_words(cut(text), layout)))

    def _act(self, work: Callable[[], object]) -> None:
        """Does something to the lab while the tutor goes on watching.

        Raises:
            LabError: it failed.
        """
        failed: list[LabError] = []

        def run() -> None:
            try:
                work()
            except LabError as error:
                failed.append(error)

        thread = threading.Thread(target=run, name="act", daemon=True)
        thread.start()
        while thread.is_alive():
            self._look(LOOK)
        if failed:
            raise failed[0]

    def _wait(self) -> None:
        item = self._guide.item
        ends = self._session.engine.now() + WAIT
        while self._guide.item is item and isinstance(item, Given) and not self._session.ended:
            if self._session.engine.now() > ends:
                raise LabError(f"not done after {WAIT:g} s", "`hint` helps")
            self._look(LOOK)

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

    def _next(self) -> None:
        if self._guide.item is not None:
            self._say("This step is not over yet. `hint` helps; `skip` goes on without.")
            return
        step = self._guide.begun.step + 1
        if stage.staged(self._guide.ready, step):
            self._say("A moment: the lab is being put in place.")
        self._place(lambda: stage.enter(self._session, self._guide.ready, step))
        self._guide.next_step()

    def _retry(self) -> None:
        step = self._guide.begun.step
        self._say("A moment: the lab is being put into this step's beginning.")
        self._place(lambda: stage.put(self._session, self._guide.ready, step))
        self._guide.begin(step)
        self._shown, self._told = (-1, 0), None

    def _place(self, work: Callable[[], object]) -> None:
        """Puts the lab in place; a lesson goes on also where that failed."""
        self._guide.placing = True
        try:
            self._act(work)
        except LabError as error:
            self._say(f"{error.message}. {error.hint}".rstrip())
        self._look()
        self._guide.placing = False

    # -- a demonstration

    def _watch(self, seconds: float) -> None:
        ends = self._session.engine.now() + seconds
        while self._session.engine.now() < ends and not self._session.ended:
            self._look(LOOK)

    def _demonstrate(self) -> bool:
        """Does what a learner would."""
        item = self._guide.item
        if isinstance(item, Asked):
            answer = self._some_answer(item)
            self._say(f"Answered: {answer}")
            self._guide.answer(answer)
        elif isinstance(item, Given):
            ready = self._guide.ready.tasks[item.id]
            for deed in item.task.solution:
                self._say(f"> {told(deed)}")
            player = Player(self._session, fast=False)
            self._act(lambda: player.play(ready.solution))
            self._await(item)
        else:
            self._watch(2.0)
            self._next()
        return True

    def _some_answer(self, item: Asked) -> str:
        """The right one to a question; to a prediction the first choice, or none."""
        if not item.checked:
            return item.question.choices[0].text if item.question.choices else "1"
        posed = self._guide.ready.questions[item.id]
        ends = self._session.engine.now() + 10
        while self._session.engine.now() < ends:
            progress = self._guide.begun
            task = progress.task(self._guide.ready)
            at = self._guide.state.at
            trace = progress.tasks[task.id].trace if task else Trace(at, last=progress.last)
            value = value_of(posed, Seen(self._guide.state, trace), progress.captures)
            if value is not None:
                return shown(value, 6)
            self._look(LOOK)
        raise LabError(f"the answer to {item.id} cannot be measured", "hatlab verify tells more")

    def _await(self, item: Given) -> None:
        """Until a task is done.

        Raises:
            LabError: its solution does not pass.
        """
        ends = self._session.engine.now() + item.task.within
        while self._guide.item is item:
            if self._session.engine.now() > ends or self._session.ended:
                raise LabError(f"the solution of {item.id} does not pass here", "hatlab verify tells more")
            self._look(LOOK)
