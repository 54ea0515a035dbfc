"""Notices: in a line of their own, one after the other, and to be read again."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.tui.screens.menu import ActionMenu
from hatlab.tui.screens.notice_list import NoticeList
from hatlab.tui.widgets.header import Banner
from hatlab.tui.widgets.notice_line import NoticeLine
from tests.support.story_engine import StoryEngine
from tests.tui.apps import RunningApp, running
from tests.tui.learning import SMALL, WIDE
from tests.tui.simulated import screen_lines

LONG = "what does not fit into one line of eighty columns, however many words it has, is cut after a word"


def line_two(lab: RunningApp) -> str:
    return screen_lines(lab.pilot)[1]


async def test_a_notice_waits_until_the_one_before_it_could_be_read(lab: RunningApp) -> None:
    lab.app.show_notice("first")
    lab.app.show_notice("second")
    await lab.until(lambda: "first" in line_two(lab), "the first")
    assert "second" in lab.notices
    await lab.until(lambda: "second" in line_two(lab), "the second")
    assert "first" not in lab.notices


async def test_a_notice_that_is_no_more_true_goes_and_can_be_read_again(lab: RunningApp) -> None:
    lab.app.show_notice("one moment")
    await lab.until(lambda: "one moment" in line_two(lab), "the notice")
    lab.app.withdraw_notice("one moment")
    await lab.until(lambda: not line_two(lab).strip(), "its end")
    listed = await lab.reach(NoticeList, "M")
    assert "one moment" in "\n".join(screen_lines(lab.pilot))
    assert listed._notices[0].text == "one moment"


async def test_answers_to_earlier_keys_are_taken_away_and_alarms_stay(lab: RunningApp) -> None:
    for text, severity in (("Not yet: answer first.", "information"), ("the disk is full", "error")):
        lab.app.show_notice(text, severity)  # type: ignore[arg-type]
    await lab.until(lambda: "Not yet" in line_two(lab), "the notice")
    lab.app.withdraw_answers()
    await lab.until(lambda: "the disk is full" in line_two(lab), "the alarm")
    assert "Not yet" not in lab.notices


async def test_a_recording_that_ends_on_a_full_disk_is_told_once(lab: RunningApp) -> None:
    lost = e.Dropped(at=8.0, count=1, where="the recording ends here: No space left on device")
    lab.app.session.emit([lost])
    await lab.until(lambda: "No space left on device" in lab.notices, "the notice")
    lab.app.session.emit([lost])
    await lab.wait_until_seen()
    assert [notice.text for notice in lab.app.notices].count(lab.app.notices[-1].text) == 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (LONG, "what does not fit into one line of eighty columns, however many …"),
        (f"✖ Set it\n{LONG}", "✖ Set it"),
        (f"✔ Set it\nFixed: it was not set.\n{LONG}", "✔ Set it · Fixed: it was not set."),
    ],
)
async def test_the_rest_of_a_long_notice_is_read_with_a_key(text: str, kept: str) -> None:
    async with running(size=SMALL) as lab:
        lab.app.show_notice(text, "error", seconds=60)
        await lab.until(lambda: kept[:8] in line_two(lab), "the notice")
        shown = line_two(lab)
        assert shown.rstrip().endswith("M: show all")
        assert shown.removesuffix("M: show all ").strip() == kept, "whole lines, or cut after a word"
        await lab.reach(NoticeList, "M")
        assert "is cut after a word" in "\n".join(screen_lines(lab.pilot))


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=str)
async def test_an_alarm_keeps_its_name_and_cuts_no_notice(size: tuple[int, int]) -> None:
    async with running(StoryEngine(36.0), size=size) as lab:
        assert lab.app.screen.query_one(Banner).sentences
        lab.app.show_notice("✔ Cut the heartbeat", seconds=60)
        await lab.until(lambda: "✔ Cut the heartbeat" in line_two(lab), "the notice")
        assert "⚠ SPLIT BRAIN" in line_two(lab)
        longer = f"as much as fits into the line {'x' * (size[0] - 32)}"
        lab.app.show_notice(longer, seconds=60)
        await lab.until(lambda: "as much as fits" in line_two(lab), "the longer one")
        assert line_two(lab).strip() == longer
        assert "⚠ SPLIT BRAIN" in screen_lines(lab.pilot)[0]
        lab.app.clear_notifications()
        await lab.until(lambda: "⚠ SPLIT BRAIN" in line_two(lab), "the banner")
        assert "⚠ SPLIT BRAIN" not in screen_lines(lab.pilot)[0]


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=str)
async def test_a_notice_stands_beneath_a_dialog_not_over_it(size: tuple[int, int]) -> None:
    async with running(size=size) as lab:
        menu = await lab.reach(ActionMenu, "a")
        lab.app.show_notice("the lab says something", seconds=60)
        line = menu.query_one(NoticeLine)
        await lab.until(lambda: "something" in screen_lines(lab.pilot)[line.region.y], "the notice")
        assert not menu.query_one(".dialog").region.overlaps(line.region)


async def test_what_textual_itself_says_stands_there_too(lab: RunningApp) -> None:
    lab.app.notify("[b]Saved[/b] screenshot", title="Screenshot")
    await lab.until(lambda: "Screenshot: Saved screenshot" in line_two(lab), "the notice")
