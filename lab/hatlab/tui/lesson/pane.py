"""The tutor beside the lab, or beneath the map where there is no room beside it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from hatlab.tui.commands import COMMANDS
from hatlab.tui.lesson.answer_input import AnswerCancelled, RevealRequested
from hatlab.tui.lesson.block_widgets import QuestionWidget, TaskWidget, show_block, widget_for
from hatlab.tui.lesson.view_model import Block, ProseBlock, QuestionBlock, TaskBlock
from hatlab.tui.widgets.bars import KeyBar
from hatlab.tui.widgets.line_widget import LineWidget, Piece, justified, styled

SETTLED = 0.5
"""Seconds in which new text is laid out."""


class ContinueRequested(Message):
    """Enter in the text: to the open question, or on."""


class LessonText(VerticalScroll, can_focus=True):
    """The text, scrolled so that what came last is seen from its beginning, and what is new in it anyway."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "onward", "on", id="tutor.enter", tooltip="Answer, or go on"),
        Binding("space", "read_on", "read on", id="tutor.space", tooltip="Read on"),
    ]

    def __init__(self) -> None:
        super().__init__(id="tutor-body")
        self._aim: Widget | None = None

    def on_mount(self) -> None:
        self.watch(self, "virtual_size", self._settle, init=False)

    def scroll_to_new(self, at: Widget | None) -> None:
        """Brings a widget to the top, as far as there is text, while what is around it is being laid out."""
        self._aim = at
        self.call_after_refresh(self._settle)
        self.set_timer(SETTLED, lambda: self._let_go(at))

    def _let_go(self, at: Widget | None) -> None:
        if self._aim is at:
            self._aim = None

    def _settle(self) -> None:
        aim = self._aim
        if aim is None or not aim.is_attached:
            return
        top = aim.virtual_region.y
        fresh = aim.fresh if isinstance(aim, QuestionWidget | TaskWidget) else Region()
        missing = fresh.bottom - self.scrollable_content_region.height
        self.scroll_to(y=top + min(fresh.y, max(0, missing)), animate=False)

    def on_reveal_requested(self, message: RevealRequested) -> None:
        """What the learner's keys are at is seen, and as little as possible moves."""
        message.stop()
        self._aim = None
        origin = message.widget.content_region.offset - self.content_region.offset + self.scroll_offset
        part = message.part.translate(origin - message.widget.scroll_offset)
        self.scroll_to_region(part, animate=False, force=True, immediate=True)

    def action_onward(self) -> None:
        self.post_message(ContinueRequested())

    def action_read_on(self) -> None:
        self.action_page_down()

    def action_page_down(self) -> None:
        self._aim = None
        self.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        self._aim = None
        self.scroll_page_up(animate=False)

    @property
    def above(self) -> bool:
        """Whether there is something to read further up."""
        return self.scroll_offset.y > 0

    @property
    def below(self) -> bool:
        """Whether there is more to read further down."""
        return self.scroll_offset.y < self.max_scroll_y


class LessonHeader(LineWidget):
    """The lesson, and which step of it."""

    words: reactive[tuple[str, str]] = reactive(("", ""), repaint=False)

    def watch_words(self) -> None:
        self.redraw()

    def build(self) -> list[Content]:
        title, place = self.words
        if self.content_size.height > 1:
            return [styled((f" {title}", "bold accent")), styled((f" {place}", "bold"))]
        return [
            justified(
                styled((f" {title}", "bold accent")), styled((f"{place} ", "quiet")), self.content_size.width
            )
        ]


class StatusLine(LineWidget):
    """What is waited for; at its right end, which is never cut, a clock and whether there is more to read."""

    pieces: reactive[tuple[Piece, ...]] = reactive((), repaint=False)
    clock: reactive[Piece | None] = reactive(None, repaint=False)
    more: reactive[str] = reactive("", repaint=False)

    def watch_pieces(self) -> None:
        self.redraw()

    def watch_clock(self) -> None:
        self.redraw()

    def watch_more(self) -> None:
        self.redraw()

    def build(self) -> list[Content]:
        clock = [self.clock, "  " if self.more else " "] if self.clock is not None else []
        end = styled(*clock, *[(f"{self.more} ", "bold accent")] if self.more else [])
        width, height = self.content_size
        if height == 1:
            return [justified(styled(" ", *self.pieces), end, width)]
        first, *rest = styled(*self.pieces).wrap(width - 2)
        second = styled("   ") + rest[0] if rest else Content("")
        return [styled(" ") + first, justified(second, end, width)]


class Tutor(Vertical):
    """One lesson's step, as far as it is revealed.

    Args:
        title: of the lesson.
    """

    def __init__(self, title: str) -> None:
        super().__init__(id="tutor")
        self._title = title
        self._head, self.body, self._status = LessonHeader(), LessonText(), StatusLine()
        self._keys = KeyBar([c for c in COMMANDS if c.needs == "lesson"])
        self._page: object = None
        self._items: dict[str, Widget] = {}
        self._blocks: dict[str, Block] = {}
        self._verdict: Widget | None = None
        """What was judged last, until the learner has gone on from it."""
        self.touched = False
        """Whether the learner has pressed a key since this page began: before that they may be reading."""
        self._stays: Widget | None = None
        """What is to be seen in another size, too."""

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.body
        yield self._status
        yield self._keys

    def turn(self, page: object, place: str) -> bool:
        """Begins another page, empty at first; whether it is another one."""
        self._head.words = (self._title, place)
        if page == self._page:
            return False
        self._page = page
        self.touched = False
        self.body.remove_children()
        self._items, self._blocks, self._verdict = {}, {}, None
        self.body.scroll_to_new(None)
        self.body.scroll_home(animate=False)
        return True

    def show(self, blocks: tuple[Block, ...], *, still: bool = False) -> bool:
        """Shows blocks: what is new is added, what differs changed. Returns whether there is more to read.

        The text moves on to what is new, but never away from what was not read yet, and not if it is to stand
        `still`.
        """
        old = self._blocks
        unread = bool(self._items) and not (self.touched and (self.open_seen or not self.body.size))
        new = [block for block in blocks if block.key not in self._items]
        added = [block for block in blocks if block.key in old and _grew(old[block.key], block)]
        ticked = _last_run(
            blocks, {b.key for b in blocks if b.key in old and _closed(b) and not _closed(old[b.key])}
        )
        for block in blocks:
            if block.key in self._items and block != old[block.key]:
                show_block(self._items[block.key], block)
        began = bool(self._items)
        for block in new:
            self._items[block.key] = widget_for(block)
        if new:
            self.body.mount_all(self._items[block.key] for block in new)
        self._blocks = {block.key: block for block in blocks}
        if ticked or added:
            self._verdict = self._items[(added or ticked)[0].key]
        goal = added or ([] if unread else ticked or new)
        if began and goal and not still:
            self.body.scroll_to_new(self._items[goal[0].key])
        return bool(new or ticked or added)

    def on_resize(self) -> None:
        if self._stays is not None:
            self.body.scroll_to_new(self._stays)

    def _in_sight(self) -> Widget | None:
        """What is open, if all of it is on the screen, else what is at the top."""
        seen = [item for item in self._items.values() if item.region.overlaps(self.body.region)]
        whole = self.open_seen and self.body.region.contains_region(seen[-1].region)
        return seen[-1 if whole else 0] if seen else None

    def put(self, page: Widget) -> None:
        """Shows one widget as the whole page."""
        self.body.mount(page)

    def tell(self, pieces: tuple[Piece, ...], clock: Piece | None = None) -> None:
        """Says what is waited for, and how much time is left for it."""
        self._status.pieces, self._status.clock = pieces, clock
        self._stays = self.question if self.answering else self._in_sight()
        space = "▼ space" if self.has_focus_within else "▼ 4"
        arrows = ("▲" if self.body.above else "", space if self.body.below else "")
        self._status.more = " ".join(filter(None, arrows))

    @property
    def question(self) -> QuestionWidget | None:
        """The open question, None if there is none."""
        found = [i for i in self._items.values() if isinstance(i, QuestionWidget) and i.field is not None]
        return found[-1] if found else None

    @property
    def open_seen(self) -> bool:
        """Whether what is open is on the screen, not further down or up."""
        items = list(self._items.values())
        return bool(items) and items[-1].region.overlaps(self.body.region)

    @property
    def answering(self) -> bool:
        """Whether what is typed goes to a question."""
        question = self.question
        return question is not None and question.field is not None and question.field.has_focus

    def refuse(self, text: str) -> None:
        """Says why an answer was none."""
        if self.question is not None:
            self.question.refuse(text)
            self.body.scroll_to_new(self.question)

    def take_keys(self) -> None:
        """Gives the open question the keys, or else the text. A verdict that came before it is read first."""
        question, verdict = self.question, self._verdict
        if question is None or question.field is None:
            self.call_after_refresh(self.body.focus)
            return
        self._verdict = None
        self.call_after_refresh(question.field.focus, scroll_visible=False)
        if not self.body.region.contains_region(question.region):
            self.body.scroll_to_new(verdict or question)

    def after_answer(self) -> None:
        """To the same question if it is open still, to the next one if nothing is to be read before it.

        Else the lab has its keys again; for a number or word that is to be looked up in it, too, as a field
        takes the keys that show its panes.
        """
        *before, last = self._blocks.values()
        if isinstance(last, QuestionBlock) and (
            last.tries
            or (before and isinstance(before[-1], QuestionBlock) and (last.choices or not last.checked))
        ):
            self.take_keys()
        else:
            self.body.focus()

    def on_answer_cancelled(self, message: AnswerCancelled) -> None:
        message.stop()
        self.body.focus()


def _grew(old: Block, block: Block) -> bool:
    """Whether more is said to what is open than before."""
    match old, block:
        case TaskBlock(), TaskBlock():
            return not (set(block.hints) <= set(old.hints) and set(block.notes) <= set(old.notes))
        case QuestionBlock(), QuestionBlock():
            return block.state == "open" and (
                block.tries > old.tries or not set(block.notes) <= set(old.notes)
            )
        case _:
            return False


def _last_run(blocks: tuple[Block, ...], ticked: set[str]) -> list[Block]:
    """Of the blocks that closed just now the last ones, with nothing but prose between them."""
    run: list[Block] = []
    for block in reversed(blocks):
        if block.key in ticked:
            run.insert(0, block)
        elif run and not isinstance(block, ProseBlock):
            break
    return run


def _closed(block: Block) -> bool:
    """Whether there is no more to do about a block."""
    match block:
        case QuestionBlock():
            return block.state not in ("open", "locked")
        case TaskBlock():
            return block.state != "open"
        case _:
            return True
