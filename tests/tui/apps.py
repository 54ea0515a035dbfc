"""The app on the story engine under a pilot, and functions that wait for what it should show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, TextArea

from hatlab.session import Session
from hatlab.tui.app.app import LabApp
from hatlab.tui.screens.lab import LabScreen
from tests.support.story_engine import StoryEngine

S = TypeVar("S", bound=Screen[Any])
KEY_CHARACTERS = {"space": " ", "enter": "\r", "escape": "\x1b", "tab": "\t", "backspace": "\x7f"}
"""The character that a terminal sends for a key with a name."""


@dataclass
class RunningApp:
    """An app on a story engine, under a pilot."""

    app: LabApp
    engine: StoryEngine
    pilot: Pilot[int]

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait, at most ten seconds, until something holds."""
        await wait_for(self.pilot, condition, what)

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until each has had its effect."""
        await self.pilot.press(*keys)
        await self.until(lambda: not self.app.keys_waiting, "the keys to have their effect")
        await self.pilot.pause()

    def burst(self, *keys: str) -> None:
        """Press keys all at once, as a terminal sends what was typed while the app was busy."""
        for key in keys:
            character = KEY_CHARACTERS.get(key, key if len(key) == 1 else None)
            name = _character_to_key(key) if len(key) == 1 else key
            self.app.post_message(Key(name, character))

    async def type_in_burst(self, *keys: str) -> None:
        """Press keys all at once, and wait until each has had its effect."""
        self.burst(*keys)
        await self.pilot.pause()  # now the app has got them all
        await self.until(lambda: not self.app.keys_waiting, "the keys to have their effect")
        await self.pilot.pause()

    async def reach(self, kind: type[S], *keys: str) -> S:
        """Press keys, wait for the screen that they lead to and return it."""
        await self.press(*keys)
        await self.until(lambda: isinstance(self.app.screen, kind), kind.__name__)
        assert isinstance(self.app.screen, kind)
        return self.app.screen

    async def tell_until(self, at: float) -> None:
        """Go on with the story and wait until the app has seen it."""
        self.engine.tell_until(at)
        await self.wait_until_seen()

    async def wait_until_seen(self) -> None:
        """Wait until the app has drained everything."""
        await self.until(lambda: self.app.state is self.app.session.state, "the app to have seen everything")
        await self.pilot.pause()

    @property
    def notices(self) -> str:
        """What is shown now, and what waits to be shown."""
        return "\n".join(notice.text for notice in self.app.pending_notices)


async def wait_for(pilot: Pilot[int], condition: Callable[[], object], what: str = "") -> None:
    """Wait, at most ten seconds, until something holds."""
    for _ in range(500):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError(f"waited in vain for {what or condition}; screen: {pilot.app.screen!r}")


def make_app(engine: StoryEngine) -> LabApp:
    """Return an app in which nothing moves by itself."""
    return LabApp(Session(engine), clock=lambda: 0.0)


async def wait_for_lab(pilot: Pilot[int]) -> None:
    """Wait until the lab is on the screen and the app has seen everything."""
    app = pilot.app
    assert isinstance(app, LabApp)
    await wait_for(pilot, lambda: isinstance(app.screen, LabScreen), "the lab")
    await wait_for(pilot, lambda: app.state is app.session.state, "the app to have seen everything")
    await pilot.pause(0.2)


async def hold_cursor(pilot: Pilot[int]) -> None:
    """Stop the cursor's blinking, which a picture would catch now on, now off."""
    focused = pilot.app.screen.focused
    if isinstance(focused, Input | TextArea):
        focused.cursor_blink = False
    await pilot.pause()


@asynccontextmanager
async def running(
    engine: StoryEngine | None = None, *, size: tuple[int, int] = (140, 45)
) -> AsyncIterator[RunningApp]:
    """Run the app until its lab is on the screen."""
    engine = engine or StoryEngine()
    app = make_app(engine)
    async with app.run_test(size=size) as pilot:
        await wait_for_lab(pilot)
        yield RunningApp(app, engine, pilot)
