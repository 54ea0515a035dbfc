"""A pane with a list that can be filtered: by typing, or by going round a few usual filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.widgets import Input, Static

from hatlab.tui.widgets.line_widget import set_border_texts
from hatlab.tui.widgets.list_view import RowList
from hatlab.tui.widgets.text_field import TextField

LIVE, PLAYED = "● live", "▶ as it plays"
"""What is said of a pane that follows a lab, or a recording."""


class FilterInput(TextField):
    """The field where a filter is typed; escape gives it up."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "No filter", id="filter.clear", show=False)
    ]

    def action_give_up(self) -> None:
        self.value = ""
        self.post_message(self.Submitted(self, ""))


class FilteredPane(Vertical):
    """A list beneath a title, and a filter that opens with `f`."""

    NAME: ClassVar[str] = ""
    HINT: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f,slash", "filter", "Filter", id="pane.filter", tooltip="Show only rows that contain these words"
        ),
        Binding("F", "cycle", "Next filter", id="pane.cycle", tooltip="Cycle through the usual filters"),
    ]

    def __init__(self, rows: RowList, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = rows
        self.filter_text = ""
        self.follows = LIVE
        """What is said while it follows."""
        self._status = Static(classes="pane-state", markup=False)
        self._is_naming = False
        """True while the texts of the border are set."""

    def compose(self) -> ComposeResult:
        yield self.rows
        field = FilterInput(placeholder=self.HINT, compact=True, classes="pane-filter")
        field.display = False
        yield field
        self._status.display = False
        yield self._status

    def on_mount(self) -> None:
        self.update_status()

    def focus(self, scroll_visible: bool = True) -> Self:
        """Give the focus to the list."""
        self.rows.focus(scroll_visible)
        return self

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Repaint; for a text of the border its rows alone, and not the list within it."""
        if self._is_naming and not regions:
            across, down = self.content_offset
            width, height = self.outer_size
            regions = (Region(-across, -down, width, 1), Region(-across, height - 1 - down, width, 1))
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    # For subclasses

    def presets(self) -> Sequence[str]:
        """Return the filters that `F` goes round, after no filter."""
        return ()

    def apply_filter(self, text: str) -> None:
        """Show only what the filter lets through."""
        raise NotImplementedError

    def total_count(self) -> int:
        """Return how many there are without a filter."""
        raise NotImplementedError

    def shown_count(self) -> int:
        """Return how many the filter lets through."""
        return self.rows.row_count()

    # The filter

    def set_filter(self, text: str) -> None:
        """Filter by these words; empty shows everything."""
        text = text.strip()
        if text != self.filter_text:
            self.filter_text = text
            self.apply_filter(text)
            self.rows.redraw()
        self.update_status()

    def action_filter(self) -> None:
        field = self.query_one(FilterInput)
        field.value = self.filter_text
        field.display = True
        field.focus()

    def action_cycle(self) -> None:
        filters = ["", *self.presets()]
        number = filters.index(self.filter_text) if self.filter_text in filters else 0
        self.set_filter(filters[(number + 1) % len(filters)])

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input.display:
            self.set_filter(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.set_filter(event.value)
        event.input.display = False
        self.rows.focus()

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        event.stop()
        self.update_status()

    def update_status(self) -> None:
        """Say in the border what is shown."""
        shown, total = self.shown_count(), self.total_count()
        title = f"{self.NAME} · filter: {self.filter_text}" if self.filter_text else self.NAME
        count = f"{shown} of {total}" if self.filter_text else f"{total}"
        state = self.follows if self.rows.following else "‖ stopped: press Space to follow"
        self._is_naming = True
        set_border_texts(self, title, f"{count} · {state}")
        self._is_naming = False
        self._update_status_line(f"{title} · {count} · {state}")

    def _update_status_line(self, text: str) -> None:
        """Where there is no border, say it in a line beneath, if it is not the usual."""
        if not self.is_attached or not self.is_mounted:
            return
        line = self._status  # not queried: while the app ends it may be gone before its pane
        is_bare = not self.styles.border_bottom[0]
        line.display = is_bare and (bool(self.filter_text) or not self.rows.following)
        if line.display and line.content != Content(text):
            line.update(Content(text))

    def on_resize(self) -> None:
        self.update_status()
