"""Where a key, a menu entry, a typed line or a click becomes an Action, and where the Action is carried out.

`tui/commands.py` binds a key to `action_do` with a line such as `kill mysqld {node}`. `action_do` makes an
Action of it, `request_actions` asks first where that is due, and `_perform_actions` hands it to the session.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.message import Message
from textual.notifications import SeverityLevel as Severity
from textual.screen import ModalScreen

from hatlab.actions import Action
from hatlab.errors import ActionError, LabError
from hatlab.keepalived import select_lines
from hatlab.session import Session
from hatlab.state.faults import find_cures, find_faults, latest_cure
from hatlab.state.model import LabState, NodeState
from hatlab.tui.app.labs import LabOnScreen
from hatlab.tui.app.notices import NoticeApp
from hatlab.tui.background import attempt, run_in_background
from hatlab.tui.commands import action_from_line
from hatlab.tui.keys import key_of
from hatlab.tui.messages import ActionFinished, ActionRequested, ActionStarted, NodeOpened
from hatlab.tui.screens.action_result import NOTICE_LINES, ActionResult
from hatlab.tui.screens.dialog import ConfirmDialog
from hatlab.util.terminal import CLEAR_SCREEN, visible_output, with_echo

if TYPE_CHECKING:
    from hatlab.tui.screens.lab import LabScreen
    from hatlab.tui.screens.menu import MenuEntry

NO_WHYS = "You chose facts only, so nothing is explained. Press {key} to see the explanations."
UNDER_WAY = "… {title}"

NO_SHELL = 126
"""The first exit code that says that a shell could not run, or was ended by a signal."""
RESULT_WAITS = 0.3
"""Seconds after which a result looks again whether the dialog before it is closed."""


class ActionApp(NoticeApp):
    """An app with a session to act on."""

    def __init__(self, lab: LabOnScreen) -> None:
        super().__init__()
        self._typed_lines: list[str] = []
        """The action lines typed so far, for ↑ to recall."""
        self._leaving = False
        """True from the moment that the app is about to end."""
        self.wants_facts_only = False
        """True once the learner has asked to see facts alone."""
        self.use_lab(lab)

    def use_lab(self, lab: LabOnScreen) -> None:
        """Take up a lab as if there had been none before."""
        self.session = lab.session
        self.session.facts_only = lambda: self.facts_only or self.faults_hidden
        self.state = LabState()
        self.lab_screen: LabScreen | None = None
        """The lab's screen, None before there is one."""
        self._chosen_node: str | None = None
        self._undoing: dict[Action, str] = {}
        """An action that undoes a fault → the fault, in words."""

    @property
    def target(self) -> str:
        """The node that keys act on."""
        return default_target(self.state, self._chosen_node)

    @property
    def faults_hidden(self) -> bool:
        """True while the learner has to find what is broken: hatlab neither names nor fixes it."""
        return False

    @property
    def facts_only(self) -> bool:
        """True while what hatlab concludes is hidden, by the learner's wish or until a drill is solved."""
        return self.wants_facts_only

    @property
    def why_facts_only(self) -> str:
        """What is said to somebody who asks for explanations while they are hidden."""
        return NO_WHYS.format(key=key_of("view.facts-only"))

    @property
    def lesson_snippets(self) -> tuple[str, ...]:
        """Pieces of configuration that the lesson shows now, for the editor to insert."""
        return ()

    def note_look(self, what: str) -> None:
        """Take note of something that the learner looks at, where that counts."""

    def action_leave(self) -> None:
        """End the lab and leave."""
        raise NotImplementedError

    def confirm(self, title: str, text: str, yes: str, work: Callable[[], None]) -> None:
        """Ask whether to do some work, `yes` being the word for it, and do it if that is confirmed."""
        self.push_screen(ConfirmDialog(title, text, yes), lambda sure: work() if sure else None)

    def show_error(self, error: LabError, severity: Severity = "warning", seconds: float = 5) -> None:
        """Show what went wrong and what to do about it."""
        self.show_notice(error.in_one_line, severity, seconds)

    # -- from a key, a menu or a line to an Action ---------------------------------------------------------

    def action_do(self, line: str) -> None:
        """Request the action of a key's line, on the node that keys act on."""
        from hatlab.views.wire import heartbeat_network

        layout = self.state.layout
        if layout is None:
            return
        if "{node}" in line:
            # the mark stays where a key has acted, also when the address moves on
            self._chosen_node = self.target
        try:
            self.request_actions(action_from_line(line, self.target, heartbeat_network(layout)))
        except ActionError as error:
            self.show_error(error)

    def action_menu(self, node: str = "") -> None:
        """Open the menu of all actions, or of those on one node."""
        from hatlab.tui.screens.menu import ActionMenu, menu_entries

        hiding = self.faults_hidden
        cures = find_cures(self.state, own=hiding)
        entries = menu_entries(self.state, cures, node or None, hiding=hiding)
        self.push_screen(ActionMenu(entries, f"act on {node}" if node else "act"), self._request_entry)

    def on_node_opened(self, message: NodeOpened) -> None:
        self.action_menu(message.node)

    def _request_entry(self, entry: MenuEntry | None) -> None:
        if entry is None:
            return
        if entry.action is None:
            self.action_type(entry.line)
        else:
            self.request_actions(entry.action)

    def action_type(self, begin: str = "") -> None:
        """Open a line to type an action in; `begin` stands in it already. A dialog is closed for it."""
        from hatlab.tui.screens.prompt import ActionPrompt

        layout = self.state.layout
        if layout is None:
            return
        if isinstance(self.screen, ModalScreen) and not getattr(self.screen, "KEPT_BENEATH", False):
            self.screen.dismiss(None)
        self.push_screen(
            ActionPrompt(layout, begin, self._typed_lines),
            lambda action: self.request_actions(action) if action else None,
        )

    def action_reset(self) -> None:
        self._chosen_node = None
        self.request_actions(Action("reset"))

    def action_fix(self) -> None:
        cure = latest_cure(self.state, own=self.faults_hidden)
        self._request_cures([cure] if cure is not None else [])

    def action_fix_all(self) -> None:
        self._request_cures(find_cures(self.state, own=self.faults_hidden))

    def _request_cures(self, cures: Sequence[Action]) -> None:
        if cures:
            faults = {cure: text for text, cure in find_faults(self.state) if cure in cures}
            self._undoing.update(faults)
            self.request_actions(*cures)
            return
        stale = [n.name for n in self.state.nodes.values() if n.conf != n.loaded and n.power == "on"]
        if self.faults_hidden:
            self.show_notice("You broke nothing yourself. What is broken is for you to find and fix by hand.")
        elif stale:
            node = stale[0]
            self.show_notice(
                f"Nothing is broken, but keepalived on {node} still runs an older file. Type: reload {node}"
            )
        else:
            self.show_notice("Nothing is broken.")

    # -- carrying Actions out ------------------------------------------------------------------------------

    def on_action_requested(self, message: ActionRequested) -> None:
        self.request_actions(*message.actions)

    def request_actions(self, *actions: Action) -> None:
        """Carry out actions one after the other; ask first about `reset` and `end`."""
        if not self.state.ready or self.lab_screen is None:
            self.show_notice("Wait until the lab is ready: no Master has been elected yet.", "warning")
            return
        if not self.session.engine.live:
            self.show_notice("A recording cannot be changed. `hatlab start` runs a live lab.", "warning")
            return
        match actions:
            case (Action("end"),):
                self.action_leave()
            case (Action("reset"),):
                text = "Every fault, edit and row is undone. This takes a few seconds."
                self.confirm("reset the lab?", text, "reset", lambda: self._perform_actions(actions))
            case _:
                self._perform_actions(actions)

    def _perform_actions(self, actions: Sequence[Action]) -> None:
        """Carry out actions on a thread, with an `ActionStarted` and an `ActionFinished` for each."""

        def perform_all() -> Message:
            for action in actions[:-1]:
                self.post_message(ActionStarted(action))
                self.post_message(_perform_action(self.session, action))
            self.post_message(ActionStarted(actions[-1]))
            return _perform_action(self.session, actions[-1])

        if actions:
            run_in_background(self, perform_all)

    def on_action_started(self, message: ActionStarted) -> None:
        self.show_notice(UNDER_WAY.format(title=message.action.title), "information", 2)

    def on_action_finished(self, message: ActionFinished) -> None:
        title, effect, error = message.action.title, message.effect, message.error
        undone = self._undoing.pop(message.action, "")
        if undone and error is None:
            effect = f"Fixed “{undone}”.\n{effect}"
        self.withdraw_notice(UNDER_WAY.format(title=message.action.title))
        if error is not None:
            doubt = "" if getattr(error, "definite", True) else "\nIt may have happened anyway."
            self.show_notice(f"✖ {error.in_one_line}{doubt}\n{title}", "error", 10)
        elif effect.count("\n") >= NOTICE_LINES:
            self.clear_notifications()
            self._show_result(title, effect, message.action.verb == "sql")
        else:
            self.show_notice(f"✔ {title}\n{effect}".rstrip(), "information", 5)

    def _show_result(self, title: str, effect: str, rows: bool) -> None:
        """Show a long effect; as long as a dialog is open it waits: what is typed is meant for the dialog."""
        if isinstance(self.screen, ModalScreen):
            self.set_timer(RESULT_WAITS, partial(self._show_result, title, effect, rows))
        else:
            self.push_screen(ActionResult(title, effect, rows=rows))

    # -- a node's shell and its configuration --------------------------------------------------------------

    def action_shell(self) -> None:
        """Open a shell in the node that keys act on; this screen comes back when it ends."""
        node = self.target
        try:
            with self.suspend(), with_echo(), visible_output(), self.company_in_shell():
                sys.stdout.write(CLEAR_SCREEN)
                sys.stdout.write(
                    f"{self.state.name}, {node}: type exit or press Ctrl+D to return to the lab.\n\n"
                )
                sys.stdout.flush()
                # whatever leaves this block as an error leaves the screen suspended
                code, error = attempt(partial(self._open_shell, node), "the shell failed: ")
        except SuspendNotSupported:
            self.show_notice(_no_shell_here(node, self.session.engine.name, self.is_web), "warning", 10)
            return
        if error is not None:
            self.show_notice(f"No shell on {node}: {error.in_one_line}", "error", 10)
        else:
            failed = (code or 0) >= NO_SHELL  # below that it is the last command's
            self.show_notice(f"Back from {node} (exit code {code})." if failed else f"Back from {node}.")
        self.refresh(layout=True)

    def _open_shell(self, node: str) -> int:
        teacher = self.session.teacher
        return self.session.engine.shell(
            node, lambda line: self.note_look(f"{node}# {line}"), lambda: teacher.frozen is not None
        )

    def company_in_shell(self) -> AbstractContextManager[object]:
        """Return what runs beside a shell, while the screen is away."""
        return nullcontext()

    def action_edit(self) -> None:
        """Edit keepalived.conf of the node that keys act on."""
        node, layout = self.state.nodes.get(self.target), self.state.layout
        if node is None or not node.conf:
            self.show_notice("There is no configuration to edit yet.", "warning")
            return
        peers = (
            () if self.faults_hidden else (n for n in self.state.nodes.values() if n is not node and n.conf)
        )
        networks = layout.networks_of(node.name) if layout is not None else ()
        addresses = tuple(a for n in networks for a in layout.own_addresses(node.name, n)) if layout else ()
        original, beginning = self.original_conf(node)
        from hatlab.tui.editor.screen import ConfEditor

        self.push_screen(
            ConfEditor(
                node.name,
                node.conf,
                node.loaded or node.conf,
                node.conf if self.faults_hidden else original,  # it would give the answer away
                self.session.engine.check,
                peers={n.name: select_lines(n.conf, n.name) for n in peers},
                addresses=addresses,
                running=node.service("keepalived").state == "up",
                snippets=self.lesson_snippets,
                facts_only=self.facts_only,
                beginning=beginning,
            )
        )

    def original_conf(self, node: NodeState) -> tuple[str, str]:
        """Return the text that the editor can bring back, and what began with it, for a sentence."""
        return node.original_conf, "the lab"


def _perform_action(session: Session, action: Action) -> ActionFinished:
    effect, error = attempt(lambda: session.act(action), f"{action} failed: ")
    return ActionFinished(action, effect or "", error)


def default_target(state: LabState, chosen: str | None) -> str:
    """Return the node that keys act on, "" if there is none.

    It is the chosen one, else an owner of a virtual address, else a Master, else the first.
    """
    if chosen is not None and chosen in state.nodes:
        return chosen
    for _, address, _ in state.vips():
        if owners := state.owners(address):
            return min(owners)
    masters = [
        n.name for n in state.nodes.values() if any(i.reported == "MASTER" for i in n.instances.values())
    ]
    return (masters or list(state.nodes) or [""])[0]


def _no_shell_here(node: str, engine: str, in_browser: bool) -> str:
    """Say that a shell cannot have this screen, and where there is one."""
    if not in_browser:
        return "This terminal cannot open a shell here. Run `hatlab shell` in another terminal."
    if engine != "docker":
        runs = "is simulated" if engine == "sim" else f"runs on the engine {engine}"
        return (
            f"A shell needs a terminal, and the lab is in a browser. {node} {runs}, so its shell opens "
            "only in a lab that is started in a terminal: `hatlab start`."
        )
    return (
        "A shell needs a terminal, and the lab is in a browser. Run this in a terminal on the same machine: "
        f"`hatlab shell {node}`."
    )
