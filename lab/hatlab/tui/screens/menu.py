"""The menu of everything that can be done: grouped, filtered as one types, each with what takes it back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from hatlab.actions import SETTINGS, VERBS, Action, ArgKind, Verb, free_text_actions, possible_actions
from hatlab.state.model import LabState
from hatlab.topology import Layout
from hatlab.tui.map.map import advert_networks
from hatlab.tui.screens.dialog import Dialog
from hatlab.tui.widgets.line_widget import styled

GROUPS = {
    "mend": "Mend",
    "process": "Processes",
    "node": "Machines",
    "network": "Network",
    "configuration": "Configuration",
    "lab": "The lab",
}


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of the menu.

    Attributes:
        group: a key of GROUPS.
        title: what it does, in words.
        line: as `hatlab do` takes it; the beginning of it if `action` is None.
        action: None if words are still missing.
        node: the node it touches, None for all.
    """

    group: str
    title: str
    line: str
    action: Action | None
    node: str | None

    @property
    def named(self) -> str:
        """What it is called, to be searched."""
        settings = " ".join(SETTINGS) if self.verb.name == "set" else ""
        return f"{self.title} {self.line} {self.group} {settings}".lower()

    @property
    def told(self) -> str:
        """All that is said of it, to be searched where no name fits."""
        return f"{self.named} {self.verb.help}".lower()

    @property
    def verb(self) -> Verb:
        words = self.line.split()
        return VERBS.get(" ".join(words[:2])) or VERBS[words[0]]


def menu_entries(state: LabState, cures: Sequence[Action], node: str | None = None) -> list[MenuEntry]:
    """What can be done, in the menu's order; `node` leaves only what touches that node.

    What mends a fault (`cures`) comes first.
    """
    layout = state.layout
    if layout is None:
        return []
    found = [MenuEntry("mend", a.title, str(a), a, a.get(ArgKind.NODE)) for a in cures]
    rest = [_ready(a) for a in _adverts_first(layout)] + list(_wordy(layout))
    rest.sort(key=lambda c: list(GROUPS).index(c.group))
    found += [c for c in rest if c.action not in cures]
    return [c for c in found if node is None or c.node == node]


def _adverts_first(layout: Layout) -> Iterator[Action]:
    """Every choice; of each verb those on the networks of adverts first, as they are nearly always meant."""
    heartbeats = advert_networks(layout)
    for _, same in groupby(possible_actions(layout), key=lambda action: action.verb):
        yield from sorted(same, key=lambda action: action.get(ArgKind.NETWORK) not in heartbeats)


def _ready(action: Action) -> MenuEntry:
    return MenuEntry(VERBS[action.verb].group, action.title, str(action), action, action.get(ArgKind.NODE))


def _wordy(layout: Layout) -> Iterator[MenuEntry]:
    """Verbs that need words of one's own: they open the line to type in."""
    for action in free_text_actions(layout):
        title = action.title.replace("KEY to VALUE", f"{SETTINGS[0]}, {SETTINGS[1]} …")
        yield MenuEntry(VERBS[action.verb].group, title, f"{action} ", None, action.args[0])


class ActionMenu(Dialog[MenuEntry | None]):
    """Type to filter, arrows to choose, enter to do it.

    Args:
        choices: what is offered.
        title: whose menu it is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close", id="menu.close", tooltip="Close the menu"),
        Binding("down", "move(1)", "next", id="menu.down", priority=True),
        Binding("up", "move(-1)", "previous", id="menu.up", priority=True),
        Binding("pagedown", "move(8)", "page on", id="menu.page-down", priority=True),
        Binding("pageup", "move(-8)", "page back", id="menu.page-up", priority=True),
    ]

    def __init__(self, choices: list[MenuEntry], title: str = "act") -> None:
        super().__init__()
        self._choices = choices
        self._title = title
        self._shown: list[MenuEntry | None] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog menu") as box:
            box.border_title = self._title
            box.border_subtitle = "type to filter · ↑↓ choose · enter do · esc close"
            yield Input(placeholder="filter: kill, heartbeat, db2 …", id="menu-filter")
            with Horizontal(id="menu-body"):
                yield OptionList(id="menu-list")
                with VerticalScroll(id="menu-detail"):
                    yield Static(id="menu-help")

    def on_mount(self) -> None:
        self._fill("")
        self.query_one(Input).focus()

    def _fill(self, words: str) -> None:
        wanted = words.lower().split()
        named = [choice for choice in self._choices if all(word in choice.named for word in wanted)]
        kept = named or [choice for choice in self._choices if all(word in choice.told for word in wanted)]
        options: list[Option] = []
        self._shown = []
        group = ""
        for choice in kept:
            if choice.group != group:
                group = choice.group
                options.append(Option(styled((GROUPS[group], "bold accent")), disabled=True))
                self._shown.append(None)
            more = " …" if choice.action is None else ""
            options.append(Option(styled("  ", choice.title, (more, "quiet"))))
            self._shown.append(choice)
        menu = self.query_one(OptionList)
        menu.clear_options()
        menu.add_options(options)
        menu.highlighted = 1 if kept else None
        if not kept:
            self._explain(None)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        choice = self._chosen()
        if choice is not None:
            self.dismiss(choice)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        choice = self._shown[event.option_index]
        if choice is not None:
            self.dismiss(choice)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self._explain(self._shown[event.option_index] if event.option_index < len(self._shown) else None)

    def _chosen(self) -> MenuEntry | None:
        at = self.query_one(OptionList).highlighted
        return self._shown[at] if at is not None and at < len(self._shown) else None

    def action_move(self, step: int) -> None:
        """Moves past headings, and stays at the ends."""
        menu = self.query_one(OptionList)
        spots = [k for k, choice in enumerate(self._shown) if choice is not None]
        if not spots:
            return
        at = spots.index(menu.highlighted) if menu.highlighted in spots else 0
        menu.highlighted = spots[max(0, min(len(spots) - 1, at + step))]

    def _explain(self, choice: MenuEntry | None) -> None:
        shown = styled(("Nothing matches.", "quiet")) if choice is None else entry_help(choice)
        self.query_one("#menu-help", Static).update(shown)


def entry_help(choice: MenuEntry) -> Content:
    """What an entry does, how it is written, and what takes it back."""
    verb = choice.verb
    undo = choice.action.undo if choice.action else None
    back = f"taken back by  {undo}" if undo else "`reset` takes it back" if verb.group != "lab" else ""
    parts = [
        styled((choice.title, "bold")),
        Content(verb.help),
        styled(("as typed  ", "quiet"), (choice.line.strip(), "wire")),
        styled(("usage     ", "quiet"), verb.usage),
    ]
    if choice.action is None:
        parts.append(styled(("as in     ", "quiet"), verb.example))
    if back:
        parts.append(styled((back, "quiet")))
    return Content("\n\n").join(parts)
