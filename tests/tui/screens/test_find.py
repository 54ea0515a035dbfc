"""`/` finds words in the help, in the list of lessons and in a packet; Esc shows everything again."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import OptionList

from hatlab.lessons.library.catalogue import Catalogue, Library
from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.tui.packets.detail import FieldList, PacketDetail
from hatlab.tui.screens.help import HelpScreen
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.lesson_list import LessonList
from tests.support.story_engine import StoryEngine
from tests.tui.apps import running
from tests.tui.learning import MadeLabs
from tests.tui.screens.test_lesson_list import on_simulator
from tests.tui.simulated import screen_lines


async def test_words_are_found_in_all_pages_of_the_help() -> None:
    async with running(StoryEngine(12.0)) as lab:
        await lab.reach(HelpScreen, "?")
        await lab.type_in_burst("/", *"split brain")
        await lab.until(lambda: any("SPLIT BRAIN" in line for line in screen_lines(lab.pilot)), "the sign")
        assert "why?" not in "\n".join(screen_lines(lab.pilot)).partition("help")[2]
        await lab.press("escape")
        assert isinstance(lab.app.screen, HelpScreen)
        await lab.until(lambda: any("★ MASTER" in line for line in screen_lines(lab.pilot)[3:8]), "the page")
        await lab.reach(LabScreen, "escape")


async def test_a_lesson_is_found_by_its_title_or_goals(tmp_path: Path) -> None:
    catalogue = Catalogue(Library(), ProgressFile(tmp_path / "progress.json"))
    async with on_simulator(catalogue=catalogue, labs=MadeLabs()) as lab:
        chooser = await lab.reach(LessonList, "L")
        options = chooser.query_one(OptionList)
        assert options.has_focus, "no hidden field has the keys"
        everything = options.option_count
        await lab.type_in_burst("/", *"quorum", "enter")
        assert [str(option.id).rpartition("/")[2] for option in options.options[:-1]] == [
            "15-a-cure-that-holds.md"
        ]
        assert options.has_focus
        assert options.highlighted == 0
        await lab.press("escape")
        assert options.option_count == everything
        assert isinstance(lab.app.screen, LessonList)
        await lab.reach(LabScreen, "escape")


async def test_a_field_of_a_packet_is_found() -> None:
    async with running(StoryEngine(12.0)) as lab:
        await lab.press("2", "up")
        detail = await lab.reach(PacketDetail, "enter")
        fields = detail.query_one(FieldList)
        await lab.until(lambda: fields.lines, "the packet is read")
        await lab.type_in_burst("/", *"priority")
        await lab.until(lambda: fields.selected and "priority" in str(fields.selected.row), "the field")
        await lab.press("escape")
        await lab.type_in_burst("/", *"rank")
        await lab.until(lambda: fields.selected and "priority" in str(fields.selected.row), "its explanation")
        await lab.press("escape")
        assert fields.has_focus
        await lab.reach(LabScreen, "escape")
