"""The screen of a lab that is starting."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from hatlab import events as e
from hatlab.engine.base import Emit
from hatlab.session import Batch
from hatlab.state.model import LabState
from hatlab.tui.app import app as app_module
from hatlab.tui.app.app import START_SHOWN
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.start import PHASES, StartScreen
from tests.support.story import story
from tests.support.story_engine import StoryEngine
from tests.tui.apps import make_app, wait_for

AT_ONCE = 2.0
"""Seconds that a busy machine may take for what is there at once."""


@pytest.mark.parametrize(
    ("sql", "unseen"), [({}, {"sql"}), ({"db1": ["CREATE TABLE lab.t (id INT)"]}, set[str]())]
)
def test_only_a_topology_with_start_sql_waits_for_it(sql: dict[str, list[str]], unseen: set[str]) -> None:
    screen = StartScreen("sim", clock=lambda: 0.0)
    lab = story(0.0)[0]
    assert isinstance(lab, e.Lab)
    screen.feed(Batch((replace(lab, topology={**lab.topology, "sql": sql}),), LabState()))
    assert set(PHASES) - set(screen.phases_shown()) == unseen


class SlowEngine(StoryEngine):
    """Tells the story only when a test lets it."""

    def __init__(self) -> None:
        super().__init__(8.0)
        self.go = threading.Event()

    def start(self, emit: Emit) -> None:
        self.go.wait(20)
        super().start(emit)


async def test_a_lab_that_is_there_at_once_has_no_screen_for_its_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app_module, "START_AFTER", AT_ONCE)
    app = make_app(StoryEngine(8.0))
    async with app.run_test(size=(80, 24)) as pilot:
        while not isinstance(app.screen, LabScreen):
            assert not isinstance(app.screen, StartScreen)
            await pilot.pause(0.02)
        await pilot.pause(AT_ONCE + 0.1)
        assert isinstance(app.screen, LabScreen)


async def test_the_screen_of_a_slower_start_stays_long_enough_to_be_read() -> None:
    engine = SlowEngine()
    app = make_app(engine)
    began = time.monotonic()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, StartScreen), "the start")
        engine.go.set()
        await wait_for(pilot, lambda: isinstance(app.screen, LabScreen), "the lab")
        assert time.monotonic() - began > START_SHOWN
