"""Apps with a lesson at a question, for several test modules."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hatlab.util.collection import IdleCollector
from tests.tui.apps import RunningApp, running
from tests.tui.learning import SMALL, LearningApp, app_with, learning, story_engine


@pytest.fixture(autouse=True)
def _colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw in the colours of the default theme, whatever terminal the tests run in."""
    for name in ("NO_COLOR", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _no_look_for_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among all that a test process keeps it takes a second, and hundreds of apps would each look."""
    monkeypatch.setattr(IdleCollector, "collect_if_idle", lambda _: False)


@pytest.fixture
async def lab() -> AsyncIterator[RunningApp]:
    """The app with its lab on the screen, eight seconds after the story began."""
    async with running() as lab:
        yield lab


@pytest.fixture
async def learner() -> AsyncIterator[LearningApp]:
    """At the beginning of the lesson `kill`, on a small screen."""
    async with learning(app_with(story_engine()), size=SMALL) as learner:
        yield learner


@pytest.fixture
async def predicting() -> AsyncIterator[LearningApp]:
    """At the prediction of the second step, on a small screen."""
    async with learning(app_with(story_engine()), size=SMALL) as lab:
        await lab.go_on()
        assert lab.step == 1
        yield lab


@pytest.fixture
async def judged() -> AsyncIterator[LearningApp]:
    """At a question with more choices than fit, on a small screen."""
    async with learning(app_with(story_engine(), "verdicts"), size=SMALL) as lab:
        await lab.answer("down", "down")
        await lab.until(lambda: lab.tutor.answering, "the next question")
        yield lab
