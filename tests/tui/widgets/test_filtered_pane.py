"""A pane with a filter."""

from __future__ import annotations

from textual.widgets import Static

from hatlab.tui.packets.pane import Packets
from tests.tui.apps import RunningApp


async def test_a_pane_takes_an_update_after_its_parts_are_gone(lab: RunningApp) -> None:
    pane = lab.app.screen.query_one(Packets)
    await pane.query_one(".pane-state", Static).remove()
    pane.update_status()
