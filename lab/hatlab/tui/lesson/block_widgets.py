"""The widgets of a tutor's blocks. Each shows a block of its kind, and may be shown another one later."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Markdown

from hatlab.tui.lesson.answer_input import AnswerField, AnswerRejected, ChoiceList
from hatlab.tui.lesson.markup import Bullet, BulletList, render_markup
from hatlab.tui.lesson.summary_page import VERDICTS
from hatlab.tui.lesson.view_model import Block, ProseBlock, QuestionBlock, TaskBlock
from hatlab.tui.widgets.line_widget import styled


class ProseWidget(Markdown):
    """Prose."""

    def __init__(self, block: ProseBlock) -> None:
        super().__init__(block.text, open_links=False)
        self._text = block.text

    def show(self, block: Block) -> None:
        if isinstance(block, ProseBlock) and block.text != self._text:
            self._text = block.text
            self.update(block.text)


class QuestionWidget(Vertical):
    """A question; while it is open with what to answer it by, beneath the word on the last try."""

    def __init__(self, block: QuestionBlock) -> None:
        super().__init__(classes="query")
        self._block = block
        self._asked, self._told = BulletList(), BulletList()
        self.field: ChoiceList | AnswerField | None = None
        if block.state == "open":
            self.field = (
                ChoiceList(block.choices)
                if block.choices
                else AnswerField(block.number, block.unit, block.near)
            )

    def compose(self) -> ComposeResult:
        yield self._asked
        yield self._told
        if self.field is not None:
            yield self.field

    def on_mount(self) -> None:
        self._draw()

    def show(self, block: Block) -> None:
        if isinstance(block, QuestionBlock) and block != self._block:
            if block.tries != self._block.tries and isinstance(self.field, AnswerField):
                self.field.clear()
            self._block = block
            if block.state != "open" and self.field is not None:
                self.field.remove()
                self.field = None
            self._draw()

    @property
    def fresh(self) -> Region:
        """Where its verdict stands."""
        return self._told.virtual_region

    def on_answer_rejected(self, message: AnswerRejected) -> None:
        message.stop()
        self.refuse(message.text)

    def refuse(self, text: str) -> None:
        """Says why an answer was none."""
        self._told.update([(("✖ ", "bold fault"), styled((text, "fault")))])

    def _draw(self) -> None:
        block = self._block
        glyph = "? " if block.checked else "◇ "
        self._asked.update([((glyph, "bold accent"), render_markup(block.ask, "bold"))])
        self._told.update([*_told(block), *_noted(block.notes)])
        self.set_class(block.state == "open", "-open")


UNKNOWN = " — something else happened, too, so it could not be measured; r begins this step anew"
"""What is said of a prediction without a truth."""


def _told(block: QuestionBlock) -> Iterator[Bullet]:
    said = styled("you said ", (block.said, "bold"))
    match block.state:
        case "open":
            if block.tries:
                again = f"  (try {block.tries})" if block.tries > 1 else ""
                yield ("✖ ", "bold fault"), render_markup(block.note) + styled((again, "quiet"))
        case "skipped":
            was = f"; it was {block.truth}" if block.truth else ""
            yield ("· ", "quiet"), styled((f"not answered{was}", "quiet"))
            if block.note:
                yield ("  ", ""), render_markup(block.note, "quiet")
        case "locked":
            yield ("● ", "accent"), said + styled((" — locked", "quiet"))
        case "unknown":
            yield ("· ", "quiet"), said + styled((UNKNOWN, "quiet"))
            if block.note:
                yield ("  ", ""), render_markup(block.note)
        case state:
            yield from _compared(block, state == "right", said)


def _compared(block: QuestionBlock, right: bool, said: Content) -> Iterator[Bullet]:
    word, tone = VERDICTS[right]
    glyph, _, word = word.partition(" ")
    was = (
        Content("")
        if (block.checked and right) or block.said == block.truth
        else styled(" — it was ", (block.truth, "bold"))
    )
    yield (f"{glyph} ", f"bold {tone}"), styled((f"{word}: ", f"bold {tone}")) + said + was
    if block.late:
        yield (
            ("  ", ""),
            styled(("You answered when it had happened already: that is fine, but no prediction.", "quiet")),
        )
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
            self.update(_job(block))


def _job(block: TaskBlock) -> Iterator[Bullet]:
    match block.state:
        case "done":
            yield ("☑ ", "bold master"), render_markup(block.do)
            if block.turned:
                yield ("  ", ""), styled((block.turned, "bold"), " · ", ("w", "bold accent"), " tells why")
        case "skipped":
            yield ("⊘ ", "quiet"), render_markup(block.do, "quiet") + styled(("  skipped", "quiet"))
        case _:
            yield ("☐ ", "bold accent"), render_markup(block.do, "bold")
    for hint in block.hints:
        first, *parts = hint.split("\n")
        yield ("  ✦ ", "vip"), render_markup(first)
        for number, _, part in (each.partition(" ") for each in parts):
            yield (f"    {number} ", "quiet"), render_markup(part)
    yield from _noted(block.notes)


def _noted(notes: tuple[str, ...]) -> Iterator[Bullet]:
    for note in notes:
        yield ("  ⚠ ", "bold warn"), render_markup(note, "warn")


class EndPage(BulletList):
    """The page at the end."""

    def __init__(self, points: list[Bullet]) -> None:
        super().__init__(classes="ending")
        self.update(points)


def widget_for(block: Block) -> ProseWidget | QuestionWidget | TaskWidget:
    """The widget of a block."""
    match block:
        case ProseBlock():
            return ProseWidget(block)
        case QuestionBlock():
            return QuestionWidget(block)
        case TaskBlock():
            return TaskWidget(block)


def show_block(item: Widget, block: Block) -> None:
    """Shows a block in the widget of one of its kind."""
    assert isinstance(item, ProseWidget | QuestionWidget | TaskWidget)
    item.show(block)
