"""The widgets of a step's blocks. Each shows a block of its kind, and may be shown another one later."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget

from hatlab.tui.keys import key_of
from hatlab.tui.lesson.answer_input import AnswerField, AnswerRejected, ChoiceList
from hatlab.tui.lesson.markup import render_markup
from hatlab.tui.lesson.summary_page import CLOSE, RIGHT, WRONG
from hatlab.tui.lesson.view_model import Block, ProseBlock, QuestionBlock, TaskBlock, WhatIfBlock
from hatlab.tui.widgets.bullet_list import Bullet, BulletList
from hatlab.tui.widgets.line_widget import styled
from hatlab.tui.widgets.prose import ProseMarkdown

NOT_MEASURED = (
    ": something else happened as well, so this could not be measured. Press {key} to restart the step."
)
"""What is said of a prediction without a truth."""
LONGEST_BAR = 16
"""Columns of the longer of two futures."""


class ProseWidget(ProseMarkdown):
    """Prose."""

    def __init__(self, block: ProseBlock) -> None:
        super().__init__(block.text)
        self._text = block.text

    def show(self, block: Block) -> None:
        if isinstance(block, ProseBlock) and block.text != self._text:
            self._text = block.text
            self.update(block.text)


class QuestionWidget(Vertical):
    """A question and what is said of its answer; while it is open, the input for it as well."""

    def __init__(self, block: QuestionBlock) -> None:
        super().__init__(classes="query")
        self._block = block
        self._question, self._verdict = BulletList(), BulletList()
        self.input: ChoiceList | AnswerField | None = None
        if block.state == "open" and block.choices:
            self.input = ChoiceList(block.choices)
        elif block.state == "open":
            self.input = AnswerField(block.number, block.unit, block.near)

    def compose(self) -> ComposeResult:
        yield self._question
        yield self._verdict
        if self.input is not None:
            yield self.input

    def on_mount(self) -> None:
        self._draw()

    def show(self, block: Block) -> None:
        if isinstance(block, QuestionBlock) and block != self._block:
            if block.tries != self._block.tries and isinstance(self.input, AnswerField):
                self.input.clear()
            self._block = block
            if isinstance(self.input, ChoiceList):
                self.input.show_judged(block.right, block.wrong)
            if block.state != "open" and self.input is not None:
                self.input.remove()
                self.input = None
            self._draw()

    @property
    def changed_region(self) -> Region:
        """Where its verdict stands."""
        return self._verdict.virtual_region

    def on_answer_rejected(self, message: AnswerRejected) -> None:
        self.reject_answer(message.text)

    def reject_answer(self, reason: str) -> None:
        """Say why what was typed is no answer."""
        self._verdict.update([(("✖ ", "bold fault"), styled((reason, "fault")))])

    def _draw(self) -> None:
        block = self._block
        glyph = "? " if block.checked else "◇ "
        self._question.update([((glyph, "bold accent"), render_markup(block.ask, "bold"))])
        self._verdict.update([*_verdict_bullets(block), *_note_bullets(block.notes)])
        self.set_class(block.state == "open", "-open")


def _verdict_bullets(block: QuestionBlock) -> Iterator[Bullet]:
    you_said = styled("you said ", (block.answer, "bold"))
    match block.state:
        case "open":
            if block.tries:
                again = f"  (try {block.tries})" if block.tries > 1 else ""
                mark = ("✖ ", "bold fault")
                if block.partly:
                    mark = ("✔ ", "bold master")
                elif block.close:
                    mark = ("~ ", "bold accent")
                yield mark, render_markup(block.note) + styled((again, "quiet"))
        case "skipped":
            text = f"not answered; it was {block.truth}" if block.truth else "not answered"
            yield ("· ", "quiet"), styled((text, "quiet"))
            if block.note:
                yield ("  ", ""), render_markup(block.note, "quiet")
        case "locked":
            yield ("● ", "accent"), you_said + styled((" — locked", "quiet"))
        case "unknown":
            yield (
                ("· ", "quiet"),
                you_said + styled((NOT_MEASURED.format(key=key_of("lesson.retry")), "quiet")),
            )
            if block.note:
                yield ("  ", ""), render_markup(block.note)
        case _:
            yield from _judged_bullets(block, you_said)


def _judged_bullets(block: QuestionBlock, you_said: Content) -> Iterator[Bullet]:
    verdict, tone = {"right": RIGHT, "close": CLOSE}.get(block.state, WRONG)
    glyph, _, word = verdict.partition(" ")
    was = styled(" — it was ", (block.truth, "bold"))
    if (block.checked and block.state == "right") or block.answer == block.truth:
        was = Content("")
    elif block.difference and block.state != "right":
        was += styled(f" ({block.difference} off)")
    yield (f"{glyph} ", f"bold {tone}"), styled((f"{word}: ", f"bold {tone}")) + you_said + was
    if block.late:
        late = "You answered after it happened. That's fine, but it doesn't count as a prediction."
        yield ("  ", ""), styled((late, "quiet"))
    if block.note:
        yield ("  ", ""), render_markup(block.note)


class TaskWidget(BulletList):
    """A task: it ticks by itself."""

    def __init__(self, block: TaskBlock) -> None:
        super().__init__(classes="job")
        self._block: TaskBlock | None = None
        self.show(block)

    def show(self, block: Block) -> None:
        if isinstance(block, TaskBlock) and block != self._block:
            self._block = block
            self.set_class(block.state == "open", "-open")
            self.update(_task_bullets(block))


def _task_bullets(block: TaskBlock) -> Iterator[Bullet]:
    match block.state:
        case "done":
            yield ("☑ ", "bold master"), render_markup(block.do)
            if block.transition:
                yield (
                    ("  ", ""),
                    styled(
                        (block.transition, "bold"),
                        " · press ",
                        (key_of("view.why"), "bold accent"),
                        " to see why",
                    ),
                )
        case "skipped":
            yield ("⊘ ", "quiet"), render_markup(block.do, "quiet") + styled(("  skipped", "quiet"))
        case _:
            yield ("☐ ", "bold accent"), render_markup(block.do, "bold")
    for hint in block.hints:
        first, *steps = hint.split("\n")
        yield ("  ✦ ", "vip"), render_markup(first)
        for step in steps:
            number, _, text = step.partition(" ")
            yield (f"    {number} ", "quiet"), render_markup(text)
    yield from _note_bullets(block.notes)


def _note_bullets(notes: tuple[str, ...]) -> Iterator[Bullet]:
    for note in notes:
        yield ("  ⚠ ", "bold warn"), render_markup(note, "warn")


class WhatIfWidget(BulletList):
    """A what-if: both futures as bars, the unchanged one dim."""

    def __init__(self, block: WhatIfBlock) -> None:
        super().__init__(classes="job")
        self._block: WhatIfBlock | None = None
        self.show(block)

    def show(self, block: Block) -> None:
        if isinstance(block, WhatIfBlock) and block != self._block:
            self._block = block
            self.set_class(block.is_open, "-open")
            self.update(_what_if_bullets(block))


def _what_if_bullets(block: WhatIfBlock) -> Iterator[Bullet]:
    if not block.is_open and not block.rows:
        yield ("⊘ ", "quiet"), render_markup(block.ask, "quiet") + styled(("  skipped", "quiet"))
        return
    yield ("↔ ", "bold accent"), render_markup(block.ask, "bold" if block.is_open else "")
    width = max((len(row.value) for row in block.rows), default=0)
    for row, tone in zip(block.rows, ("quiet", "bold accent"), strict=False):
        bar = "━" * max(1, round(row.share * LONGEST_BAR)) if row.share else ""
        yield ("  ", ""), styled((f"{row.name:<9}{row.value:>{width}}  {bar}".rstrip(), tone))
    for text, tone in ((block.difference, "bold"), (block.why, ""), (block.note, "quiet")):
        if text:
            yield ("  ", ""), render_markup(text, tone)


def widget_for(block: Block) -> ProseWidget | QuestionWidget | TaskWidget | WhatIfWidget:
    """Return a new widget that shows a block."""
    match block:
        case ProseBlock():
            return ProseWidget(block)
        case QuestionBlock():
            return QuestionWidget(block)
        case TaskBlock():
            return TaskWidget(block)
        case WhatIfBlock():
            return WhatIfWidget(block)


def show_block(widget: Widget, block: Block) -> None:
    """Show a block in the widget of one of its kind."""
    assert isinstance(widget, ProseWidget | QuestionWidget | TaskWidget | WhatIfWidget)
    widget.show(block)
