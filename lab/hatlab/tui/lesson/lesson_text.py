"""The tutor's scrolled text: what is new comes into sight, and what the learner's keys are at stays there."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.widget import Widget

from hatlab.tui.lesson.answer_input import RevealRequested
from hatlab.tui.lesson.block_widgets import QuestionWidget, TaskWidget, WhatIfWidget

_SCROLL_KEYS = frozenset({"up", "down", "pageup", "pagedown", "home", "end", "space"})


class LessonText(VerticalScroll, can_focus=True):
    """The text, scrolled so that what came last is seen from its beginning, and what is new in it always."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "page_down", "read on", id="tutor.space", tooltip="Read on"),
    ]

    def __init__(self) -> None:
        super().__init__(id="tutor-body")
        self._scroll_target: Widget | None = None
        """What is held in sight while the text around it changes."""
        self._whole = False
        """True if all of it is to be in view, False if it is to be at the top."""

    def on_mount(self) -> None:
        self.watch(self, "virtual_size", self._scroll_to_target, init=False)

    def scroll_to_new(self, widget: Widget | None, *, whole: bool = False) -> None:
        """Bring a widget to the top, as far as there is text, and hold it there until somebody scrolls.

        `whole`: bring all of it into view instead, with as little movement as that takes.
        """
        self._scroll_target, self._whole = widget, whole
        self.call_after_refresh(self._scroll_to_target)

    def _scroll_to_target(self) -> None:
        target = self._scroll_target
        if target is None or not target.is_attached:
            return
        region, height = target.virtual_region, self.scrollable_content_region.height
        if self._whole and region.height <= height:
            y = min(max(self.scroll_offset.y, region.bottom - height), region.y)
        else:
            kinds = QuestionWidget | TaskWidget | WhatIfWidget
            changed = target.changed_region if isinstance(target, kinds) else Region()
            y = region.y + min(changed.y, max(0, changed.bottom - height))
        self.scroll_to(y=y, animate=False)

    def on_key(self, event: events.Key) -> None:
        if event.key in _SCROLL_KEYS:
            self._scroll_target = None

    def on_mouse_scroll_up(self) -> None:
        self._scroll_target = None

    def on_mouse_scroll_down(self) -> None:
        self._scroll_target = None

    def on_reveal_requested(self, message: RevealRequested) -> None:
        """Show the question that the learner's keys are at, or at least the part of it that they are at."""
        message.stop()
        question = message.widget.parent
        fits = isinstance(question, QuestionWidget) and (
            question.virtual_region.height <= self.scrollable_content_region.height
        )
        if isinstance(question, QuestionWidget) and fits:
            self.scroll_to_new(question, whole=True)
            return
        self._scroll_target = None
        origin = message.widget.content_region.offset - self.content_region.offset + self.scroll_offset
        part = message.part.translate(origin - message.widget.scroll_offset)
        self.scroll_to_region(part, animate=False, force=True, immediate=True)

    def action_page_down(self) -> None:
        self.scroll_page_down(animate=False)

    def show_more(self) -> None:
        """Turn to what is further down, and stay there."""
        self._scroll_target = None
        self.action_page_down()

    def action_page_up(self) -> None:
        self.scroll_page_up(animate=False)

    @property
    def has_more_above(self) -> bool:
        """True if there is something to read further up."""
        return self.scroll_offset.y > 0

    @property
    def has_more_below(self) -> bool:
        """True if there is more to read further down than the empty row behind the last block."""
        return self.scroll_offset.y + 1 < self.max_scroll_y
