"""The help: what is seen, the keys, the words. One page each, scrollable."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from hatlab.lessons.glossary import load_glossary
from hatlab.tui.commands import COMMANDS
from hatlab.tui.keys import key_of
from hatlab.tui.screens.dialog import Dialog, dialog_box
from hatlab.tui.widgets.find_places import find_places
from hatlab.tui.widgets.findable import Findable, FindField
from hatlab.tui.widgets.line_widget import Piece, styled
from hatlab.util.kiosk import is_kiosk
from hatlab.util.text import wrap_hanging

PAGES = ("what you see", "keys", "words")
_LEFT_COLUMN = 22
"""Cells of the column with a sign or a word."""

SIGNS: tuple[tuple[str, str, str], ...] = (
    ("★ MASTER", "bold master", "keepalived reports that this node owns the virtual address"),
    ("○ BACKUP", "bold backup", "it listens, and takes over if the adverts stop"),
    ("✖ FAULT", "bold fault", "a check or an interface failed, so it cannot be Master"),
    ("· INIT", "bold init", "keepalived is starting"),
    ("■ STOPPED", "bold stopped", "keepalived is not running"),
    ("□ OFF", "bold stopped", "the whole machine is off"),
    ("◆ holds …", "bold vip", "the address is on its interface: a fact, not just a claim"),
    ("◔ takeover in 2.1 s", "", "a Backup's timer; every advert it accepts restarts it"),
    ("╌╌▐150▌╌╌▸", "wire", "an advert of priority 150 on its way (really 0.2 ms; drawn slowed down)"),
    ("╌╌✂    ╌╌╳", "fault", "the wire is cut here; an advert dies here"),
    ("▲ answers the client", "master", "this node's mysqld answered the last probe"),
    ("✔ ✖ ❄ ‖", "", "runs · is down · is frozen · is paused"),
    ("⚠ …, yet …", "bold fault", "adverts, reports and addresses disagree: trust the addresses"),
    ("⚠ SPLIT BRAIN", "bold fault", "two nodes hold the same address at the same time"),
    ("why?", "bold accent", "what caused the last change, with the numbers and the rule"),
)
"""A sign on the screen, its tone, and what it means."""
PANE_KEYS = (
    ("tab", "next pane", "Shift+Tab goes back"),
    ("enter", "open", "A node's menu, a packet's fields"),
    ("← →", "time", "In the timeline: look at a past moment"),
    ("+ -", "zoom", "In the timeline"),
    ("space", "follow", "In a pane: follow what happens, or stay where you are"),
    ("↑ ↓", "choose", "A packet or a line of the log; {copy} copies it"),
    ("f", "filter", "In the packets and the log, as {find} does"),
    ("drag", "select", "Text to copy with Ctrl+C"),
    ("click", "menu", "On a node"),
)
"""Keys of the panes: key, label, help."""


def help_page(name: str, width: int) -> Content:
    """Return one page, its right column wrapped to `width`."""
    return Content("\n").join(_help_rows(name, width))


def found_rows(words: str, width: int) -> Content:
    """Return the rows of all pages that have all words, each page's under its name."""
    lines: list[Content] = []
    for page in PAGES:
        rows = _help_rows(page, width)
        if places := find_places([row.plain for row in rows], words):
            lines += [styled((page, "bold accent")), *(rows[place] for place in places), Content("")]
    return Content("\n").join(lines or [styled(("No line of the help has these words.", "quiet"))])


def _help_rows(name: str, width: int) -> list[Content]:
    match name:
        case "keys":
            commands = (c for c in COMMANDS if c.needs != "disk" or not is_kiosk(os.environ))
            rows = [_key_row(c.key_shown, c.label, c.help, width) for c in commands]
            rows += [
                styled(""),
                *(_key_row(key, label, _with_keys(text), width) for key, label, text in PANE_KEYS),
            ]
        case "words":
            rows = [_word_row(term.name, "bold", term.meaning, width) for term in load_glossary().terms]
        case _:
            rows = [_word_row(sign, tone, text, width) for sign, tone, text in SIGNS]
    return rows


def _with_keys(text: str) -> str:
    return text.format(copy=key_of("view.copy"), find=key_of("view.find"))


def _key_row(key: str, label: str, text: str, width: int) -> Content:
    shown = f"{key:>5} ".ljust(7)
    return styled((shown, "bold accent"), (f"{label:<16}", "bold"), _wrap_right(text, 23, width))


def _word_row(word: str, tone: str, text: str, width: int) -> Content:
    return styled((f"{word:<{_LEFT_COLUMN}} ", tone), _wrap_right(text, _LEFT_COLUMN + 1, width))


def _wrap_right(text: str, indent: int, width: int) -> str:
    lines = wrap_hanging(text, max(20, width - indent), 0)
    return ("\n" + " " * indent).join(lines)


class HelpScreen(Findable, Dialog[None]):
    """Three pages; left and right turn them, / finds words in all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,question_mark,enter", "dismiss", "close", id="help.close", tooltip="Close the help"),
        Binding(
            "escape", "back_out", "back", id="help.back", tooltip="Show the pages again, or close the help"
        ),
        replace(Findable.FIND, id="help.find"),
        Binding("right,tab,space", "turn(1)", "next page", id="help.next", priority=True),
        Binding("left,shift+tab", "turn(-1)", "previous page", id="help.previous", priority=True),
        *(Binding(str(n), f"open({n - 1})", name, id=f"help.{n}") for n, name in enumerate(PAGES, 1)),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._page, self._words = 0, ""

    def compose(self) -> ComposeResult:
        with dialog_box("help", "← → page · ↑↓ scroll · / find · Esc close"):
            yield FindField("words to find in all pages · Esc: back to the pages")
            yield Static(id="help-tabs")
            with VerticalScroll(id="help-page"):
                yield Static(id="help-text")

    def on_mount(self) -> None:
        self.call_after_refresh(self.action_open, 0)
        self.query_one("#help-page").focus()

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """In the field, blanks and arrows are typed."""
        return action != "turn" or not self.finding

    def focus_found(self) -> None:
        self.query_one("#help-page").focus()

    def show_found(self, words: str) -> None:
        self._words = words
        self._update_page()
        self.query_one("#help-page").scroll_home(animate=False)

    def action_back_out(self) -> None:
        """Show the pages again; close the help if it shows one."""
        if not self.close_find():
            self.dismiss()

    def action_turn(self, step: int) -> None:
        self.action_open((self._page + step) % len(PAGES))

    def action_open(self, number: int) -> None:
        self._page, self._words = number, ""
        tabs: list[str | Piece] = []
        for index, name in enumerate(PAGES):
            tabs += [(f" {index + 1} {name} ", "bold reverse" if index == number else "quiet"), "  "]
        self.query_one("#help-tabs", Static).update(styled(*tabs))
        self._update_page()
        self.query_one("#help-page").scroll_home(animate=False)

    def on_resize(self) -> None:
        self._update_page()

    def _update_page(self) -> None:
        width = self.query_one("#help-page").scrollable_content_region.width
        text = found_rows(self._words, width) if self._words else help_page(PAGES[self._page], width)
        self.query_one("#help-text", Static).update(text)
