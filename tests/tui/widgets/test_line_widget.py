"""A widget of lines repaints what changed, and leaves nothing behind."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.content import Content
from textual.strip import Strip

from hatlab.tui.widgets.line_widget import LineWidget, shortened, split_strip, styled
from tests.tui.apps import wait_for
from tests.tui.simulated import screen_lines


class Rows(LineWidget):
    """As many lines as it has rows, but one where there are only two."""

    def build(self) -> list[Content]:
        height = self.content_size.height
        return [styled(f"line {k} of {height}") for k in range(height if height > 2 else 1)]


class OneLineWidget(App[int]):
    CSS = "Rows { height: 4; } Rows.-low { height: 2; }"

    def compose(self) -> ComposeResult:
        yield Rows()


async def test_a_widget_that_shrinks_leaves_no_line_behind() -> None:
    app = OneLineWidget()
    async with app.run_test(size=(20, 6)) as pilot:
        await wait_for(pilot, lambda: "line 3 of 4" in screen_lines(pilot)[3], "four lines")
        app.query_one(Rows).add_class("-low")
        await wait_for(pilot, lambda: "line 0 of 2" in screen_lines(pilot)[0], "one line")
        assert not "".join(screen_lines(pilot)[1:]).strip()


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        ("all of it", 9, "all of it"),
        ("✖ NO ANSWER for 12.3 s: timeout, 129 tries", 40, "✖ NO ANSWER for 12.3 s: timeout, 129 …"),
        ("⚑ 2 faults: mysqld is down on db1, heartbeat is cut", 38, "⚑ 2 faults: mysqld is down on db1 …"),
        ("keepalived", 6, "keepa…"),
        ("a keepalived-with-a-long-name", 12, "a keepalive…"),
        ("停止停止停止 mysqld", 9, "停止停 …"),
    ],
)
def test_a_line_is_cut_behind_a_word(text: str, width: int, short: str) -> None:
    assert shortened(Content(text), width).plain == short
    assert shortened(Content(text), width).cell_length <= width


def test_a_row_is_split_wherever_its_parts_begin_also_beyond_its_end() -> None:
    """A moment or a selection may be of a wider terminal than the one that is drawn."""
    row = Strip([Segment("ab"), Segment("cdef")], 6)
    for start in range(9):
        for end in range(start, 9):
            texts = [part.text for part in split_strip(row, start, end)]
            assert texts == ["abcdef"[:start], "abcdef"[start:end], "abcdef"[end:]]
