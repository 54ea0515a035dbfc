"""Text and pictures that leave the app: what is copied, where it goes, what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from textual.widget import Widget
from textual.widgets import Input

from hatlab.tui.app import copying
from hatlab.tui.screens.dialog import LeaveDialog
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.menu import ActionMenu
from hatlab.tui.screens.palette import Palette
from hatlab.tui.screens.prompt import ActionPrompt
from hatlab.tui.screens.save_picture import SavePicture
from hatlab.tui.screens.why import WhyList, why_headline
from hatlab.util.kiosk import KIOSK_VARIABLE
from tests.support.story_engine import StoryEngine
from tests.tui.apps import RunningApp, running
from tests.tui.learning import SMALL, LearningApp, app_with, learning, story_engine
from tests.tui.simulated import screen_lines


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reached the desktop's clipboard."""
    copied: list[str] = []

    def copy(text: str, environment: Mapping[str, str]) -> bool:
        copied.append(text)
        return True

    monkeypatch.setattr(copying, "copy_to_desktop", copy)
    return copied


async def test_what_has_the_focus_is_copied_to_the_terminal_and_the_desktop(desktop: list[str]) -> None:
    async with running(StoryEngine(12.0)) as lab:
        await lab.press("2", "up", "up", "Y")
        packets = lab.app.screen.query_one("Packets")
        assert "150" in lab.app.clipboard, packets
        await lab.press("3", "up", "Y")
        entry = lab.app.lab_screen._log.list._entries[-1]  # type: ignore[union-attr]
        assert entry.text in lab.app.clipboard
        await lab.press("1", "Y")
        why = lab.app.state.whys[-1]
        assert why.text in lab.app.clipboard
        await lab.until(lambda: len(desktop) == 3, "the desktop's clipboard")
        assert desktop[-1] == lab.app.clipboard
        assert "Copied: " in lab.notices


async def test_a_dialog_offers_what_is_chosen_in_it(desktop: list[str]) -> None:
    async with running(StoryEngine(12.0)) as lab:
        await lab.reach(ActionMenu, "a")
        await lab.type_in_burst(*"kill mysqld db2", "ctrl+c")
        assert lab.app.clipboard == "kill mysqld db2"
        await lab.reach(WhyList, "escape", "w")
        await lab.press("ctrl+c")
        assert lab.app.state.whys[-1].text in lab.app.clipboard


async def test_the_lesson_s_step_is_copied(desktop: list[str]) -> None:
    async with learning(app_with(story_engine()), size=SMALL) as lab:
        lab.tutor.text.focus()
        await lab.press("Y")
        assert "Which node is Master?" in lab.app.clipboard


async def drag(lab: RunningApp, pane: Widget, words: str) -> None:
    """Select words in a pane with the mouse."""
    region = pane.content_region
    lines = [line[region.x : region.right] for line in screen_lines(lab.pilot)]
    y = next(y for y in range(region.y, region.bottom) if words in lines[y])
    x = region.x + lines[y].index(words)
    await lab.pilot.mouse_down(offset=(x, y))
    await lab.pilot.hover(offset=(x + len(words) - 1, y))
    await lab.pilot.mouse_up(offset=(x + len(words) - 1, y))
    await lab.pilot.pause()


@pytest.mark.parametrize(
    ("pane", "words"),
    [("LogList", "Master"), ("PacketList", "prio 150"), ("LessonText", "Which node is")],
)
async def test_text_is_selected_with_the_mouse(desktop: list[str], pane: str, words: str) -> None:
    async with learning(app_with(story_engine()), size=(160, 48)) as lab:
        await lab.press({"LogList": "3", "PacketList": "2"}.get(pane, "4"))
        await drag(lab, lab.screen.query_one(pane), words)
        assert lab.app.screen.get_selected_text() == words
        await lab.press("ctrl+c")
        assert lab.app.clipboard == words
        await lab.pilot.resize_terminal(40, 12)  # what is selected may be beyond the end of its line now
        await lab.press("escape")
        assert not lab.app.screen.selections


async def test_ctrl_c_with_nothing_selected_asks_whether_to_leave(lab: RunningApp) -> None:
    await lab.reach(LeaveDialog, "ctrl+c")
    await lab.reach(LabScreen, "escape")
    await lab.type_in_burst("ctrl+c", "ctrl+c")
    await lab.until(lambda: not lab.app.is_running, "the end")


async def test_a_picture_is_saved_where_it_is_said(
    lab: RunningApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await lab.press("ctrl+p")
    await lab.pilot.pause()
    await lab.type_in_burst(*"picture")
    await lab.pilot.pause(0.5)
    await lab.reach(SavePicture, "enter")
    assert lab.app.screen.query_one(Input).value.startswith(f"{tmp_path}/hatlab-")
    await lab.press("enter")
    await lab.until(lambda: "Picture saved: " in lab.notices, "the notice")
    (picture,) = tmp_path.glob("hatlab-*.svg")
    assert str(picture) in lab.notices
    text = picture.read_text()
    assert text.startswith("<svg")
    assert "MASTER" in text


async def test_a_picture_s_folder_is_chosen_and_proposed_again(
    lab: RunningApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "talk").mkdir()
    dialog = await lab.reach(SavePicture, "P")
    dialog.query_one(Input).value = "nowhere/picture.svg"
    await lab.press("enter")
    assert "There is no folder nowhere." in "\n".join(screen_lines(lab.pilot))
    dialog.query_one(Input).value = "talk"
    await lab.press("enter")
    await lab.until(lambda: list((tmp_path / "talk").glob("hatlab-*.svg")), "the picture in the folder")
    (picture,) = (tmp_path / "talk").glob("*.svg")
    assert "save a picture" not in picture.read_text()
    dialog = await lab.reach(SavePicture, "P")
    field = dialog.query_one(Input)
    assert field.value.startswith(f"{tmp_path}/talk/hatlab-")
    field.value = str(picture)
    await lab.press("enter")
    assert "exists already" in "\n".join(screen_lines(lab.pilot))
    await lab.press("escape")
    await lab.until(lambda: not isinstance(lab.app.screen, SavePicture), "the lab")


async def test_in_a_kiosk_nothing_of_the_machine_is_written_or_read(
    lab: RunningApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr("hatlab.tui.app.copying.copy_to_desktop", lambda text, _: copied.append(text))
    monkeypatch.setenv(KIOSK_VARIABLE, "1")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_text("vrrp_instance OF_THE_HOST {}")
    await lab.press("P")
    await lab.until(lambda: "Nothing is saved on this machine" in lab.notices, "the notice")
    await lab.reach(Palette, "ctrl+p")
    await lab.type_in_burst(*"picture", "enter", "escape", "escape")
    await lab.press("2", "Y")
    await lab.until(lambda: "Copied: " in lab.notices, "the copy")
    await lab.reach(ActionPrompt, ":")
    await lab.type_in_burst(*"edit db1 secret", "enter")
    assert isinstance(lab.app.screen, ActionPrompt)
    assert "reads no files from this machine" in "\n".join(screen_lines(lab.pilot))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["secret"]
    assert not copied


async def test_what_was_undone_is_said() -> None:
    async with running(StoryEngine(12.0)) as lab:
        await lab.press("u")
        await lab.until(lambda: "Fixed “mysqld is down on db1”." in lab.notices, "what was undone")


async def test_words_are_found_in_the_step_and_in_the_past(learner: LearningApp) -> None:
    lab = learner
    lab.tutor.text.focus()
    await lab.type_in_burst("/", *"master")
    assert "1 of" in "\n".join(screen_lines(lab.pilot))
    await lab.type_in_burst("enter", "escape")
    assert lab.tutor.text.has_focus
    await lab.press("1", "escape", "1")
    await lab.type_in_burst("/", *"election")
    await lab.until(lambda: lab.screen.viewed_moment is not None, "a moment of the past")
    await lab.type_in_burst("escape", "escape")
    assert lab.screen.viewed_moment is None


async def test_words_are_found_in_the_explanations() -> None:
    async with running(StoryEngine(20.0)) as lab:
        whys = await lab.reach(WhyList, "w")
        count = len(lab.app.state.whys)
        await lab.type_in_burst("/", *"master")
        assert 0 < len(whys._shown) <= count
        heads = ["MASTER" in why_headline(why).plain for why in whys._shown]
        assert heads == sorted(heads, reverse=True), "those of whose change it is come first"
        assert len(heads) > sum(heads), "then those that speak of it further down"
        await lab.type_in_burst("enter", "ctrl+c")
        assert lab.app.clipboard.startswith("db2")
        await lab.press("escape")
        assert len(whys._shown) == count
        await lab.type_in_burst("/", *"outage lasts")
        assert whys._shown, "no first line has these words"
        await lab.press("escape", "escape")
        assert isinstance(lab.app.screen, LabScreen)
