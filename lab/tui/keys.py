"""Every command of the app, once: its key, its label, its help. Bindings, footer, palette and help read this.

A command either calls an action of the app, or does something to the lab (`line`, written as for `hatlab do`,
with {node} for the node that keys act on and {heartbeat} for the adverts' network).
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType

from lab.actions import Action


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        id: stable, for people who bind their own keys.
        key: Textual's name of the key.
        label: two words at most, for the footer.
        help: one line.
        call: the app's action.
        line: what it does to the lab, if it does.
        footer: rank in the footer, 0 for not there; low ranks are kept on a narrow screen.
        shown: the key as people read it.
    """

    id: str
    key: str
    label: str
    help: str
    call: str = ""
    line: str = ""
    footer: int = 0
    shown: str = ""

    @property
    def key_shown(self) -> str:
        return self.shown or self.key

    @property
    def app_action(self) -> str:
        return self.call or f"do({self.line!r})"


COMMANDS: tuple[Command, ...] = (
    Command("lab.act", "a", "act", "Everything that can be done, in a menu with a filter", "menu", footer=1),
    Command(
        "lab.kill",
        "k",
        "kill mysqld",
        "Kill mysqld on the chosen node, else on the Master",
        line="kill mysqld {node}",
        footer=2,
    ),
    Command("lab.cut", "c", "cut", "Cut the heartbeat between the servers", line="cut {heartbeat}", footer=3),
    Command("lab.undo", "u", "undo", "Mend the latest fault", "mend", footer=4),
    Command("lab.mend-all", "U", "mend all", "Mend every fault", "mend_all", footer=13, shown="U"),
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
    Command("lab.reset", "R", "reset", "Reset the lab to its beginning", "reset", shown="R"),
    Command(
        "lab.line", "colon", "type", "Type an action as `hatlab do` takes it", "type", shown=":", footer=16
    ),
    Command(
        "node.shell", "s", "shell", "A real shell in the chosen node; `exit` comes back", "shell", footer=5
    ),
    Command("node.edit", "e", "edit", "Edit keepalived.conf of the chosen node", "edit", footer=6),
    Command("node.next", "m", "node", "Choose the next node for keys to act on", "next_node", footer=11),
    Command("view.why", "w", "why", "Every explanation so far", "whys", footer=7),
    Command("view.tab-1", "1", "timeline", "Show the timeline", "pane('timeline')"),
    Command("view.tab-2", "2", "packets", "Show the packets", "pane('packets')"),
    Command("view.tab-3", "3", "log", "Show the log", "pane('log')"),
    Command(
        "view.live", "escape", "live", "Back to now, after looking at a past moment", "live", shown="esc"
    ),
    Command("view.theme", "T", "light/dark", "Light or dark colours", "theme", shown="T", footer=17),
    Command(
        "view.palette", "ctrl+p", "palette", "Search every command and action", "command_palette", shown="^p"
    ),
    Command(
        "app.help", "question_mark", "help", "What is seen here, keys, words", "help", shown="?", footer=8
    ),
    Command("app.quit", "q", "quit", "End the lab and leave", "leave", shown="q", footer=10),
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
"""Works while one types, too."""


def bindings() -> list[BindingType]:
    """The app's bindings."""
    found: list[BindingType] = [
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
    return [*found, LEAVE_ANYWHERE]


def fill(line: str, node: str, heartbeat: str) -> Action:
    """The action of a command's line."""
    from lab.actions import parse

    return parse(line.format(node=node, heartbeat=heartbeat))
