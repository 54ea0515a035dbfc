"""The command palette: every command that is of use in this lab, and every action on it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from textual.app import App
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from hatlab.actions import VERBS, possible_actions
from hatlab.state.model import LabState
from hatlab.tui.commands import COMMANDS
from hatlab.tui.messages import ActionRequested

PaletteEntry = tuple[str, str, IgnoreReturnCallbackType]
"""Title, help, and what to call."""


def palette_entries(app: App[Any], state: LabState) -> Iterator[PaletteEntry]:
    """Yield an entry for each command, and in a live lab for each action."""
    lab_kinds = getattr(app, "lab_kinds", frozenset({"live"}))
    for command in COMMANDS:
        if command.id != "view.palette" and command.applies(lab_kinds):
            title = f"{command.label[0].upper()}{command.label[1:]}  ({command.key_shown})"
            yield title, command.help, partial(app.run_action, command.app_action)
    if state.layout is None or "live" not in lab_kinds:
        return
    for action in possible_actions(state.layout):
        yield action.title, VERBS[action.verb].help, partial(app.post_message, ActionRequested((action,)))


class LabCommands(Provider):
    """Gives the palette the entries that match what is typed."""

    def _entries(self) -> Iterator[PaletteEntry]:
        return palette_entries(self.app, getattr(self.app, "state", LabState()))

    async def discover(self) -> Hits:
        for title, text, call in self._entries():
            yield DiscoveryHit(title, call, help=text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, text, call in self._entries():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), call, help=text)
