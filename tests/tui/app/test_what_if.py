"""A what-if in the app: Enter plays both futures, and the tutor shows them as two bars."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from hatlab.errors import LabError
from hatlab.lessons.model import WhatIfItem
from hatlab.lessons.play.futures import SIMULATED
from hatlab.lessons.play.progress import Futures
from hatlab.lessons.play.runner import LessonRunner
from hatlab.tui.lesson.view_model import FutureRow, WhatIfBlock, step_blocks
from hatlab.tui.screens.futures import FuturesScreen
from hatlab.tui.timeline.futures import FuturesChart
from tests.tui.learning import SMALL, LearningApp, app_with, learning, unpaced_simulator
from tests.tui.simulated import screen_lines

PRESS_ENTER = "Press Enter to see both futures"


@pytest.fixture
async def asking() -> AsyncIterator[LearningApp]:
    """At an open what-if, on a small screen."""
    async with learning(app_with(unpaced_simulator(), "whatif"), size=SMALL) as lab:
        yield lab


async def test_enter_plays_both_futures_and_the_lesson_goes_on(asking: LearningApp) -> None:
    lab = asking
    assert PRESS_ENTER in lab.status_text
    assert lab.shows("What if advert_int were 2 s on both servers?")
    await lab.press("enter")
    await lab.until(lambda: "6.61 s" in lab.text, "both futures")
    rows = [line for line in lab.text.splitlines() if "━" in line]
    assert [row.split()[:-1] for row in rows] == [["as", "it", "is", "3.61", "s"], ["changed", "6.61", "s"]]
    assert [row.count("━") for row in rows] == [9, 16]
    assert "With the change it is 6.61 s instead of 3.61 s: 3.00 s more." in lab.text
    assert "Three intervals and a skew are 6.61 s." in lab.text
    assert SIMULATED not in lab.text
    await lab.until(lambda: lab.shows("3.00 s more"), "the difference in view")
    assert "Stop keepalived on db1." in lab.text
    assert lab.app.session.state.nodes["db1"].power == "on", "the learner's lab stays as it is"


async def test_it_can_be_skipped_and_has_no_hint(asking: LearningApp) -> None:
    lab = asking
    await lab.press("h")
    await lab.until(lambda: "there is nothing to work out" in lab.notices, "the notice")
    await lab.press("n")
    await lab.until(lambda: "Not yet" in lab.notices, "the notice")
    await lab.press("S")
    await lab.until(lambda: "skipped" in lab.text, "the next item")
    assert "Stop keepalived on db1." in lab.text
    assert lab.runner.progress.futures == {}


async def test_enter_in_the_packets_plays_them_too(asking: LearningApp) -> None:
    lab = asking
    await lab.press("2", "enter")
    await lab.until(lambda: lab.runner.progress.futures, "both futures")


async def test_while_they_are_played_the_keys_work_and_enter_plays_them_once(
    asking: LearningApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = asking
    go_on, played = threading.Event(), []

    def play(_: LessonRunner) -> Futures:
        played.append(1)
        assert go_on.wait(20)
        return Futures(3.6, 6.6)

    monkeypatch.setattr(LessonRunner, "play_futures", play)
    await lab.press("enter", "enter")
    await lab.until(lambda: "Playing both futures" in lab.status_text, "the sign")
    db1 = lab.app.session.state.nodes["db1"]
    await lab.press("t")
    await lab.until(lambda: lab.app.session.state.nodes["db1"] != db1, "what the key did")
    go_on.set()
    await lab.until(lambda: lab.runner.progress.futures, "both futures")
    assert played == [1]


async def test_what_cannot_be_played_is_told_and_can_be_skipped(
    asking: LearningApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = asking

    def fail(_: LessonRunner) -> Futures:
        raise LabError("there was nothing to measure")

    monkeypatch.setattr(LessonRunner, "play_futures", fail)
    await lab.press("enter")
    await lab.until(lambda: "there was nothing to measure" in lab.notices, "the reason")
    assert PRESS_ENTER in lab.status_text
    await lab.press("S")
    await lab.until(lambda: "skipped" in lab.text, "the next item")


async def test_on_docker_it_says_where_it_was_played(asking: LearningApp) -> None:
    runner = asking.runner
    assert isinstance(runner.item, WhatIfItem)
    runner.show_futures(Futures("db1", "db2"))
    for engine, note in (("sim", ""), ("docker", SIMULATED)):
        runner.state = replace(runner.state, engine=engine)
        (block,) = (block for block in step_blocks(runner, 0) if isinstance(block, WhatIfBlock))
        assert block.note == note
        assert block.rows == (FutureRow("as it is", "db1", 0.0), FutureRow("changed", "db2", 0.0))


async def test_both_futures_are_laid_over_one_another_on_a_timeline(asking: LearningApp) -> None:
    lab = asking
    await lab.press("enter")
    shown = await lab.reach(FuturesScreen)
    chart = shown.query_one(FuturesChart)
    await lab.until(lambda: chart.has_focus, "the keys")
    await lab.until(lambda: "╎db2" in "\n".join(screen_lines(lab.pilot)), "the future as it is, dim")
    assert "6.61 s instead of 3.61 s" in "\n".join(screen_lines(lab.pilot))
    assert chart.branch is not None
    assert chart.branch[1].now < chart.model.now
    await lab.press("left")
    assert chart.cursor is not None
    await lab.press("enter")
    await lab.until(lambda: not isinstance(lab.app.screen, FuturesScreen), "the lesson")
    assert lab.app.viewed_moment is None, "the lab stays where it is"
    assert lab.shows("3.00 s more")
    (futures,) = lab.runner.progress.futures.values()
    assert futures.run is None, "nobody keeps thousands of events"
