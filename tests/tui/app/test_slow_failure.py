"""A lab whose start fails, and which takes a while to remove what it had made."""

from __future__ import annotations

import threading

from hatlab import events as e
from hatlab.engine.base import Emit
from hatlab.errors import EngineError
from hatlab.tui.screens.dialog import FailureScreen
from tests.support.story_engine import StoryEngine
from tests.tui.apps import make_app, wait_for


class SlowToFail(StoryEngine):
    """Says that it stops before it says why."""

    def __init__(self) -> None:
        super().__init__()
        self.removed = threading.Event()

    def start(self, emit: Emit) -> None:
        self._emit = emit
        self.tell_until(0.65)
        self.tell(e.Phase(at=0.7, name="stopping", done=False))
        self.removed.wait(30)
        raise EngineError("the node image is damaged", "hatlab image build")


async def test_the_app_waits_for_the_reason() -> None:
    engine = SlowToFail()
    app = make_app(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: app.state.stopping is not None, "the end")
        await pilot.pause(0.2)
        engine.removed.set()
        await wait_for(pilot, lambda: isinstance(app.screen, FailureScreen), "the reason")
        await pilot.pause()
        await pilot.press("enter")
        await wait_for(pilot, lambda: not app.is_running, "the end")
    assert app.return_code == 1
