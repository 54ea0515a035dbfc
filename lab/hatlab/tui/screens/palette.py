"""The palette: every command and every action of this lab, to be found by its words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from textual.content import Content
from textual.widgets.option_list import Option

from hatlab.tui.screens.search_dialog import SearchDialog
from hatlab.tui.widgets.bullet_list import BulletOption
from hatlab.tui.widgets.line_widget import styled


class PaletteEntry(NamedTuple):
    """A line of the palette."""

    group: str
    """The heading it stands under."""
    key: str
    """As people read it, "" for none."""
    title: str
    help: str
    call: Callable[[], Any]
    """Does it; what it returns may be awaited."""

    def matches(self, words: Sequence[str], *, in_help: bool = False) -> bool:
        """Return True if all words stand in its title or are its key, or stand in its help."""
        text = f"{self.title} {self.help if in_help else ''}".lower()
        return all(word in text or word == self.key.lower() for word in words)


class EntryOption(Option):
    """The option of an entry; headings are plain ones."""

    def __init__(self, entry: PaletteEntry) -> None:
        super().__init__(BulletOption((f"{entry.key:>6}  ", "bold accent"), Content(entry.title)))
        self.entry = entry


class Palette(SearchDialog[PaletteEntry]):
    """Ends with the entry that was taken."""

    def __init__(self, entries: Iterable[PaletteEntry]) -> None:
        super().__init__("commands", "search: light, next change, db2 …")
        self._entries = list(entries)

    def matching_options(self, words: Sequence[str]) -> list[Option]:
        by_title = [entry for entry in self._entries if entry.matches(words)]
        found = by_title or [entry for entry in self._entries if entry.matches(words, in_help=True)]
        options: list[Option] = []
        for group, entries in groupby(found, key=lambda entry: entry.group):
            options.append(Option(styled((group, "bold accent")), disabled=True))
            options += map(EntryOption, entries)
        return options

    def describe_option(self, option: Option) -> Content:
        assert isinstance(option, EntryOption)
        entry = option.entry
        parts = [styled((entry.title, "bold")), Content(entry.help)]
        if entry.key:
            parts.append(styled(("key  ", "quiet"), (entry.key, "bold accent")))
        return Content("\n\n").join(parts)

    def result_of(self, option: Option) -> PaletteEntry:
        assert isinstance(option, EntryOption)
        return option.entry
