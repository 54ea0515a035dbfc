"""Every command of the app, once: its key, its label, its help. Bindings, footer, palette and help read this.

A command either calls an action of the app, or does something to the lab (`line`, written as for `hatlab do`,
with {node} for the node that keys act on and {heartbeat} for the adverts' network).
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from hatlab.actions import Action, parse

_bound: dict[str, str] = {}
"""The commands that a person has bound to other keys → these, as people read them."""


def rebind(keys: Mapping[str, str]) -> None:
    """Show these keys, as people read them, for these commands, and hatlab's own for all others."""
    _bound.clear()
    _bound.update(keys)


@dataclass(frozen=True, slots=True)
class Command:
    """One command."""

    id: str
    """Stable, for people who bind their own keys."""
    key: str
    """Textual's name of the key."""
    label: str
    """Two words at most, for the footer."""
    help: str
    """One line."""
    call: str = ""
    """The app's action, without the prefix `action_`."""
    line: str = ""
    """What it does to the lab, if it does."""
    footer: int = 0
    """Rank in the footer, 0 for not there; low ranks are kept on a narrow screen."""
    shown: str = ""
    """The key as people read it, if that is not `key`."""
    needs: str = ""
    """What the lab must be, "" for any.

    `live`: it can be acted on. `time`: time can be held. `recorded`: its end is known. `lesson`: one is on.
    `disk`: files of this machine may be written, so not in a kiosk.
    """

    @property
    def key_shown(self) -> str:
        """The key as people read it: a person's own, if they have bound another."""
        return _bound.get(self.id) or self.own_key_shown

    @property
    def own_key_shown(self) -> str:
        """hatlab's key as people read it."""
        return self.shown or self.key

    @property
    def app_action(self) -> str:
        """The app's action as Textual's bindings write it: a `line` goes to `ActionApp.action_do`."""
        return self.call or f"do({self.line!r})"

    def applies(self, kinds: Container[str]) -> bool:
        """Return True if it is of use in a lab of these kinds."""
        need = self.needs or ("live" if self.line else "")
        return not need or need in kinds


def _node_command(name: str, key: str, label: str, text: str, footer: int = 0) -> Command:
    """Return the command whose label is an action, done to the node that keys act on."""
    return Command(f"lab.{name}", key, label, text, line=f"{label} {{node}}", footer=footer)


def _time_command(name: str, key: str, label: str, text: str, footer: int = 0, shown: str = "") -> Command:
    """Return a command for a lab whose time can be held."""
    call = name.replace("-", "_")
    return Command(f"time.{name}", key, label, text, call, "", footer, shown, "time")


def _jump_command(what: str, key: str, label: str, footer: int, shown: str = "") -> Command:
    """Return the command that plays a recording on from the next change of a kind."""
    text = f"In a recording: jump to the next {what}"
    return Command(f"time.{what}", key, label, text, f"ahead('{what}')", "", footer, shown, "recorded")


def _lesson_command(name: str, key: str, label: str, text: str, footer: int = 0) -> Command:
    """Return the command of one of a lesson's keys."""
    text = f"In a lesson: {text}"
    return Command(f"lesson.{name}", key, label, text, f"lesson('{name}')", footer=footer, needs="lesson")


COMMANDS: tuple[Command, ...] = (
    Command(
        "lab.act",
        "a",
        "act",
        "Open a menu of every action, with a filter",
        "menu",
        footer=1,
        needs="live",
    ),
    _node_command("kill", "k", "kill mysqld", "Kill mysqld on the chosen node (or on the Master)", 2),
    Command("lab.cut", "c", "cut", "Cut the heartbeat between the servers", line="cut {heartbeat}", footer=3),
    Command("lab.undo", "u", "undo", "Fix the latest fault", "fix", footer=4, needs="live"),
    Command("lab.mend-all", "U", "fix all", "Fix every fault", "fix_all", footer=30, needs="live"),
    _node_command(
        "stop-keepalived",
        "t",
        "stop keepalived",
        "Stop keepalived cleanly (SIGTERM) on the chosen node (or on the Master)",
        14,
    ),
    _node_command(
        "kill-keepalived", "K", "kill keepalived", "Kill keepalived (SIGKILL): the node keeps its address"
    ),
    _node_command("freeze", "i", "freeze mysqld", "Freeze mysqld: it stays alive but answers nothing"),
    _node_command("power", "o", "power off", "Power off the chosen node (or the Master)", 15),
    Command(
        "lab.link",
        "l",
        "link down",
        "Unplug the heartbeat cable of the chosen node (or of the Master)",
        line="link down {heartbeat} {node}",
    ),
    Command("lab.reset", "R", "reset", "Reset the lab to how it started", "reset", needs="live"),
    Command(
        "lab.line",
        "colon",
        "type",
        "Type an action, as for `hatlab do`",
        "type",
        shown=":",
        footer=16,
        needs="live",
    ),
    Command(
        "node.shell",
        "s",
        "shell",
        "Open a shell on the chosen node; `exit` brings you back",
        "shell",
        footer=6,
        needs="live",
    ),
    Command(
        "node.edit", "e", "edit", "Edit keepalived.conf of the chosen node", "edit", footer=9, needs="live"
    ),
    Command("node.next", "m", "node", "Choose the next node: keys act on it", "next_node", footer=12),
    _time_command("pause", "p", "pause", "Pause the lab's time, or resume it", 11),
    _time_command("step", "full_stop", "step", "Run to the next event, then pause", 13, shown="."),
    _time_command("slower", "less_than_sign,comma", "slower", "Slow down, to a tenth at most", 18, shown="<"),
    _time_command(
        "faster", "greater_than_sign", "faster", "Speed up, to a hundred times at most", 19, shown=">"
    ),
    _time_command(
        "rewind",
        "backspace",
        "go there",
        "Go to the moment selected in the timeline; a simulated lab undoes everything after it",
        20,
        shown="bksp",
    ),
    _time_command(
        "drop-branch",
        "x",
        "drop branch",
        "After going back: hide the other future, shown dim in the timeline",
    ),
    _jump_command("transition", "n", "next change", 21),
    _jump_command("outage", "N", "next outage", 22),
    _jump_command("action", "ctrl+n", "next action", 23, shown="^n"),
    Command(
        "lesson.answer",
        "enter",
        "answer",
        "In a lesson: answer the open question, see both futures, or continue",
        "answer",
        shown="Enter",
        needs="lesson",
    ),
    _lesson_command("next", "n", "next", "continue to the next step, the summary or the next lesson", 24),
    _lesson_command("hint", "h", "hint", "show one more hint", 25),
    _lesson_command("retry", "r", "restart", "restart this step, with the lab reset for it", 26),
    _lesson_command("back", "b", "back", "reread the previous step", 27),
    _lesson_command("skip", "S", "skip", "skip this question or task", 28),
    _lesson_command("fix", "y", "yes, fix", "fix what the tutor says this step does not need"),
    _lesson_command("free", "v", "free", "hide the tutor, or bring it back", 29),
    Command("view.why", "w", "why", "List every explanation so far", "whys", footer=10),
    Command("view.glossary", "g", "glossary", "Look up the words on the screen", "glossary", footer=31),
    Command("view.notices", "M", "messages", "Read every message again, in full", "notices"),
    Command("view.tab-1", "1", "timeline", "Show the timeline", "pane('timeline')"),
    Command("view.tab-2", "2", "packets", "Show the packets", "pane('packets')"),
    Command("view.tab-3", "3", "log", "Show the log", "pane('log')"),
    Command(
        "view.tab-4",
        "4",
        "tutor",
        "In a lesson: read it and answer its questions",
        "pane('tutor')",
        needs="lesson",
    ),
    Command(
        "view.live",
        "escape",
        "back",
        "Go back one level: to now, out of a filter, to the lesson",
        "back_out",
        shown="Esc",
    ),
    Command(
        "view.copy",
        "Y",
        "copy",
        "Copy what has the focus: a packet, a log line, the step; Ctrl+C copies selected text",
        "copy",
        footer=33,
    ),
    Command("view.picture", "P", "picture", "Save the screen as a picture (SVG)", "picture", needs="disk"),
    Command(
        "view.find",
        "slash",
        "find",
        "Find words in the pane that has the focus",
        "find",
        shown="/",
        footer=32,
    ),
    Command(
        "view.facts-only",
        "B",
        "facts only",
        "Hide what hatlab concludes (banners, whys, verdicts) to find it yourself, or show it again",
        "facts_only",
    ),
    Command("view.theme", "T", "light/dark", "Switch between light and dark colours", "theme", footer=17),
    Command("view.themes", "ctrl+t", "themes", "Choose the colours from a list", "themes", shown="^t"),
    Command(
        "lesson.narrower",
        "left_parenthesis",
        "narrower",
        "In a lesson: make the tutor narrower, where it stands beside the lab",
        "tutor_width(-1)",
        shown="(",
        needs="lesson",
    ),
    Command(
        "lesson.wider",
        "right_parenthesis",
        "wider",
        "In a lesson: make the tutor wider, where it stands beside the lab",
        "tutor_width(1)",
        shown=")",
        needs="lesson",
    ),
    Command(
        "view.palette", "ctrl+p", "palette", "Search every command and action", "command_palette", shown="^p"
    ),
    Command(
        "app.help",
        "question_mark",
        "help",
        "Explain the screen, the keys and the words",
        "help",
        shown="?",
        footer=7,
    ),
    Command(
        "app.lessons",
        "L",
        "lessons",
        "List the lessons and your progress",
        "lessons",
        footer=5,
        needs="live",
    ),
    Command(
        "app.drill",
        "D",
        "drill",
        "End this lab and take a drill: an incident to find, name and fix",
        "drill",
        needs="live",
    ),
    Command("app.quit", "q", "quit", "End the lab and leave", "leave", footer=8),
)


LEAVE_ANYWHERE = Binding(
    "ctrl+q",
    "app.leave",
    "quit",
    tooltip="End the lab and leave",
    id="app.leave",
    show=False,
    priority=True,
)
"""Leaves even while a field has the keys."""
COPY_ANYWHERE = Binding(
    "ctrl+c,super+c",
    "app.copy_or_leave",
    "copy",
    tooltip="Copy the selected text; if none is selected, ask whether to leave",
    id="app.copy",
    show=False,
    priority=True,
)
"""Copies, as people expect, and asks whether to leave, as they expect too: it never leaves at once."""
TYPE_ANYWHERE = Binding(
    "colon",
    "app.type",
    "type",
    tooltip="Close this and type an action",
    id="app.type",
    show=False,
)
"""Opens the action line from a dialog, too."""


def app_bindings() -> list[BindingType]:
    """Return the app's bindings: a key for each command."""
    keys = [
        Binding(
            command.key,
            command.app_action,
            command.label,
            tooltip=command.help,
            id=command.id,
            show=False,
            key_display=command.key_shown,
        )
        for command in COMMANDS
    ]
    return [*keys, LEAVE_ANYWHERE, COPY_ANYWHERE]


def action_from_line(line: str, node: str, heartbeat: str) -> Action:
    """Return the action of a command's line.

    Raises:
        ActionError: the line is no action in this lab, as when there is no node.
    """
    return parse(line.format(node=node, heartbeat=heartbeat))
