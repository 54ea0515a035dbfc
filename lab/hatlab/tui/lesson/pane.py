"""The tutor beside the lab, or beneath the map where there is no room beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from hatlab.tui.commands import COMMANDS
from hatlab.tui.lesson.answer_input import AnswerField, AnswerRejected
from hatlab.tui.lesson.block_widgets import QuestionWidget, show_block, widget_for
from hatlab.tui.lesson.lesson_text import LessonText
from hatlab.tui.lesson.view_model import Block, ProseBlock, QuestionBlock, TaskBlock, WhatIfBlock, block_texts
from hatlab.tui.widgets.bullet_list import Bullet, BulletList
from hatlab.tui.widgets.key_bar import KeyBar
from hatlab.tui.widgets.line_widget import LineWidget, Piece, drawn, justified, styled

_DRILL_LABELS = {
    "lesson.next": "next drill",
    "lesson.skip": "give up",
    "lesson.retry": "again",
    "lesson.free": "free",
}
LESSON_KEYS = [c for c in COMMANDS if c.needs == "lesson" or c.id == "view.glossary"]
"""The keys that are of use to somebody who reads."""
DRILL_KEYS = [replace(c, label=_DRILL_LABELS[c.id]) for c in COMMANDS if c.id in _DRILL_LABELS]
"""A lesson's keys that are of use in a drill, as they are called there."""


class LessonHeader(LineWidget):
    """The lesson's title, and which page of it is shown."""

    titles = drawn[tuple[str, str]](("", ""))

    def build(self) -> list[Content]:
        lesson, page = self.titles
        left = styled((f" {lesson}", "bold accent"))
        if self.content_size.height > 1:
            return [left, styled((f" {page}", "bold"))]
        return [justified(left, styled((f"{page} ", "quiet")), self.content_size.width)]


class StatusLine(LineWidget):
    """What is waited for; at the right end, which is never cut, a clock and whether there is more to read."""

    forms = drawn[tuple[tuple[Piece, ...], ...]](())
    """The same in one or more ways, the longest first: the first that fits is shown."""
    clock = drawn[Piece | None](None)
    more = drawn[str]("")

    def build(self) -> list[Content]:
        clock = [self.clock, "  " if self.more else " "] if self.clock is not None else []
        end = styled(*clock, *[(f"{self.more} ", "bold accent")] if self.more else [])
        width, height = self.content_size
        texts = [styled(*pieces) for pieces in self.forms] or [Content("")]
        if height == 1:
            room = width - end.cell_length - 2
            text = next((text for text in texts if text.cell_length <= room), texts[-1])
            return [justified(styled(" ") + text, end, width)]
        room = width - end.cell_length - 4
        lines = [text.wrap(width - 2) for text in texts]
        fitting = (wrapped for wrapped in lines if sum(line.cell_length for line in wrapped[1:]) <= room)
        first, *rest = next(fitting, lines[-1])
        second = styled("   ") + Content(" ").join(rest) if rest else Content("")
        return [styled(" ") + first, justified(second, end, width)]


class TutorPane(Vertical):
    """One lesson's step, as far as it is revealed.

    Args:
        title: of the lesson.
        drill: it is one.
    """

    def __init__(self, title: str, *, drill: bool = False) -> None:
        super().__init__(id="tutor")
        self._title = title
        self._header, self.text, self._status = LessonHeader(), LessonText(), StatusLine()
        self._keys = KeyBar(DRILL_KEYS if drill else LESSON_KEYS)
        self._page: object = None
        self._widgets: dict[str, Widget] = {}
        self._blocks: dict[str, Block] = {}
        self.key_pressed = False
        """True once the learner has pressed a key on this page: before that they may be reading."""
        self._kept_in_sight: Widget | None = None
        """What is to be seen in another size, too."""
        self._asked: QuestionWidget | None = None
        """The question that was open last."""
        self.expects_number = False
        """True while the step is being prepared whose first question asks for a number."""
        self._put_aside = False
        """True if the learner has given the lab its keys back, until they return to the question."""
        self._keys_due = False
        """True until the next question gets the keys, which needs a place on the page first."""

    def compose(self) -> ComposeResult:
        yield self._header
        yield self.text
        yield self._status
        yield self._keys

    # -- what is shown -------------------------------------------------------------------------------------

    def start_page(self, page: object, title: str) -> bool:
        """Start a page, empty at first; return False if it is the one that is shown already."""
        self._header.titles = (self._title, title)
        if page == self._page:
            return False
        self._page = page
        self.key_pressed = False
        self.text.remove_children()
        self._widgets, self._blocks = {}, {}
        self.text.scroll_to_new(None)
        self.text.scroll_home(animate=False, immediate=True)
        return True

    def leave_out_keys(self, commands: frozenset[str]) -> None:
        """Leave these commands (their ids) out of the key bar."""
        self._keys.left_out = commands

    def show_summary(self, bullets: Iterable[Bullet]) -> None:
        """Show the page at the end."""
        self.text.mount(BulletList(bullets, classes="ending"))

    def show_blocks(self, blocks: tuple[Block, ...], *, keep_position: bool = False) -> bool:
        """Show blocks: add what is new, change what differs. Return True if there is more to read.

        The text moves on to what is new, but never away from what was not read yet, and not if it is to
        `keep_position`.
        """
        before = self._blocks
        had_text = bool(self._widgets)
        unread = had_text and not (self.key_pressed and (self.open_item_visible or not self.text.size))
        new = [block for block in blocks if block.key not in self._widgets]
        changed = [block for block in blocks if block.key in before and block != before[block.key]]
        extended = [block for block in changed if _says_more(before[block.key], block)]
        closed = {block.key for block in changed if _is_closed(block) and not _is_closed(before[block.key])}
        just_closed = _last_run(blocks, closed)
        for block in changed:
            show_block(self._widgets[block.key], block)
        for block in new:
            self._widgets[block.key] = widget_for(block)
        if new:
            self.text.mount_all(self._widgets[block.key] for block in new)
        self._blocks = {block.key: block for block in blocks}
        news = extended or ([] if unread else just_closed or new)
        if had_text and news and not keep_position:
            target = self._widgets[news[0].key]
            self.text.scroll_to_new(target, whole=self.answering and target is self.open_question)
        elif just_closed and self.key_pressed and self._is_just_below(just_closed[-1]):
            self.text.scroll_to_new(self._widgets[just_closed[-1].key], whole=True)
        self._greet_question()
        return bool(new or just_closed or extended)

    def _is_just_below(self, block: Block) -> bool:
        """Return True if a few rows of scrolling, which leave most of what is in view there, show a block."""
        height = self.text.scrollable_content_region.height
        below = self._widgets[block.key].virtual_region.bottom - (self.text.scroll_offset.y + height)
        return 0 < below <= height // 2

    def _greet_question(self) -> None:
        """Give a new question's field the keys if the text has them: it can be read on from there, too."""
        question = self.open_question
        if question is self._asked:
            return
        self._asked, self._put_aside = question, False
        if question is not None and isinstance(question.input, AnswerField) and self.text.has_focus:
            self.call_after_refresh(question.input.focus, scroll_visible=False)

    def set_status(self, *forms: tuple[Piece, ...], clock: Piece | None = None) -> None:
        """Say what is waited for, in few words, too, where it may be long, and the time that is left."""
        self._status.forms, self._status.clock = forms, clock
        self._kept_in_sight = self.open_question if self.answering else self._widget_in_sight()
        space = "▼ space" if self.has_focus_within else "▼ 4"
        arrows = ("▲" if self.text.has_more_above else "", space if self.text.has_more_below else "")
        self._status.more = " ".join(filter(None, arrows))

    def on_resize(self) -> None:
        if self._kept_in_sight is not None:
            self.text.scroll_to_new(self._kept_in_sight, whole=self.answering)

    def _widget_in_sight(self) -> Widget | None:
        """What is open, if all of it is on the screen, else what is at the top."""
        visible = [w for w in self._widgets.values() if w.region.overlaps(self.text.region)]
        if not visible:
            return None
        whole = self.open_item_visible and self.text.region.contains_region(visible[-1].region)
        return visible[-1 if whole else 0]

    @property
    def open_item_visible(self) -> bool:
        """True if what is open is on the screen, not further down or up; also before it has a place."""
        widgets = list(self._widgets.values())
        if not widgets:
            return False
        region = widgets[-1].region
        return not region.height or region.overlaps(self.text.region)

    def page_text(self) -> str:
        """Return what is shown of the step as text."""
        return "\n\n".join(self.texts())

    def texts(self) -> list[str]:
        """Return the text of each block of the step, to search in."""
        return ["\n".join(filter(None, block_texts(block))) for block in self._blocks.values()]

    def show_found_block(self, number: int) -> None:
        """Bring a block to the top."""
        self.text.scroll_to_new(list(self._widgets.values())[number])

    # -- answering -----------------------------------------------------------------------------------------

    @property
    def open_question(self) -> QuestionWidget | None:
        """The open question, None if there is none."""
        questions = [
            w for w in self._widgets.values() if isinstance(w, QuestionWidget) and w.input is not None
        ]
        return questions[-1] if questions else None

    @property
    def answering(self) -> bool:
        """True if what is typed goes to a question."""
        question = self.open_question
        return question is not None and question.input is not None and question.input.has_focus

    def reject_answer(self, reason: str) -> None:
        """Say why what was typed is no answer."""
        if self.open_question is not None:
            self.open_question.reject_answer(reason)
            self.text.scroll_to_new(self.open_question, whole=True)

    def focus_question(self) -> None:
        """Give the open question the keys and show the whole of it; else the text gets them."""
        question = self.open_question
        if question is None or question.input is None:
            self.call_after_refresh(self.text.focus)
            return
        self._put_aside = False
        self.call_after_refresh(question.input.focus, scroll_visible=False)
        self.text.scroll_to_new(question, whole=True)

    @property
    def rows_missing(self) -> int:
        """How many rows of the open question do not fit, 0 if it has not got the keys."""
        question = self.open_question
        if question is None or not self.answering:
            return 0
        return max(0, question.virtual_region.height - self.text.scrollable_content_region.height)

    def focus_after_answer(self) -> None:
        """Go to the same question if it is still open, to the next one if nothing is to be read before it.

        Else the lab has its keys again; for a number or word that is to be looked up in it, too, as a field
        takes the keys that show its panes.
        """
        if not self._blocks:  # the answer has ended a drill
            self.text.focus()
            return
        *before, last = self._blocks.values()
        if isinstance(last, QuestionBlock) and (
            last.tries
            or (before and isinstance(before[-1], QuestionBlock) and (last.choices or not last.checked))
        ):
            judged = before[-1] if before and not last.tries and _is_closed(before[-1]) else None
            self._keys_due = True
            self.call_after_refresh(self._focus_next, judged and self._widgets[judged.key])
        else:
            self.text.focus()

    def _focus_next(self, judged: Widget | None) -> None:
        """Give the open question the keys, unless what is said of the answer before it went out of view."""
        if not self._keys_due:  # the learner was quicker, and put it aside
            return
        question, height = self.open_question, self.text.scrollable_content_region.height
        if question is None or question.input is None:
            self.text.focus()
            return
        if self.text.size and not question.virtual_region.height:  # it has no place on the page yet
            self.call_after_refresh(self._focus_next, judged)
            return
        self._put_aside = self._keys_due = False
        if isinstance(judged, QuestionWidget) and judged.is_attached:
            said = judged.virtual_region.y + judged.changed_region.y
            if question.virtual_region.bottom - said > height:
                self.text.focus()
                self.text.scroll_to_new(judged)
                return
        question.input.focus(scroll_visible=False)
        self.text.scroll_to_new(question, whole=True)

    def on_answer_rejected(self, message: AnswerRejected) -> None:
        message.stop()
        if self.open_question is not None:
            self.text.scroll_to_new(self.open_question, whole=True)

    def allow_keys(self, keys: frozenset[str]) -> None:
        """Let keys that the step speaks of do what they do, also from the open question."""
        field = self.open_question.input if self.open_question is not None else None
        if isinstance(field, AnswerField):
            field.named_keys = keys

    def put_question_aside(self) -> None:
        """Give the lab its keys back."""
        self._put_aside, self._keys_due = True, False
        self.text.focus()

    @property
    def waits_for_enter(self) -> bool:
        """True if a question is open that the learner has not put aside, or a what-if."""
        if self.open_question is not None:
            return not self._put_aside
        return any(isinstance(block, WhatIfBlock) and block.is_open for block in self._blocks.values())

    @property
    def number_field(self) -> AnswerField | None:
        """The field of an open number question that the learner has not put aside; it gets every digit."""
        field = self.open_question.input if self.open_question is not None else None
        return field if isinstance(field, AnswerField) and field.number and not self._put_aside else None


def _says_more(old: Block, block: Block) -> bool:
    """Return True if more is said about what is open than before."""
    match old, block:
        case TaskBlock(), TaskBlock():
            return not (set(block.hints) <= set(old.hints) and set(block.notes) <= set(old.notes))
        case QuestionBlock(), QuestionBlock():
            return block.state == "open" and (
                block.tries > old.tries or not set(block.notes) <= set(old.notes)
            )
        case _:
            return False


def _last_run(blocks: tuple[Block, ...], closed: set[str]) -> list[Block]:
    """Return the last of the blocks that just `closed` (their keys), with nothing but prose between them."""
    run: list[Block] = []
    for block in reversed(blocks):
        if block.key in closed:
            run.insert(0, block)
        elif run and not isinstance(block, ProseBlock):
            break
    return run


def _is_closed(block: Block) -> bool:
    """Return True if there is no more to do about a block."""
    match block:
        case QuestionBlock():
            return block.state not in ("open", "locked")
        case TaskBlock():
            return block.state != "open"
        case WhatIfBlock():
            return not block.is_open
        case _:
            return True
