"""A pane with a list that can be filtered: by typing, or by going round a few usual filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from hatlab.tui.widgets.list_view import RowList


class FilterInput(Input):
    """Where a filter is typed; escape gives it up."""

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
        Binding("f", "filter", "Filter", id="pane.filter", tooltip="Show only rows with these words"),
        Binding("F", "cycle", "Next filter", id="pane.cycle", tooltip="Go round the usual filters"),
    ]

    def __init__(self, rows: RowList, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = rows
        self.wanted = ""
        self._told: dict[str, str] = {}
        self._state = Static(classes="pane-state", markup=False)

    def compose(self) -> ComposeResult:
        yield self.rows
        field = FilterInput(placeholder=self.HINT, compact=True, classes="pane-filter")
        field.display = False
        yield field
        self._state.display = False
        yield self._state

    def on_mount(self) -> None:
        self.tell()

    def focus(self, scroll_visible: bool = True) -> Self:
        """The list takes the focus for its pane."""
        self.rows.focus(scroll_visible)
        return self

    # For subclasses

    def presets(self) -> Sequence[str]:
        """Filters that `F` goes round, after no filter."""
        return ()

    def apply(self, wanted: str) -> None:
        """Shows only what the filter lets through."""
        raise NotImplementedError

    def total(self) -> int:
        """How many there are without a filter."""
        raise NotImplementedError

    def passed(self) -> int:
        """How many the filter lets through."""
        return self.rows.row_count()

    # The filter

    def set_filter(self, wanted: str) -> None:
        """Filters by these words; empty shows everything."""
        wanted = wanted.strip()
        if wanted != self.wanted:
            self.wanted = wanted
            self.apply(wanted)
            self.rows.redraw()
        self.tell()

    def action_filter(self) -> None:
        field = self.query_one(FilterInput)
        field.value = self.wanted
        field.display = True
        field.focus()

    def action_cycle(self) -> None:
        round_ = ["", *self.presets()]
        here = round_.index(self.wanted) if self.wanted in round_ else 0
        self.set_filter(round_[(here + 1) % len(round_)])

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
        self.tell()

    def tell(self) -> None:
        """The border says what is shown."""
        shown, total = self.passed(), self.total()
        title = f"{self.NAME} · filter: {self.wanted}" if self.wanted else self.NAME
        count = f"{shown} of {total}" if self.wanted else f"{total}"
        state = "● live" if self.rows.following else "‖ held, space follows"
        self._say("border_title", title)
        self._say("border_subtitle", f"{count} · {state}")
        self._say_inside(f"{title} · {count} · {state}")

    def _say(self, where: str, text: str) -> None:
        if self._told.get(where) != text:
            self._told[where] = text
            setattr(self, where, Content(text))

    def _say_inside(self, text: str) -> None:
        """Where there is no border, a line beneath says it when it is not the usual."""
        if not self.is_attached or not self.is_mounted:
            return
        line = self._state  # not queried: while the app ends it may be gone before its pane
        bare = not self.styles.border_bottom[0]
        line.display = bare and (bool(self.wanted) or not self.rows.following)
        if line.display and self._told.get("inside") != text:
            self._told["inside"] = text
            line.update(Content(text))

    def on_resize(self) -> None:
        self.tell()
