"""What is changed on the screen is there the next time; what a person has set counts from the start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from hatlab.session import Session
from hatlab.settings.effective import Settings
from hatlab.settings.remembered import Remembered
from hatlab.tui.app.app import LabApp
from tests.support.story_engine import StoryEngine
from tests.tui.apps import RunningApp, wait_for_lab
from tests.tui.learning import app_with, learning, story_engine


@asynccontextmanager
async def _running(settings: Settings) -> AsyncIterator[RunningApp]:
    engine = StoryEngine()
    app = LabApp(Session(engine), clock=lambda: 0.0, settings=settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_lab(pilot)
        yield RunningApp(app, engine, pilot)


def _front(lab: RunningApp) -> str:
    assert lab.app.lab_screen is not None
    return lab.app.lab_screen._pane


async def test_the_pane_in_front_is_kept(tmp_path: Path) -> None:
    def settings() -> Settings:
        return Settings(None, {}, lambda: Remembered(tmp_path / "screen.json"))

    async with _running(settings()) as lab:
        assert _front(lab) == "timeline"
        await lab.press("2")
    async with _running(settings()) as lab:
        assert _front(lab) == "packets"
        assert not lab.app.notices
    assert Remembered(tmp_path / "screen.json").values == {"pane": "packets"}


async def test_a_file_that_cannot_be_written_is_told_on_the_screen(tmp_path: Path) -> None:
    kept = Remembered(tmp_path / "screen.json")
    (tmp_path / "screen.lock").mkdir()
    async with _running(Settings(None, {}, lambda: kept)) as lab:
        await lab.press("2")
        assert "what you changed on the screen cannot be saved" in lab.notices
        assert _front(lab) == "packets"


async def test_notices_stay_as_long_as_is_set_and_off_hides_news() -> None:
    for value, seconds in {"brief": 2.5, "normal": 5, "long": 15}.items():
        async with _running(Settings(None, {"HATLAB_NOTICES": value})) as lab:
            lab.app.show_notice("news", seconds=5)
            assert [notice.seconds for notice in lab.app.pending_notices if notice.text == "news"] == [
                seconds
            ]
    async with _running(Settings(None, {"HATLAB_NOTICES": "off"})) as lab:
        lab.app.show_notice("news")
        lab.app.show_notice("trouble", "error")
        assert lab.notices == "trouble"
        assert [notice.text for notice in lab.app.notices] == ["news", "trouble"]


async def test_the_tutor_gets_wider_and_narrower_and_keeps_its_width(tmp_path: Path) -> None:
    kept = Remembered(tmp_path / "screen.json")
    app = app_with(story_engine())
    app.use_settings(Settings(None, {}, lambda: kept))
    async with learning(app, size=(140, 40)) as learner:
        before = learner.tutor.size.width
        await learner.press(")", ")", "(")
        await learner.until(lambda: learner.tutor.size.width == before + 4, "a wider tutor")
        await learner.press(*"(" * 20)
        await learner.until(lambda: learner.tutor.outer_size.width == 36, "the narrowest tutor")
    assert kept.values == {"tutor_width": 36}
