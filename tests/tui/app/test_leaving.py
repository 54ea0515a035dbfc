"""How it ends: asked for, failed, died, or stopped from elsewhere."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.engine.base import Emit
from hatlab.errors import ImageMissing
from hatlab.tui.screens.dialog import FailureScreen, LeaveDialog
from hatlab.tui.screens.help import HelpScreen
from tests.support.story_engine import StoryEngine
from tests.tui.apps import make_app, running, wait_for


async def test_quit_ends_at_once_when_nothing_is_broken() -> None:
    async with running() as lab:
        await lab.press("q")
        await lab.until(lambda: not lab.app.is_running, "the end")
    assert lab.app.return_code == 0
    assert lab.engine.stopped == 1


async def test_quit_asks_while_a_fault_is_active() -> None:
    async with running(StoryEngine(12.0)) as lab:
        await lab.reach(LeaveDialog, "q")
        await lab.press("escape")
        assert lab.engine.stopped == 0
        await lab.press("ctrl+q", "q")
        await lab.until(lambda: not lab.app.is_running, "the end")
    assert lab.app.return_code == 0
    assert lab.engine.stopped == 1


class Broken(StoryEngine):
    def start(self, emit: Emit) -> None:
        raise RuntimeError("unexpected")


MISSING = ImageMissing("the node image is not there", "hatlab image build")


@pytest.mark.parametrize("engine", [StoryEngine(error=MISSING), Broken()], ids=["said", "raised"])
async def test_an_engine_that_cannot_start_is_reported_and_ends_with_1(engine: StoryEngine) -> None:
    app = make_app(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, FailureScreen), "the failure")
        await pilot.pause()
        await pilot.press("enter")
        await wait_for(pilot, lambda: not app.is_running, "the end")
    assert app.return_code == 1


async def test_quit_while_the_lab_starts_ends_the_app() -> None:
    class Slow(StoryEngine):
        def start(self, emit: Emit) -> None:
            self._emit = emit
            self.tell_until(0.65)

    app = make_app(Slow())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: app.state.layout is not None, "the first events")
        await pilot.press("q")
        await wait_for(pilot, lambda: not app.is_running, "the end")
    assert app.return_code == 0


async def test_an_engine_that_dies_is_reported_and_ends_with_1() -> None:
    async with running() as lab:
        lab.engine.tell(e.Phase(at=9.0, name="stopping", done=False, detail="the Docker engine went away"))
        await lab.until(lambda: isinstance(lab.app.screen, FailureScreen), "the failure")
        await lab.pilot.pause()
        await lab.press("enter")
        await lab.until(lambda: not lab.app.is_running, "the end")
    assert lab.app.return_code == 1


async def test_a_session_stopped_from_elsewhere_ends_the_app_quietly() -> None:
    async with running() as lab:
        lab.app.session.stop()
        await lab.until(lambda: not lab.app.is_running, "the end")
    assert lab.app.return_code == 0


async def test_one_can_leave_from_a_dialog() -> None:
    async with running() as lab:
        await lab.reach(HelpScreen, "question_mark")
        await lab.press("ctrl+q")
        await lab.until(lambda: not lab.app.is_running, "the end")
    assert lab.engine.stopped == 1


async def test_a_drain_while_the_app_ends_does_nothing() -> None:
    async with running() as lab:
        await lab.wait_until_seen()
    await lab.app.drain()
