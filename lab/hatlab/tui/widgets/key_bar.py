"""The last line of the screen: the keys one needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from textual import events
from textual.content import Content

from hatlab.actions import parse_words
from hatlab.errors import ActionError
from hatlab.topology import Layout
from hatlab.tui.commands import Command
from hatlab.tui.widgets.line_widget import LineWidget, Piece, drawn, styled

WIDE_GAP = 2
"""Blanks between two keys; one, where that makes room for all of them, or for one more on a narrow bar."""
ALWAYS = frozenset({"app.help", "app.quit"})
"""Commands (their ids) that are kept on the narrowest screen: how to find out more, and the way out."""
NARROW = 60
"""Columns of a bar below which every key counts."""


class _Button(NamedTuple):
    """A command in the bar, from one column up to another."""

    start: int
    end: int
    key: str
    label: str
    action: str


class KeyBar(LineWidget):
    """As many keys as fit; a click does what the key does. Shows the node that keys act on.

    Args:
        commands: those of use.
        layout: of the lab, if keys act on its nodes; commands that make no sense on that node are left out.
    """

    target = drawn[str]("")
    needed = drawn[frozenset[str]](frozenset())
    """Keys that somebody is told to press now: they are kept on a narrow screen."""
    left_out = drawn[frozenset[str]](frozenset())
    """Commands (their ids) that are of no use now."""

    def __init__(self, commands: Iterable[Command], layout: Layout | None = None) -> None:
        super().__init__()
        self._layout = layout
        self._commands = list(commands)

    def _buttons(self) -> list[_Button]:
        """Return the commands that fit; those most needed are kept."""
        usable = (c for c in self._commands if c.id not in self.left_out and self._makes_sense(c))
        ranked = sorted(
            (c for c in usable if c.footer or c.key_shown in self.needed),
            key=lambda c: (c.id not in ALWAYS, c.key_shown not in self.needed, c.footer),
        )
        gap, kept = WIDE_GAP, self._that_fit(ranked, WIDE_GAP)
        closer = self._that_fit(ranked, 1)
        if len(closer) > len(kept) and (len(closer) == len(ranked) or self.size.width < NARROW):
            gap, kept = 1, closer
        buttons, x = [], 1
        for command in (c for c in self._commands if c in kept):
            label = self._label(command)
            end = x + len(command.key_shown) + 1 + len(label)
            buttons.append(_Button(x, end, command.key_shown, label, command.app_action))
            x = end + gap
        return buttons

    def _that_fit(self, ranked: list[Command], gap: int) -> list[Command]:
        """Return the commands that there is room for, the first ones first."""
        room, kept = self.size.width - 1, []
        for command in ranked:
            need = self._cells(command) + gap
            if need <= room + gap:
                kept.append(command)
                room -= need
        return kept

    def _cells(self, command: Command) -> int:
        return len(command.key_shown) + 1 + len(self._label(command))

    def _makes_sense(self, command: Command) -> bool:
        if self._layout is None or not command.line or not self.target:
            return True
        try:
            line = command.line.format(node=self.target, heartbeat=self._layout.network_names[0])
            parse_words(line.split(), self._layout)
        except ActionError:
            return False
        return True

    def _label(self, command: Command) -> str:
        names_target = self.size.width >= 100 and "{node}" in command.line and self.target
        return f"{command.label} {self.target}" if names_target else command.label

    def build(self) -> list[Content]:
        pieces: list[Piece | str] = []
        end = 0
        for button in self._buttons():
            pieces += [" " * (button.start - end), (button.key, "bold accent"), (f" {button.label}", "")]
            end = button.end
        return [styled(*pieces)]

    async def on_click(self, event: events.Click) -> None:
        for button in self._buttons():
            if button.start <= event.x < button.end:
                await self.app.run_action(button.action)
                return
