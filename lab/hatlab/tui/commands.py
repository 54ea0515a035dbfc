"""Every command of the app, once: its key, its label, its help. Bindings, footer, palette and help read this.

A command either calls an action of the app, or does something to the lab (`line`, written as for `hatlab do`,
with {node} for the node that keys act on and {heartbeat} for the adverts' network).
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from hatlab.actions import Action, parse


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
    """

    @property
    def key_shown(self) -> str:
        """The key as people read it."""
        return self.shown or self.key

    @property
    def app_action(self) -> str:
        """The app's action as Textual's bindings write it: a `line` goes to `ActionApp.action_do`."""
        return self.call or f"do({self.line!r})"

    def applies(self, kinds: Container[str]) -> bool:
        """Return True if it is of use in a lab of these kinds."""
        need = self.needs or ("live" if self.line else "")
        return not need or need in kinds


COMMANDS: tuple[Command, ...] = (
    Command(
        "lab.act",
        "a",
        "act",
        "Everything that can be done, in a menu with a filter",
        "menu",
        footer=1,
        needs="live",
    ),
    Command(
        "lab.kill",
        "k",
        "kill mysqld",
        "Kill mysqld on the chosen node, else on the Master",
        line="kill mysqld {node}",
        footer=2,
    ),
    Command("lab.cut", "c", "cut", "Cut the heartbeat between the servers", line="cut {heartbeat}", footer=3),
    Command("lab.undo", "u", "undo", "Mend the latest fault", "mend", footer=4, needs="live"),
    Command(
        "lab.mend-all", "U", "mend all", "Mend every fault", "mend_all", footer=30, shown="U", needs="live"
    ),
    Command(
        "lab.stop-keepalived",
        "t",
        "stop keepalived",
        "Stop keepalived in order (SIGTERM) on the chosen node, else on the Master",
        line="stop keepalived {node}",
        footer=14,
    ),
    Command(
        "lab.kill-keepalived",
        "K",
        "kill keepalived",
        "Kill keepalived (SIGKILL): its address stays behind",
        line="kill keepalived {node}",
        shown="K",
    ),
    Command(
        "lab.freeze",
        "i",
        "freeze mysqld",
        "Freeze mysqld: alive, answers nothing",
        line="freeze mysqld {node}",
    ),
    Command(
        "lab.power",
        "o",
        "power off",
        "Power off the chosen node, else the Master",
        line="power off {node}",
        footer=15,
    ),
    Command(
        "lab.link",
        "l",
        "link down",
        "Pull the heartbeat's cable on the chosen node, else on the Master",
        line="link down {heartbeat} {node}",
    ),
    Command("lab.reset", "R", "reset", "Reset the lab to its beginning", "reset", shown="R", needs="live"),
    Command(
        "lab.line",
        "colon",
        "type",
        "Type an action as `hatlab do` takes it",
        "type",
        shown=":",
        footer=16,
        needs="live",
    ),
    Command(
        "node.shell",
        "s",
        "shell",
        "A shell in the chosen node; `exit` comes back",
        "shell",
        footer=6,
        needs="live",
    ),
    Command(
        "node.edit", "e", "edit", "Edit keepalived.conf of the chosen node", "edit", footer=9, needs="live"
    ),
    Command("node.next", "m", "node", "Choose the next node for keys to act on", "next_node", footer=12),
    Command(
        "time.pause", "p", "pause", "Hold the lab's time, or let it go on", "pause", footer=11, needs="time"
    ),
    Command(
        "time.step", "full_stop", "step", "Go to the next event", "step", shown=".", footer=13, needs="time"
    ),
    Command(
        "time.slower",
        "less_than_sign,comma",
        "slower",
        "Slower, down to a tenth",
        "slower",
        shown="<",
        footer=18,
        needs="time",
    ),
    Command(
        "time.faster",
        "greater_than_sign",
        "faster",
        "Faster, up to a hundred times",
        "faster",
        shown=">",
        footer=19,
        needs="time",
    ),
    Command(
        "time.rewind",
        "backspace",
        "go there",
        "Set time to the moment selected in the timeline; a simulated lab forgets what came after",
        "rewind",
        shown="bksp",
        footer=20,
        needs="time",
    ),
    Command(
        "time.drop-branch",
        "x",
        "drop branch",
        "After going back: show the other future, dim in the timeline, no more",
        "drop_branch",
        needs="time",
    ),
    Command(
        "time.transition",
        "n",
        "next change",
        "Play on from the next transition of a recording",
        "ahead('transition')",
        footer=21,
        needs="recorded",
    ),
    Command(
        "time.outage",
        "N",
        "next outage",
        "Play on from the next outage of a recording",
        "ahead('outage')",
        shown="N",
        footer=22,
        needs="recorded",
    ),
    Command(
        "time.action",
        "ctrl+n",
        "next action",
        "Play on from the next action of a recording",
        "ahead('action')",
        shown="^n",
        footer=23,
        needs="recorded",
    ),
    Command(
        "lesson.next",
        "n",
        "next",
        "In a lesson: the next step, the page at the end, the next lesson",
        "lesson('next')",
        footer=24,
        needs="lesson",
    ),
    Command(
        "lesson.hint", "h", "hint", "In a lesson: one more hint", "lesson('hint')", footer=25, needs="lesson"
    ),
    Command(
        "lesson.retry",
        "r",
        "retry",
        "In a lesson: this step anew, with the lab as it begins",
        "lesson('retry')",
        footer=26,
        needs="lesson",
    ),
    Command(
        "lesson.back",
        "b",
        "back",
        "In a lesson: read the step before",
        "lesson('back')",
        footer=27,
        needs="lesson",
    ),
    Command(
        "lesson.skip",
        "S",
        "skip",
        "In a lesson: go on without this question or task",
        "lesson('skip')",
        shown="S",
        footer=28,
        needs="lesson",
    ),
    Command(
        "lesson.mend",
        "y",
        "yes, mend",
        "In a lesson: mend what the tutor says is broken without need",
        "lesson('mend')",
        needs="lesson",
    ),
    Command(
        "lesson.free",
        "v",
        "free",
        "In a lesson: the lab without the tutor, and back",
        "lesson('free')",
        footer=29,
        needs="lesson",
    ),
    Command("view.why", "w", "why", "Every explanation so far", "whys", footer=10),
    Command("view.tab-1", "1", "timeline", "Show the timeline", "pane('timeline')"),
    Command("view.tab-2", "2", "packets", "Show the packets", "pane('packets')"),
    Command("view.tab-3", "3", "log", "Show the log", "pane('log')"),
    Command(
        "view.tab-4",
        "4",
        "tutor",
        "In a lesson: read it, answer its question",
        "pane('tutor')",
        needs="lesson",
    ),
    Command(
        "view.live", "escape", "live", "Back to now, after looking at a past moment", "live", shown="esc"
    ),
    Command("view.theme", "T", "light/dark", "Light or dark colours", "theme", shown="T", footer=17),
    Command(
        "view.palette", "ctrl+p", "palette", "Search every command and action", "command_palette", shown="^p"
    ),
    Command(
        "app.help", "question_mark", "help", "What is seen here, keys, words", "help", shown="?", footer=7
    ),
    Command(
        "app.lessons",
        "L",
        "lessons",
        "The lessons, and how far you are in them",
        "lessons",
        shown="L",
        footer=5,
        needs="live",
    ),
    Command("app.quit", "q", "quit", "End the lab and leave", "leave", shown="q", footer=8),
)


LEAVE_ANYWHERE = Binding(
    "ctrl+q,ctrl+c",
    "app.leave",
    "quit",
    tooltip="End the lab and leave",
    id="app.leave",
    show=False,
    priority=True,
)
"""Leaves while one types, too."""


def app_bindings() -> list[BindingType]:
    """Return the app's bindings: a key for each command."""
    keys: list[BindingType] = [
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
    return [*keys, LEAVE_ANYWHERE]


def action_from_line(line: str, node: str, heartbeat: str) -> Action:
    """Return the action of a command's line.

    Raises:
        ActionError: the line is no action in this lab, as when there is no node.
    """
    return parse(line.format(node=node, heartbeat=heartbeat))
