"""The command palette: every command of the app and every action on the lab."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.app import App
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from lab.actions import VERBS, choices
from lab.state import LabState
from lab.tui.keys import COMMANDS
from lab.tui.messages import ActionRequested

_SKIPPED = {"view.palette"}
Entry = tuple[str, str, IgnoreReturnCallbackType]


def entries(app: App[object], state: LabState) -> Iterator[Entry]:
    """(title, help, what to call) of everything there is."""
    for command in COMMANDS:
        if command.id not in _SKIPPED:
            title = f"{command.label[0].upper()}{command.label[1:]}  ({command.key_shown})"
            yield title, command.help, partial(app.run_action, command.app_action)
    if state.layout is None:
        return
    for action in choices(state.layout):
        yield action.title, VERBS[action.verb].help, partial(app.post_message, ActionRequested(action))


class LabCommands(Provider):
    """Hands the palette what matches."""

    def _entries(self) -> Iterator[Entry]:
        app = self.app
        state = getattr(app, "state", LabState())
        return entries(app, state)

    async def discover(self) -> Hits:
        for title, text, call in self._entries():
            yield DiscoveryHit(title, call, help=text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, text, call in self._entries():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), call, help=text)
