"""The app over the story, and waiting for what it should show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from hatlab.session import Session
from hatlab.tui.app.app import LabApp
from hatlab.tui.screens.lab import LabScreen
from tests.support.story_engine import StoryEngine


@dataclass
class Running:
    """An app on a fake engine, under a pilot."""

    app: LabApp
    engine: StoryEngine
    pilot: Pilot[int]

    async def until(self, true: Callable[[], object], what: str = "") -> None:
        """Waits, at most ten seconds, until something holds."""
        await wait_for(self.pilot, true, what)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def tell_until(self, at: float) -> None:
        """Goes on with the story and waits until the app has seen it."""
        self.engine.tell_until(at)
        await self.seen()

    async def seen(self) -> None:
        """Waits until the app has drained everything."""
        await self.until(lambda: self.app.state is self.app.session.state, "the app to have seen everything")
        await self.pilot.pause()

    @property
    def notices(self) -> str:
        return "\n".join(n.message for n in self.app._notifications)


async def wait_for(pilot: Pilot[int], true: Callable[[], object], what: str = "") -> None:
    """Waits, at most ten seconds, until something holds."""
    for _ in range(500):
        if true():
            return
        await pilot.pause(0.02)
    raise AssertionError(f"waited in vain for {what or true}; screen: {pilot.app.screen!r}")


def make(engine: StoryEngine) -> LabApp:
    """An app in which nothing moves by itself."""
    return LabApp(Session(engine), clock=lambda: 0.0)


async def show(pilot: Pilot[int]) -> None:
    """Waits until the lab is on the screen and the app has seen everything."""
    app = pilot.app
    assert isinstance(app, LabApp)
    await wait_for(pilot, lambda: isinstance(app.screen, LabScreen), "the lab")
    await wait_for(pilot, lambda: app.state is app.session.state, "the app to have seen everything")
    await pilot.pause(0.2)


async def hold_cursor(pilot: Pilot[int]) -> None:
    """Ends the blinking of the cursor, which a picture would catch now on, now off."""
    focused = pilot.app.screen.focused
    if isinstance(focused, Input | TextArea):
        focused.cursor_blink = False
    await pilot.pause()


@asynccontextmanager
async def running(
    engine: StoryEngine | None = None, *, size: tuple[int, int] = (140, 45)
) -> AsyncIterator[Running]:
    """The app with its lab on the screen."""
    engine = engine or StoryEngine()
    app = make(engine)
    async with app.run_test(size=size) as pilot:
        await show(pilot)
        yield Running(app, engine, pilot)
