"""A text area for keepalived.conf that marks the lines in which something was found."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.strip import Strip
from textual.widgets import TextArea

from hatlab.diagnostics.finding import Severity
from hatlab.keepalived.tokens import conf_tokens
from hatlab.tui.editor.findings import SIGNS
from hatlab.tui.widgets.line_widget import split_strip, styled
from hatlab.tui.widgets.syntax import STYLES

_UNDERLINED = Style(underline=True, bold=True, color="red")


def diff_content(running: str, edited: str) -> Content:
    """Return what the edit changes, as a unified diff with two lines around each change."""
    lines = difflib.unified_diff(
        running.splitlines(), edited.splitlines(), "running", "edited", n=2, lineterm=""
    )
    tones = {"+": "master", "-": "fault", "@": "wire"}
    drawn = [styled((line, tones.get(line[:1], "quiet"))) for line in lines]
    return (
        Content("\n").join(drawn)
        if drawn
        else styled(("No difference to the running configuration.", "quiet"))
    )


class ConfTextArea(TextArea):
    """keepalived.conf with line numbers; lines can be underlined, and have signs beside their numbers."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"conf--{name}" for name in (*SIGNS, *STYLES)}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+home", "to_end_of_file(-1)", "Top", id="conf.top", show=False),
        Binding("ctrl+end", "to_end_of_file(1)", "Bottom", id="conf.bottom", show=False),
        Binding("ctrl+shift+home", "to_end_of_file(-1, True)", "Select", id="conf.select-up", show=False),
        Binding("ctrl+shift+end", "to_end_of_file(1, True)", "Select", id="conf.select-down", show=False),
    ]

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(text, id=id, show_line_numbers=True, soft_wrap=False, tab_behavior="indent")
        self._underlined: frozenset[int] = frozenset()
        self._word_styles: dict[str, Style] = {}
        self.signs: dict[int, Severity] = {}
        """Line (from 1) → the worst that was found on it."""

    def on_key(self, event: events.Key) -> None:
        """Begin a new line where the line before it begins."""
        if event.key != "enter" or self.read_only:
            return
        event.stop()
        event.prevent_default()
        row, column = min(self.selection)
        before = self.document.lines[row][:column]
        indent = before[: len(before) - len(before.lstrip())]
        self.replace(f"\n{indent}", *self.selection, maintain_selection_offset=False)

    def action_to_end_of_file(self, way: int, select: bool = False) -> None:
        """Go to the first (-1) or the last (1) place of the file; with `select`, select up to there."""
        self.move_cursor(self.document.end if way > 0 else (0, 0), select=select)

    def underline_lines(self, lines: Iterable[int]) -> None:
        """Underline these lines (from 1) and no others."""
        underlined = frozenset(lines)
        if underlined == self._underlined:
            return  # at every key: drawing every line anew would lag behind fast typing
        self._underlined = underlined
        self._line_cache.clear()
        self.refresh()

    def set_signs(self, signs: dict[int, Severity]) -> None:
        """Put these signs into the gutter and no others."""
        if signs != self.signs:
            self.signs = signs
            self.refresh()

    def get_line(self, line_index: int) -> Text:
        line = super().get_line(line_index)
        for start, end, kind in conf_tokens(line.plain):
            line.stylize(self._word_style(kind), start, end)
        if line_index + 1 in self._underlined:
            line.stylize(_UNDERLINED)
        return line

    def _word_style(self, kind: str) -> Style:
        """Return the style of a kind of word; looked up once a theme, as each key draws lines again."""
        style = self._word_styles.get(kind)
        if style is None:
            style = self._word_styles[kind] = self.get_component_rich_style(f"conf--{kind}", partial=True)
        return style

    def notify_style_update(self) -> None:
        self._word_styles.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        severity = self.signs.get(self.scroll_offset.y + y + 1)  # lines are not wrapped
        if severity is None:
            return strip
        column = self.gutter_width - 2
        before, cell, after = split_strip(strip, column, column + 1)
        style = self.get_component_rich_style(f"conf--{severity}", partial=True)
        sign = SIGNS[severity][0]
        signed = Strip([Segment(sign, s.style + style if s.style else style) for s in cell], cell.cell_length)
        return Strip.join([before, signed, after])
