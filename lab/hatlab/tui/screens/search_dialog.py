"""A dialog to search a list by typing; beside the list stands what is said of the chosen line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from hatlab.tui.screens.dialog import Dialog, dialog_box
from hatlab.tui.widgets.line_widget import styled
from hatlab.tui.widgets.text_field import TextField

Result = TypeVar("Result")


class SearchDialog(Dialog[Result | None]):
    """Type to filter, arrows to choose, Enter to take it. Options that are disabled are headings.

    Args:
        title: of the dialog.
        placeholder: what stands in the empty field.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close", id="menu.close", tooltip="Close the menu"),
        Binding("down", "move(1)", "next", id="menu.down", priority=True),
        Binding("up", "move(-1)", "previous", id="menu.up", priority=True),
        Binding("pagedown", "move(8)", "next page", id="menu.page-down", priority=True),
        Binding("pageup", "move(-8)", "previous page", id="menu.page-up", priority=True),
    ]

    def __init__(self, title: str, placeholder: str) -> None:
        super().__init__()
        self._title, self._placeholder = title, placeholder

    # For subclasses

    def matching_options(self, words: Sequence[str]) -> list[Option]:
        """Return the options, and their headings, for the words typed, in lower case."""
        raise NotImplementedError

    def describe_option(self, option: Option) -> Content:
        """Return what is said of an option beside the list."""
        raise NotImplementedError

    def result_of(self, option: Option) -> Result:
        """Return what the dialog ends with if an option is taken."""
        raise NotImplementedError

    # The dialog

    def compose(self) -> ComposeResult:
        with dialog_box(self._title, "type to filter · ↑↓ choose · Enter do it · Esc close", "menu"):
            yield TextField(placeholder=self._placeholder, id="menu-filter")
            with Horizontal(id="menu-body"):
                yield OptionList(id="menu-list")
                with VerticalScroll(id="menu-detail"):
                    yield Static(id="menu-help")

    def on_mount(self) -> None:
        self._show_matching("")
        self.query_one(Input).focus()

    def _show_matching(self, query: str) -> None:
        options = self.matching_options(query.lower().split())
        menu = self.query_one(OptionList)
        menu.clear_options()
        menu.add_options(options)
        first = next((row for row, option in enumerate(options) if not option.disabled), None)
        menu.highlighted = first
        if first is None:
            self.query_one("#menu-help", Static).update(styled(("Nothing matches.", "quiet")))

    def on_input_changed(self, event: Input.Changed) -> None:
        self._show_matching(event.value)

    def on_input_submitted(self) -> None:
        self._take(self.query_one(OptionList).highlighted_option)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._take(event.option)

    def _take(self, option: Option | None) -> None:
        if option is not None and not option.disabled:
            self.dismiss(self.result_of(option))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self.query_one("#menu-help", Static).update(self.describe_option(event.option))

    def action_move(self, step: int) -> None:
        """Move past headings, and stay at the ends."""
        menu = self.query_one(OptionList)
        rows = [row for row, option in enumerate(menu.options) if not option.disabled]
        if not rows:
            return
        position = rows.index(menu.highlighted) if menu.highlighted in rows else 0
        menu.highlighted = rows[max(0, min(len(rows) - 1, position + step))]
