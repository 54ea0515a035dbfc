"""The entries of the palette: every command that is of use in this lab, and every action on it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from textual.app import App

from hatlab.actions import VERBS, possible_actions
from hatlab.state.model import LabState
from hatlab.tui.commands import COMMANDS
from hatlab.tui.messages import ActionRequested
from hatlab.tui.screens.palette import PaletteEntry


def palette_entries(app: App[Any], state: LabState, lab_kinds: frozenset[str]) -> Iterator[PaletteEntry]:
    """Yield an entry for each command, and in a live lab for each action."""
    for command in COMMANDS:
        if command.id != "view.palette" and command.applies(lab_kinds):
            title = f"{command.label[0].upper()}{command.label[1:]}"
            run = partial(app.run_action, command.app_action)
            yield PaletteEntry("Commands", command.key_shown, title, command.help, run)
    if state.layout is None or "live" not in lab_kinds:
        return
    for action in possible_actions(state.layout):
        call = partial(app.post_message, ActionRequested((action,)))
        yield PaletteEntry("Actions on the lab", "", action.title, VERBS[action.verb].help, call)
