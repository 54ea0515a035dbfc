"""An engine that does not answer: the screen says so while it starts, runs and ends, and Ctrl+C leaves."""

from __future__ import annotations

import threading

from textual.widgets import Static

from hatlab.engine.base import Emit
from hatlab.errors import ImageMissing
from hatlab.tui.app.app import LabApp
from hatlab.tui.screens.dialog import FailureScreen, StoppingScreen
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.start import StartScreen
from hatlab.tui.widgets.header import HeaderLine
from tests.support.story_engine import StoryEngine
from tests.tui.apps import make_app, wait_for

WAITS = "Waiting for Docker, which has not answered for 9 s"


def shown_text(app: LabApp) -> str:
    """The words of the start's and the end's screen."""
    return " ".join(" ".join(str(part.render()).split()) for part in app.screen.query(Static))


class SilentEngine(StoryEngine):
    """An engine whose other program answers nothing until a test lets it, or somebody gives up."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = ""
        self.given_up = False
        self.answers = threading.Event()

    def give_up(self) -> bool:
        self.given_up = bool(self.waiting)
        self.answers.set()
        return self.given_up

    def start(self, emit: Emit) -> None:
        self.waiting = WAITS
        self.answers.wait(20)
        self.waiting = ""
        super().start(emit)

    def stop(self) -> None:
        self.answers.clear()
        self.waiting = WAITS
        self.answers.wait(20)
        super().stop()


async def test_it_is_told_on_the_screen_and_ctrl_c_leaves() -> None:
    engine = SilentEngine()
    app = make_app(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, StartScreen), "the start")
        await wait_for(pilot, lambda: WAITS in shown_text(app), "the word while it starts")
        engine.answers.set()
        await wait_for(pilot, lambda: isinstance(app.screen, LabScreen), "the lab")
        engine.waiting = WAITS
        header = app.screen.query_one(HeaderLine)
        await wait_for(pilot, lambda: "Waiting for Docker" in header.line_text(0), "the word while it runs")
        engine.waiting = ""
        await wait_for(pilot, lambda: "Waiting" not in header.line_text(0), "its end")
        await pilot.press("q")
        await wait_for(pilot, lambda: isinstance(app.screen, StoppingScreen), "the end of the lab")
        await wait_for(pilot, lambda: WAITS in shown_text(app), "the word while it ends")
        await pilot.press("ctrl+c")
        await wait_for(pilot, lambda: engine.given_up, "giving up")
        await wait_for(pilot, lambda: not app.is_running, "the end")
    assert app.return_code == 1


async def test_ctrl_c_leaves_a_failure() -> None:
    app = make_app(StoryEngine(error=ImageMissing("the node image is not there", "hatlab image build")))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, FailureScreen), "the failure")
        await pilot.pause()
        await pilot.press("ctrl+c")
        await wait_for(pilot, lambda: not app.is_running, "the end")
    assert app.return_code == 1
