"""The glossary: the words of what is on the screen first, then all; filtered as one types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from hatlab.lessons.glossary import Glossary, Term
from hatlab.tui.lesson.markup import render_markup
from hatlab.tui.screens.dialog import Dialog, dialog_box
from hatlab.tui.widgets.line_widget import styled
from hatlab.util.safe_text import safe_text


class TermOption(Option):
    """A line of the list that stands for a term; headings are plain options."""

    def __init__(self, term: Term) -> None:
        super().__init__(styled("  ", safe_text(term.name)))
        self.term = term


class GlossaryScreen(Dialog[None]):
    """Type to search, arrows to choose; the chosen word is explained beside the list.

    Args:
        glossary: all its terms.
        used_here: those of what is on the screen, listed first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="glossary.back", tooltip="Back to the list, then to the lab"),
        Binding("down", "move(1)", "next", id="glossary.down", priority=True),
        Binding("up", "move(-1)", "previous", id="glossary.up", priority=True),
        Binding("pagedown", "move(8)", "next page", id="glossary.page-down", priority=True),
        Binding("pageup", "move(-8)", "previous page", id="glossary.page-up", priority=True),
    ]

    def __init__(self, glossary: Glossary, used_here: Sequence[Term] = ()) -> None:
        super().__init__()
        self._glossary = glossary
        self._used_here = used_here

    def compose(self) -> ComposeResult:
        with dialog_box("glossary", "type to search · ↑↓ choose · Enter read · Esc back", "menu"):
            yield Input(placeholder="search: skew, ARP, split …", id="glossary-filter")
            with Horizontal(id="glossary-body"):
                yield OptionList(id="glossary-list")
                with VerticalScroll(id="glossary-detail"):
                    yield Static(id="glossary-text")

    def on_mount(self) -> None:
        self._show_matching("")
        self.query_one(Input).focus()

    def _show_matching(self, query: str) -> None:
        terms = self.query_one(OptionList)
        terms.clear_options()
        terms.add_options(self._options(query))
        rows = self._term_rows()
        terms.highlighted = rows[0] if rows else None
        if not rows:
            self._explain(None)

    def _options(self, query: str) -> Iterator[Option]:
        """Yield what a query finds; without one, the words on the screen and then all."""
        if query.strip():
            yield from map(TermOption, self._glossary.search(query))
            return
        if self._used_here:
            yield Option(styled(("On the screen", "bold accent")), disabled=True)
            yield from map(TermOption, self._used_here)
            yield Option(styled(("All words", "bold accent")), disabled=True)
        yield from map(TermOption, self._glossary.terms)

    def _term_rows(self) -> list[int]:
        options = self.query_one(OptionList).options
        return [row for row, option in enumerate(options) if not option.disabled]

    def on_input_changed(self, event: Input.Changed) -> None:
        self._show_matching(event.value)

    def on_input_submitted(self) -> None:
        self.query_one("#glossary-detail").focus()

    def on_option_list_option_selected(self) -> None:
        self.query_one("#glossary-detail").focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self._explain(event.option.term if isinstance(event.option, TermOption) else None)

    def _explain(self, term: Term | None) -> None:
        text = styled(("No word matches.", "quiet")) if term is None else term_content(term)
        self.query_one("#glossary-text", Static).update(text)
        self.query_one("#glossary-detail").scroll_home(animate=False)

    def action_move(self, step: int) -> None:
        """Move past headings, and stay at the ends; in the explanation, scroll it."""
        detail = self.query_one("#glossary-detail")
        if detail.has_focus:
            detail.scroll_relative(y=step, animate=False)
            return
        terms, rows = self.query_one(OptionList), self._term_rows()
        if rows:
            position = rows.index(terms.highlighted) if terms.highlighted in rows else 0
            terms.highlighted = rows[max(0, min(len(rows) - 1, position + step))]

    def action_back(self) -> None:
        if self.query_one("#glossary-detail").has_focus:
            self.query_one(Input).focus()
        else:
            self.dismiss()


def term_content(term: Term) -> Content:
    """Return a term, what it means, where it is seen and which lesson explains it."""
    parts = [styled((safe_text(term.name), "bold")), render_markup(safe_text(term.meaning))]
    if term.see:
        parts.append(styled(("See: ", "bold quiet")) + render_markup(safe_text(term.see)))
    if term.also:
        parts.append(styled((f"Also written: {safe_text(', '.join(term.also))}", "quiet")))
    if term.lesson:
        parts.append(styled((f"Lesson: {safe_text(term.lesson)}", "quiet")))
    return Content("\n\n").join(parts)
