"""The tutor's scrolled text: what is new comes into sight, and what the learner's keys are at stays there."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.widget import Widget

from hatlab.tui.lesson.answer_input import RevealRequested
from hatlab.tui.lesson.block_widgets import QuestionWidget, TaskWidget

LAYOUT_TIME = 0.5
"""Seconds in which new text is laid out."""


class LessonText(VerticalScroll, can_focus=True):
    """The text, scrolled so that what came last is seen from its beginning, and what is new in it always."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "page_down", "read on", id="tutor.space", tooltip="Read on"),
    ]

    def __init__(self) -> None:
        super().__init__(id="tutor-body")
        self._scroll_target: Widget | None = None
        """What is to be brought to the top while the text around it is being laid out."""

    def on_mount(self) -> None:
        self.watch(self, "virtual_size", self._scroll_to_target, init=False)

    def scroll_to_new(self, widget: Widget | None) -> None:
        """Bring a widget to the top, as far as there is text, and hold it there until all is laid out."""
        self._scroll_target = widget
        self.call_after_refresh(self._scroll_to_target)
        self.set_timer(LAYOUT_TIME, lambda: self._release_target(widget))

    def _release_target(self, widget: Widget | None) -> None:
        if self._scroll_target is widget:
            self._scroll_target = None

    def _scroll_to_target(self) -> None:
        target = self._scroll_target
        if target is None or not target.is_attached:
            return
        top = target.virtual_region.y
        changed = target.changed_region if isinstance(target, QuestionWidget | TaskWidget) else Region()
        missing = changed.bottom - self.scrollable_content_region.height
        self.scroll_to(y=top + min(changed.y, max(0, missing)), animate=False)

    def on_reveal_requested(self, message: RevealRequested) -> None:
        """Show what the learner's keys are at, and move as little as possible."""
        message.stop()
        self._scroll_target = None
        origin = message.widget.content_region.offset - self.content_region.offset + self.scroll_offset
        part = message.part.translate(origin - message.widget.scroll_offset)
        self.scroll_to_region(part, animate=False, force=True, immediate=True)

    def action_page_down(self) -> None:
        self._scroll_target = None
        self.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        self._scroll_target = None
        self.scroll_page_up(animate=False)

    @property
    def has_more_above(self) -> bool:
        """True if there is something to read further up."""
        return self.scroll_offset.y > 0

    @property
    def has_more_below(self) -> bool:
        """True if there is more to read further down."""
        return self.scroll_offset.y < self.max_scroll_y
