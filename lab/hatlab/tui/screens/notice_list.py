"""The notices so far, to be read again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from hatlab.describe.shown_clock import show_moment
from hatlab.tui.screens.dialog import Dialog, dialog_box
from hatlab.tui.widgets.line_widget import styled
from hatlab.tui.widgets.notice_line import Notice
from hatlab.util.safe_text import safe_text


class NoticeList(Dialog[None]):
    """Each notice in full, the latest first.

    Args:
        notices: the oldest first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,M,enter", "dismiss", "close", id="notices.close", tooltip="Close the list")
    ]

    def __init__(self, notices: Sequence[Notice]) -> None:
        super().__init__()
        self._notices = notices[::-1]

    def compose(self) -> ComposeResult:
        blocks = [_notice_block(notice) for notice in self._notices]
        none = styled(("There has been no message yet.", "quiet"))
        with dialog_box("messages", "↑↓ scroll · Esc close"), VerticalScroll(id="notice-scroll"):
            yield Static(Content("\n\n").join(blocks) if blocks else none, id="notice-text")

    def on_mount(self) -> None:
        self.query_one("#notice-scroll").focus()


def _notice_block(notice: Notice) -> Content:
    first, *rest = map(safe_text, notice.text.split("\n"))
    head = styled((f"{show_moment(notice.at, 0)}  ", "quiet"), (first, notice.style))
    return Content("\n").join([head, *(Content(f"       {line}") for line in rest)])
