"""The menu of all actions: in groups, filtered as one types, each with what takes it back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from hatlab.actions import SETTINGS, VERBS, Action, ArgKind, Verb, free_text_actions, possible_actions
from hatlab.state.feasible import why_not_now
from hatlab.state.model import LabState
from hatlab.topology import Layout
from hatlab.tui.screens.search_dialog import SearchDialog
from hatlab.tui.widgets.bullet_list import BulletOption
from hatlab.tui.widgets.line_widget import styled
from hatlab.views.wire import advert_networks

GROUPS = {
    "fix": "Fix",
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
    why_not: str = ""
    """Why it cannot be done now; "" if it can."""

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


def menu_entries(
    state: LabState, cures: Sequence[Action], node: str | None = None, *, hiding: bool = False
) -> list[MenuEntry]:
    """Return what can be done, in the menu's order.

    Args:
        state: of the lab.
        cures: actions that fix a fault; they come first.
        node: leaves only what touches this node.
        hiding: what is broken is to be found, so nothing is said of what cannot be done.
    """
    layout = state.layout
    if layout is None:
        return []
    entries = [*map(_action_entry, _heartbeats_first(layout)), *_free_text_entries(layout)]
    entries.sort(key=lambda entry: list(GROUPS).index(entry.group))
    entries = [
        *(_action_entry(cure, "fix") for cure in cures),
        *(entry for entry in entries if entry.action not in cures),
    ]
    entries = [entry for entry in entries if node is None or entry.node == node]
    return entries if hiding else [_with_reason(entry, state) for entry in entries]


def _with_reason(entry: MenuEntry, state: LabState) -> MenuEntry:
    """Return an entry with why it cannot be done now, if it cannot."""
    action = entry.action or Action(entry.verb.name, (entry.node or "",))
    return replace(entry, why_not=why_not_now(action, state))


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
        line = styled(entry.title, (more, "quiet"))
        if entry.why_not:
            line = styled((f"{entry.title}: {entry.why_not}", "quiet"))
        super().__init__(BulletOption(("  ", ""), line, hang=2), disabled=bool(entry.why_not))
        self.entry = entry


class ActionMenu(SearchDialog[MenuEntry]):
    """Ends with the entry that was taken.

    Args:
        entries: what is offered.
        title: whose menu it is.
    """

    def __init__(self, entries: list[MenuEntry], title: str = "act") -> None:
        super().__init__(title, "kill, heartbeat, db2 …")
        self._entries = entries

    def copyable(self) -> str:
        """Return the highlighted action as one types it."""
        option = self.query_one(OptionList).highlighted_option
        return option.entry.line.strip() if isinstance(option, EntryOption) else ""

    def matching_options(self, words: Sequence[str]) -> list[Option]:
        """Return entries with all words in their names; if there are none, in their descriptions.

        What cannot be done now is shown to whoever looks for it, with the reason.
        """
        offered = [entry for entry in self._entries if words or not entry.why_not]
        by_name = [entry for entry in offered if all(word in entry.names for word in words)]
        matching = by_name or [e for e in offered if all(word in e.description for word in words)]
        options: list[Option] = []
        for group, entries in groupby(matching, key=lambda entry: entry.group):
            options.append(Option(styled((GROUPS[group], "bold accent")), disabled=True))
            options += map(EntryOption, entries)
        return options

    def describe_option(self, option: Option) -> Content:
        assert isinstance(option, EntryOption)
        return entry_help(option.entry)

    def result_of(self, option: Option) -> MenuEntry:
        assert isinstance(option, EntryOption)
        return option.entry


def entry_help(entry: MenuEntry) -> Content:
    """Return what an entry does, how it is written, and what takes it back."""
    verb = entry.verb
    undo = entry.action.undo if entry.action else None
    back = undo or ("reset" if verb.group != "lab" else "")
    forms = [
        ("type", (entry.line.strip(), "wire")),
        *([("usage", (verb.usage, "")), ("example", (verb.example, ""))] if entry.action is None else []),
        ("undo with", (str(back), "")),
    ]  # each beneath its name: a line that wraps in a narrow menu needs no hanging indent
    parts = [
        styled((entry.title, "bold")),
        *([styled((f"Not now: {entry.why_not}.", "warn"))] if entry.why_not else []),
        Content(verb.help),
        Content("\n").join(styled((f"{name}:\n", "quiet"), form) for name, form in forms if form[0]),
    ]
    return Content("\n\n").join(parts)
