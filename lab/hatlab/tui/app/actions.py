"""What a person can do to the lab, by key, menu, palette and mouse: each becomes an Action on the session."""

from __future__ import annotations

import sys

from textual.app import App, SuspendNotSupported
from textual.notifications import SeverityLevel as Severity

from hatlab.actions import Action
from hatlab.errors import ActionError, LabError
from hatlab.session import Session
from hatlab.state.faults import find_cures, latest_cure
from hatlab.state.model import LabState
from hatlab.tui.app.acting import default_target, perform_in_background
from hatlab.tui.commands import action_from_line
from hatlab.tui.editor.screen import ConfEditor
from hatlab.tui.map.map import heartbeat_of
from hatlab.tui.messages import ActionFinished, ActionRequested, ActionStarted, NodeOpened
from hatlab.tui.screens.action_result import NOTICE, ActionResult
from hatlab.tui.screens.dialog import ConfirmDialog
from hatlab.tui.screens.menu import ActionMenu, MenuEntry, menu_entries
from hatlab.tui.screens.prompt import ActionPrompt
from hatlab.util.terminal import CLEAR_SCREEN, with_echo


class ActionApp(App[int]):
    """An app with a session to act on. `state` is what it last saw."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.state = LabState()
        self._chosen: str | None = None

    @property
    def target(self) -> str:
        """The node that keys act on."""
        return default_target(self.state, self._chosen)

    @property
    def faults_hidden(self) -> bool:
        """Whether something is broken that is to be found: it is neither named nor mended for anybody."""
        return False

    @property
    def lesson_snippets(self) -> tuple[str, ...]:
        """Of a configuration, that are shown beside the lab to be put into one."""
        return ()

    def action_leave(self) -> None:
        """Ends the lab and leaves."""
        raise NotImplementedError

    def on_action_requested(self, message: ActionRequested) -> None:
        self.request(*message.actions)

    def request(self, *actions: Action) -> None:
        """Carries out actions; `reset` and `end` are asked about first."""
        if not self.state.ready:
            self.tell("Wait until the pair has elected a Master.", "warning")
            return
        if not self.session.engine.live:
            self.tell("A recording cannot be changed; `hatlab start` runs a live lab.", "warning")
            return
        match actions:
            case (Action("end"),):
                self.action_leave()
            case (Action("reset") as reset,):
                text = "Every fault, edit and row is undone. This takes some seconds."
                asked = ConfirmDialog("reset the lab", text, "reset")
                self.push_screen(
                    asked, lambda sure: perform_in_background(self, self.session, [reset]) if sure else None
                )
            case _:
                perform_in_background(self, self.session, actions)

    def on_action_started(self, message: ActionStarted) -> None:
        self.tell(f"… {message.action.title}", "information", 2)

    def on_action_finished(self, message: ActionFinished) -> None:
        error = message.error
        if error is None and message.effect.count("\n") >= NOTICE:
            self.clear_notifications()
            self.push_screen(ActionResult(message.action.title, message.effect))
            return
        if error is None:
            self.tell(f"✔ {message.action.title}\n{message.effect}".rstrip(), "information", 5)
            return
        definite = getattr(error, "definite", True)
        doubt = "" if definite else " It may have happened all the same."
        self.tell(f"✖ {message.action.title}\n{error.message}.{doubt} {error.hint}".rstrip(), "error", 10)

    def tell(self, text: str, severity: Severity = "information", seconds: float = 5) -> None:
        """A notice; text of daemons is never read as markup."""
        self.notify(text, severity=severity, timeout=seconds, markup=False)

    def action_do(self, line: str) -> None:
        """Does what a key's line says, on the node that keys act on."""
        layout = self.state.layout
        if layout is None:
            return
        if "{node}" in line:
            self._chosen = self.target  # the mark stays where a key has acted, also when the address moves on
        try:
            self.request(action_from_line(line, self.target, heartbeat_of(layout)))
        except ActionError as error:
            self.tell(f"{error.message}. {error.hint}", "warning")

    def action_menu(self, node: str = "") -> None:
        """The menu of everything, or of one node."""
        offered = menu_entries(self.state, find_cures(self.state, own=self.faults_hidden), node or None)
        self.push_screen(ActionMenu(offered, f"act on {node}" if node else "act"), self._chose)

    def _chose(self, choice: MenuEntry | None) -> None:
        if choice is None:
            return
        if choice.action is None:
            self.action_type(choice.line)
        else:
            self.request(choice.action)

    def action_type(self, begin: str = "") -> None:
        """A line to type an action in."""
        layout = self.state.layout
        if layout is not None:
            self.push_screen(
                ActionPrompt(layout, begin), lambda action: self.request(action) if action else None
            )

    def on_node_opened(self, message: NodeOpened) -> None:
        self.action_menu(message.node)

    def action_shell(self) -> None:
        """A shell in the node that keys act on; this screen comes back when it ends."""
        node = self.target
        try:
            with self.suspend(), with_echo():
                sys.stdout.write(
                    f"{CLEAR_SCREEN}{self.state.name}, {node}: exit, or Ctrl-D, goes back to the lab.\n\n"
                )
                sys.stdout.flush()
                code = self.session.engine.shell(node)
        except SuspendNotSupported:
            self.tell("This terminal cannot be lent to a shell: use `hatlab shell` in another.", "warning")
        except LabError as error:
            self.tell(f"No shell in {node}: {error.message}. {error.hint}", "error", 10)
        else:
            self.tell(f"Back from {node}." if code == 0 else f"Back from {node} (exit code {code}).")
        self.refresh(layout=True)

    def action_edit(self) -> None:
        """keepalived.conf of the node that keys act on."""
        node = self.state.nodes.get(self.target)
        if node is None or not node.conf:
            self.tell("There is no configuration to edit yet.", "warning")
            return
        layout = self.state.layout
        own = layout.networks_of(node.name) if layout is not None else ()
        others = (
            () if self.faults_hidden else (n for n in self.state.nodes.values() if n is not node and n.conf)
        )
        self.push_screen(
            ConfEditor(
                node.name,
                node.conf,
                node.loaded or node.conf,
                node.original_conf,
                self.session.engine.check,
                peers={n.name: n.conf for n in others},
                addresses=tuple(layout.address(node.name, network) for network in own) if layout else (),
                running=node.service("keepalived").state == "up",
                snippets=self.lesson_snippets,
            )
        )

    def action_reset(self) -> None:
        self._chosen = None
        self.request(Action("reset"))

    def action_mend(self) -> None:
        cure = latest_cure(self.state, own=self.faults_hidden)
        if cure is None:
            self.tell(self._sound)
        else:
            self.request(cure)

    def action_mend_all(self) -> None:
        found = find_cures(self.state, own=self.faults_hidden)
        if not found:
            self.tell(self._sound)
        else:
            self.request(*found)

    @property
    def _sound(self) -> str:
        """There is nothing to mend."""
        if self.faults_hidden:
            return "You broke nothing. What is broken is yours to find, and to mend by hand."
        old = [n.name for n in self.state.nodes.values() if n.conf != n.loaded and n.power == "on"]
        if old:
            return f"Nothing is broken, but {old[0]}'s keepalived runs by an older file: reload {old[0]}."
        return "Nothing is broken."
