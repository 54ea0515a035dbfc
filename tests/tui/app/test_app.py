"""What a person does reaches the engine, and what happens reaches the person."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from hatlab.actions import SETTINGS, Action
from hatlab.engine.base import Engine
from hatlab.errors import ActionFailed
from hatlab.tui.map.map import Map
from hatlab.tui.map.node_box import NodeBox
from hatlab.tui.packets.pane import PacketList
from hatlab.tui.screens.action_result import ActionResult
from hatlab.tui.screens.help import HelpScreen
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.menu import ActionMenu, menu_entries
from hatlab.tui.screens.prompt import ActionPrompt
from hatlab.tui.screens.why import WhyBox, WhyList
from hatlab.tui.timeline.pane import Timeline
from hatlab.tui.widgets.header import Banner, HeaderLine
from tests.support.story_engine import StoryEngine
from tests.tui.apps import running
from tests.tui.simulated import text

KILL = Action("kill", ("mysqld", "db1"))


def test_the_fake_is_an_engine() -> None:
    engine: Engine = StoryEngine()
    assert engine.live


async def test_a_key_acts_on_the_master() -> None:
    async with running() as lab:
        await lab.press("k")
        await lab.until(lambda: lab.engine.acted == [KILL], "the kill")
        await lab.until(lambda: "before → after" in lab.notices, "its effect")


async def test_a_key_acts_on_the_chosen_node() -> None:
    async with running() as lab:
        await lab.press("m")
        await lab.press("k")
        await lab.until(lambda: lab.engine.acted == [Action("kill", ("mysqld", "db2"))], "the kill")


async def test_the_menu_filters_and_acts() -> None:
    async with running() as lab:
        await lab.press("a")
        await lab.until(lambda: isinstance(lab.app.screen, ActionMenu), "the menu")
        await lab.press(*"cut heart db2", "enter")
        await lab.until(lambda: lab.engine.acted == [Action("cut", ("heartbeat", "db2"))], "the cut")


async def test_the_menu_moves_past_headings() -> None:
    async with running() as lab:
        await lab.press("a")
        await lab.until(lambda: isinstance(lab.app.screen, ActionMenu), "the menu")
        await lab.press("down", "up", "up", "enter")
        await lab.until(lambda: lab.engine.acted == [KILL], "the first entry")


async def test_a_menu_entry_that_needs_words_opens_the_line() -> None:
    async with running() as lab:
        await lab.press("a")
        await lab.until(lambda: isinstance(lab.app.screen, ActionMenu), "the menu")
        await lab.press(*"set db2", "enter")
        await lab.until(lambda: isinstance(lab.app.screen, ActionPrompt), "the line")
        assert lab.app.screen.query_one(Input).value == "set db2 "
        await lab.press(*"priority 200", "enter")
        await lab.until(lambda: lab.engine.acted == [Action("set", ("db2", "priority", "200"))], "the set")


@pytest.mark.parametrize("setting", SETTINGS)
async def test_the_menu_finds_a_setting_by_its_name(setting: str) -> None:
    async with running() as lab:
        await lab.press("a", *setting)
        menu = lab.app.screen
        assert isinstance(menu, ActionMenu)
        first = next(choice for choice in menu._rows if choice)
        assert (first.title, first.line) == ("Set priority, advert_int … on db1", "set db1 ")


async def test_a_click_on_a_node_opens_its_menu() -> None:
    async with running() as lab:
        await lab.pilot.click("#node-db2")
        await lab.until(lambda: isinstance(lab.app.screen, ActionMenu), "the menu")
        offered = menu_entries(lab.app.state, (), "db2")
        assert offered
        assert all(choice.node == "db2" for choice in offered)


async def test_the_menu_offers_what_mends_first() -> None:
    async with running(StoryEngine(12.0)) as lab:
        await lab.press("a")
        await lab.until(lambda: isinstance(lab.app.screen, ActionMenu), "the menu")
        await lab.press("enter")
        await lab.until(lambda: lab.engine.acted == [Action("start", ("mysqld", "db1"))], "mended")


async def test_the_menu_is_found_by_what_its_entries_do() -> None:
    async with running() as lab:
        await lab.press("a")
        await lab.until(lambda: isinstance(lab.app.screen, ActionMenu), "the menu")
        menu = lab.app.screen
        assert isinstance(menu, ActionMenu)
        found = (
            ("deaf db2 heartbeat", "cut heartbeat db2"),
            ("stop keepalived db2", "stop keepalived db2"),
            ("asks a query", "sql db1 "),
            ("deaf", "cut heartbeat db1"),
            ("freeze", "freeze mysqld db1"),
        )
        for words, line in found:
            await lab.press(*words)
            await lab.until(partial(_offers, menu, line), words)
            await lab.press(*["backspace"] * len(words))


def _offers(menu: ActionMenu, line: str) -> bool:
    return next((choice.line for choice in menu._rows if choice), "") == line


async def test_a_typed_action_is_checked_before_it_is_done() -> None:
    async with running() as lab:
        await lab.press("colon")
        await lab.until(lambda: isinstance(lab.app.screen, ActionPrompt), "the line")
        await lab.press(*"loss heartbeat 400", "enter")
        assert isinstance(lab.app.screen, ActionPrompt)
        await lab.press("backspace", "enter")
        await lab.until(lambda: lab.engine.acted == [Action("loss", ("heartbeat", "40"))], "the loss")


async def test_a_typed_edit_takes_the_text_of_the_file(tmp_path: Path) -> None:
    conf = tmp_path / "own.conf"
    async with running() as lab:
        await lab.press("colon")
        await lab.until(lambda: isinstance(lab.app.screen, ActionPrompt), "the line")
        line = lab.app.screen.query_one(Input)
        line.value = f"edit db1 {conf}"
        await lab.press("enter")
        assert f"cannot read {conf}" in str(lab.app.screen.query_one("#prompt-help", Static).render())
        conf.write_text("vrrp_instance VI_1 {\n}\n")
        await lab.press("enter")
        await lab.until(lambda: len(lab.engine.acted) == 1, "the edit")
        assert lab.engine.acted[0].text == conf.read_text()


LONG = "\n".join(["Replica_IO_State: Waiting", *(f"Other_{k}: {k}" for k in range(60)), "Last_Errno: 1062"])


async def test_a_long_answer_is_read_in_a_dialog_and_a_line_of_it_found() -> None:
    async with running(StoryEngine(effect=LONG), size=(80, 24)) as lab:
        await lab.press("colon", *'sql db1 "SHOW REPLICA STATUS"', "enter")
        await lab.until(lambda: isinstance(lab.app.screen, ActionResult), "the answer")
        assert "Replica_IO_State: Waiting" in "".join(text(lab.pilot))
        await lab.press(*"errno")
        await lab.until(lambda: "Last_Errno: 1062" in "".join(text(lab.pilot)), "the line")
        assert "Other_" not in "".join(text(lab.pilot))
        await lab.press(*["backspace"] * 5, *["pagedown"] * 7)
        await lab.until(lambda: "Last_Errno: 1062" in "".join(text(lab.pilot)), "the end")
        await lab.press("escape")
        await lab.until(lambda: isinstance(lab.app.screen, LabScreen), "the lab")


async def test_a_line_longer_than_its_box_is_seen_where_it_is_typed() -> None:
    async with running() as lab:
        await lab.press("colon")
        await lab.until(lambda: isinstance(lab.app.screen, ActionPrompt), "the line")
        line = lab.app.screen.query_one(Input)
        await lab.press(
            *'sql db1 "UPDATE lab.accounts SET balance = balance + 10 WHERE id = 1 AND true AND false'
        )
        await lab.until(lambda: "AND true AND false" in line.render_line(0).text, "the end of it")
        assert line.scrollable_content_region.height == 1, "no scrollbar lies over it"


async def test_the_palette_acts() -> None:
    async with running() as lab:
        await lab.press("ctrl+p")
        await lab.press(*"Freeze keepalived on db2")
        await lab.pilot.pause(0.5)
        await lab.press("enter")
        await lab.pilot.pause(0.2)
        await lab.press("enter")
        await lab.until(lambda: lab.engine.acted == [Action("freeze", ("keepalived", "db2"))], "the freeze")


async def test_undo_mends_the_latest_fault() -> None:
    async with running(StoryEngine(12.0)) as lab:
        await lab.press("u")
        await lab.until(lambda: lab.engine.acted == [Action("start", ("mysqld", "db1"))], "the start")


async def test_undo_without_a_fault_says_so() -> None:
    async with running() as lab:
        await lab.press("u")
        assert lab.engine.acted == []
        assert "Nothing is broken" in lab.notices


async def test_reset_asks_first() -> None:
    async with running() as lab:
        await lab.press("R", "enter")
        assert lab.engine.acted == []
        await lab.press("R", "y")
        await lab.until(lambda: lab.engine.acted == [Action("reset")], "the reset")


async def test_a_refused_action_says_why_and_whether_it_may_have_happened() -> None:
    refused = ActionFailed("this kernel has no netem", "use loss", definite=False)
    async with running(StoryEngine(refuse=refused)) as lab:
        await lab.press("k")
        await lab.until(lambda: "no netem" in lab.notices, "the refusal")
        assert "It may have happened all the same." in lab.notices


async def test_nothing_is_done_before_the_lab_is_ready() -> None:
    async with running(StoryEngine(3.0)) as lab:
        await lab.press("k")
        assert lab.engine.acted == []
        assert "Wait" in lab.notices


async def test_a_shell_that_cannot_be_had_is_told() -> None:
    async with running() as lab:
        await lab.press("s")
        await lab.until(lambda: "hatlab shell" in lab.notices, "the reason")
        assert lab.engine.shells == []


async def test_the_story_is_shown() -> None:
    async with running() as lab:
        await lab.tell_until(15.0)
        map_ = lab.app.screen.query_one(Map)
        views = [box.view for box in map_.query(NodeBox)]
        assert [v.tone for v in views if v] == ["fault", "master"]
        header = lab.app.screen.query_one(HeaderLine).view
        assert header is not None
        assert header.faults == ("mysqld is down on db1",)
        why = lab.app.screen.query_one(WhyBox).why
        assert why is not None
        assert why.node == "client"


async def test_a_split_brain_has_a_banner_and_healing_removes_it() -> None:
    async with running() as lab:
        banner = lab.app.screen.query_one(Banner)
        assert not banner.display
        await lab.tell_until(36.0)
        assert banner.display
        assert "SPLIT BRAIN" in banner.sentences[0]
        await lab.tell_until(40.0)
        assert not banner.display


async def test_a_past_moment_is_shown_until_escape() -> None:
    async with running(StoryEngine(20.0)) as lab:
        screen = lab.app.screen
        assert isinstance(screen, LabScreen)
        screen.query_one(Timeline).post_message(Timeline.MomentSelected(8.0))
        await lab.until(lambda: screen.viewed_moment == 8.0, "the moment")
        header = screen.query_one(HeaderLine).view
        assert header is not None
        assert header.looking == "00:08.0"
        box = screen.query_one("#node-db1", NodeBox)
        assert box.view is not None
        assert box.view.tone == "master"
        await lab.tell_until(20.5)
        assert box.view.tone == "master"
        await lab.press("escape")
        assert screen.viewed_moment is None
        assert box.view.tone == "fault"


async def test_help_and_whys_open_and_close() -> None:
    async with running(StoryEngine(20.0)) as lab:
        await lab.press("question_mark")
        await lab.until(lambda: isinstance(lab.app.screen, HelpScreen), "the help")
        await lab.press("right", "right", "escape")
        await lab.press("w")
        await lab.until(lambda: isinstance(lab.app.screen, WhyList), "the explanations")
        await lab.press("down", "escape")
        await lab.until(lambda: isinstance(lab.app.screen, LabScreen), "the lab")


async def test_tabs_choose_a_pane_on_a_small_screen() -> None:
    async with running(size=(80, 24)) as lab:
        timeline, packets = lab.app.screen.query_one(Timeline), lab.app.screen.query_one("Packets")
        assert (timeline.display, packets.display) == (True, False)
        await lab.press("2")
        assert (timeline.display, packets.display) == (False, True)


async def test_a_terminal_may_be_tiny_and_come_back() -> None:
    async with running(StoryEngine(20.0)) as lab:
        for size in ((40, 10), (1, 1), (200, 60), (59, 15), (80, 24), (140, 45)):
            await lab.pilot.resize_terminal(*size)
            await lab.pilot.pause()
        assert lab.app.screen.query_one(Timeline).display
        assert not lab.app.screen.query_one("#too-small").display


async def test_light_and_dark() -> None:
    async with running() as lab:
        before = lab.app.theme
        await lab.press("T")
        assert lab.app.theme != before
        await lab.press("T")
        assert lab.app.theme == before


async def test_a_q_typed_into_a_filter_is_a_letter() -> None:
    async with running(size=(80, 24)) as lab:
        await lab.press("2")
        await lab.until(lambda: isinstance(lab.app.focused, PacketList), "the packets to have the keys")
        await lab.press("f")
        await lab.until(lambda: isinstance(lab.app.focused, Input), "the filter")
        await lab.press("q")
        assert isinstance(lab.app.focused, Input)
        assert lab.app.focused.value == "q"
        assert lab.engine.stopped == 0
