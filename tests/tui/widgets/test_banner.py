"""The banner on screens of several sizes."""

from __future__ import annotations

from dataclasses import replace

from hatlab import events as e
from hatlab.state.fold import fold
from hatlab.tui.widgets.header import Banner, HeaderLine
from hatlab.tui.widgets.notice_line import Notice, notice_content
from tests.support.story_engine import StoryEngine
from tests.tui.apps import running
from tests.tui.learning import SMALL, WIDE


async def test_each_condition_is_named_and_told_in_full_where_there_is_room() -> None:
    lost = e.Condition(at=36.0, name="misdirected", present=True, detail="client still sends to db2")
    for size, told in ((SMALL, False), (WIDE, True)):
        async with running(StoryEngine(36.0), size=size) as lab:
            banner = lab.app.screen.query_one(Banner)
            banner.show(fold(lab.app.state, lost))
            (line,) = banner.build()
            assert line.plain.startswith(" ⚠ SPLIT BRAIN")
            assert "⚠ MISDIRECTED" in line.plain
            assert ("client still sends to db2" in line.plain) is told
            assert line.cell_length == size[0]


async def test_an_alarm_in_the_header_parts_nothing_that_belongs_together() -> None:
    async with running(StoryEngine(36.0), size=(140, 45)) as lab:
        header = lab.app.screen.query_one(HeaderLine)
        header.alarm = " ⚠ NO OWNER "
        assert header.view is not None
        header.view = replace(header.view, engine="sim", reason="chosen with --engine sim", faults=())
        (line,) = header.build()
        assert "simulator · chosen with --engine sim   ⚠ NO OWNER" in line.plain


def test_beside_an_alarm_a_notice_is_its_first_line() -> None:
    cut = Notice(
        "✔ Cut heartbeat between the servers\ndb1 drops 0 % → 100 % of what arrives", "information", 0, 5
    )
    shown = notice_content(cut, 56).plain
    assert shown.startswith(" ✔ Cut heartbeat between the servers ")
    assert shown.endswith("M: show all ")
    assert "db1 drops 0 %" in notice_content(cut, 90).plain
