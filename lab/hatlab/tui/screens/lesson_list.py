"""The list of lessons, to choose one from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from hatlab.lessons.library.catalogue import CatalogueEntry
from hatlab.tui.screens.dialog import Dialog, dialog_box
from hatlab.tui.widgets.find_places import find_places
from hatlab.tui.widgets.findable import Findable, FindField
from hatlab.tui.widgets.line_widget import styled
from hatlab.util.safe_text import safe_text

DRILL: Literal["drill"] = "drill"
"""What the list closes with if a drill was chosen."""


class LessonList(Findable, Dialog[Path | Literal["drill"] | None]):
    """Closes with the file of the lesson that was chosen, or `DRILL`; None without one.

    Args:
        entries: what there is.
        current: the id of the lesson that is on, "" without one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,L", "dismiss", "close", id="lessons.close", tooltip="Close the list"),
        Binding("escape", "back_out", "back", id="lessons.back", tooltip="Show all again, or close the list"),
        replace(Findable.FIND, id="lessons.find"),
    ]

    def __init__(self, entries: Sequence[CatalogueEntry], current: str = "") -> None:
        super().__init__()
        self._entries, self._current = {str(entry.file): entry for entry in entries}, current

    def compose(self) -> ComposeResult:
        ends = "this lesson ends" if self._current else "this lab ends"
        with dialog_box("lessons", f"↑↓ choose · / find · Enter start it ({ends}) · Esc close"):
            yield FindField("words to find in titles and goals · Enter: list · Esc: show all")
            yield OptionList(*self._list_options(self._entries.values()), id="lesson-list")

    def _list_options(self, entries: Iterable[CatalogueEntry]) -> Iterator[Option]:
        several = len({entry.course for entry in self._entries.values()}) > 1
        courses = groupby(entries, key=lambda entry: entry.course)
        for number, (course, lessons) in enumerate(courses):
            if several:
                blank = "\n" if number else ""
                yield Option(styled(blank, (safe_text(course or "hatlab"), "bold accent")), disabled=True)
            yield from map(self._lesson_option, lessons)
        what = "find, name and fix an incident"
        yield Option(styled(("⚑     ", "accent"), ("A drill", "bold"), (f"   {what}", "quiet")), id=DRILL)

    def _lesson_option(self, entry: CatalogueEntry) -> Option:
        front = entry.lesson.front
        here = "  you are here" if front.id == self._current else ""
        line = styled(
            (f"{entry.mark} ", "master"),
            (f"{entry.number:>2}  ", "quiet"),
            safe_text(front.title),
            (f"   {front.minutes} min{here}", "quiet"),
        )
        return Option(line, id=str(entry.file))

    def on_mount(self) -> None:
        """Propose the next unfinished one after the lesson that is on, else the first unfinished one."""
        options = self.query_one(OptionList)
        ids = [entry.lesson.id for entry in self._entries.values()]
        here = ids.index(self._current) + 1 if self._current in ids else 0
        in_turn = [*self._entries.items()][here:] + [*self._entries.items()][:here]
        unfinished = (file for file, e in in_turn if e.mark != "✔" and e.lesson.id != self._current)
        proposed = next(unfinished, next(iter(self._entries), None))
        options.highlighted = options.get_option_index(proposed) if proposed is not None else None

    def focus_found(self) -> None:
        self.query_one(OptionList).focus()

    def show_found(self, words: str) -> None:
        entries = list(self._entries.values())
        texts = ["\n".join((e.lesson.front.title, *e.lesson.front.goals, e.lesson.id)) for e in entries]
        found = find_places(texts, words) if words else range(len(entries))
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(self._list_options(entries[number] for number in found))
        options.highlighted = next((n for n, o in enumerate(options.options) if not o.disabled), None)

    def action_back_out(self) -> None:
        """Show all lessons again; close the list if it shows all."""
        if not self.close_find():
            self.dismiss()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        chosen = str(event.option_id)
        self.dismiss(DRILL if chosen == DRILL else self._entries[chosen].file)
