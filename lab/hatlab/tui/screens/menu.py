"""The menu of all actions: in groups, filtered as one types, each with what takes it back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from hatlab.actions import SETTINGS, VERBS, Action, ArgKind, Verb, free_text_actions, possible_actions
from hatlab.state.model import LabState
from hatlab.topology import Layout
from hatlab.tui.map.pane import advert_networks
from hatlab.tui.screens.dialog import Dialog, dialog_box
from hatlab.tui.widgets.line_widget import styled

GROUPS = {
    "mend": "Mend",
    "process": "Processes",
    "node": "Machines",
    "network": "Network",
    "configuration": "Configuration",
    "lab": "The lab",
}
"""A verb's group and its heading, in the menu's order."""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of the menu."""

    group: str
    """A key of GROUPS."""
    title: str
    """What it does, in words."""
    line: str
    """As `hatlab do` takes it; the beginning of it if `action` is None."""
    action: Action | None
    """None if words are still missing."""
    node: str | None
    """The node it touches, None for all."""

    @property
    def names(self) -> str:
        """All that it is called, for the filter."""
        settings = " ".join(SETTINGS) if self.verb.name == "set" else ""
        return f"{self.title} {self.line} {self.group} {settings}".lower()

    @property
    def description(self) -> str:
        """All that is said of it, for a filter that no name matches."""
        return f"{self.names} {self.verb.help}".lower()

    @property
    def verb(self) -> Verb:
        words = self.line.split()
        return VERBS.get(" ".join(words[:2])) or VERBS[words[0]]


def menu_entries(state: LabState, cures: Sequence[Action], node: str | None = None) -> list[MenuEntry]:
    """Return what can be done, in the menu's order.

    Args:
        state: of the lab.
        cures: what mends a fault; comes first.
        node: leaves only what touches this node.
    """
    layout = state.layout
    if layout is None:
        return []
    entries = [*map(_action_entry, _heartbeats_first(layout)), *_free_text_entries(layout)]
    entries.sort(key=lambda entry: list(GROUPS).index(entry.group))
    entries = [
        *(_action_entry(cure, "mend") for cure in cures),
        *(entry for entry in entries if entry.action not in cures),
    ]
    return [entry for entry in entries if node is None or entry.node == node]


def _heartbeats_first(layout: Layout) -> Iterator[Action]:
    """Yield each action; of a verb those on networks of adverts first, as they are nearly always meant."""
    heartbeats = advert_networks(layout)
    for _, actions in groupby(possible_actions(layout), key=lambda action: action.verb):
        yield from sorted(actions, key=lambda action: action.get(ArgKind.NETWORK) not in heartbeats)


def _action_entry(action: Action, group: str = "") -> MenuEntry:
    group = group or VERBS[action.verb].group
    return MenuEntry(group, action.title, str(action), action, action.get(ArgKind.NODE))


def _free_text_entries(layout: Layout) -> Iterator[MenuEntry]:
    """Yield the verbs that need words of one's own: they open the line to type in."""
    for action in free_text_actions(layout):
        title = action.title.replace("KEY to VALUE", f"{SETTINGS[0]}, {SETTINGS[1]} …")
        yield MenuEntry(VERBS[action.verb].group, title, f"{action} ", None, action.args[0])


class EntryOption(Option):
    """A line of the list that stands for an entry; headings are plain options."""

    def __init__(self, entry: MenuEntry) -> None:
        more = " …" if entry.action is None else ""
        super().__init__(styled("  ", entry.title, (more, "quiet")))
        self.entry = entry


class ActionMenu(Dialog[MenuEntry | None]):
    """Type to filter, arrows to choose, enter to do it.

    Args:
        entries: what is offered.
        title: whose menu it is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close", id="menu.close", tooltip="Close the menu"),
        Binding("down", "move(1)", "next", id="menu.down", priority=True),
        Binding("up", "move(-1)", "previous", id="menu.up", priority=True),
        Binding("pagedown", "move(8)", "page on", id="menu.page-down", priority=True),
        Binding("pageup", "move(-8)", "page back", id="menu.page-up", priority=True),
    ]

    def __init__(self, entries: list[MenuEntry], title: str = "act") -> None:
        super().__init__()
        self._entries = entries
        self._title = title

    def compose(self) -> ComposeResult:
        with dialog_box(self._title, "type to filter · ↑↓ choose · enter do · esc close", "menu"):
            yield Input(placeholder="filter: kill, heartbeat, db2 …", id="menu-filter")
            with Horizontal(id="menu-body"):
                yield OptionList(id="menu-list")
                with VerticalScroll(id="menu-detail"):
                    yield Static(id="menu-help")

    def on_mount(self) -> None:
        self._show_matching("")
        self.query_one(Input).focus()

    def _show_matching(self, query: str) -> None:
        """Show entries with all words of a query in their names; if there are none, in their descriptions."""
        words = query.lower().split()
        by_name = [entry for entry in self._entries if all(word in entry.names for word in words)]
        matching = by_name or [e for e in self._entries if all(word in e.description for word in words)]
        options: list[Option] = []
        for group, entries in groupby(matching, key=lambda entry: entry.group):
            options.append(Option(styled((GROUPS[group], "bold accent")), disabled=True))
            options += map(EntryOption, entries)
        menu = self.query_one(OptionList)
        menu.clear_options()
        menu.add_options(options)
        menu.highlighted = 1 if matching else None
        if not matching:
            self._explain_entry(None)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._show_matching(event.value)

    def on_input_submitted(self) -> None:
        self._take(self.query_one(OptionList).highlighted_option)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._take(event.option)

    def _take(self, option: Option | None) -> None:
        if isinstance(option, EntryOption):
            self.dismiss(option.entry)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self._explain_entry(event.option.entry if isinstance(event.option, EntryOption) else None)

    def action_move(self, step: int) -> None:
        """Move past headings, and stay at the ends."""
        menu = self.query_one(OptionList)
        rows = [row for row, option in enumerate(menu.options) if not option.disabled]
        if not rows:
            return
        position = rows.index(menu.highlighted) if menu.highlighted in rows else 0
        menu.highlighted = rows[max(0, min(len(rows) - 1, position + step))]

    def _explain_entry(self, entry: MenuEntry | None) -> None:
        text = styled(("Nothing matches.", "quiet")) if entry is None else entry_help(entry)
        self.query_one("#menu-help", Static).update(text)


def entry_help(entry: MenuEntry) -> Content:
    """Return what an entry does, how it is written, and what takes it back."""
    verb = entry.verb
    undo = entry.action.undo if entry.action else None
    back = f"taken back by  {undo}" if undo else "`reset` takes it back" if verb.group != "lab" else ""
    parts = [
        styled((entry.title, "bold")),
        Content(verb.help),
        styled(("as typed  ", "quiet"), (entry.line.strip(), "wire")),
        styled(("usage     ", "quiet"), verb.usage),
    ]
    if entry.action is None:
        parts.append(styled(("as in     ", "quiet"), verb.example))
    if back:
        parts.append(styled((back, "quiet")))
    return Content("\n\n").join(parts)
