"""The app: drains the session, hands batches on, and turns messages into actions. It draws nothing itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.app import App, SuspendNotSupported
from textual.binding import BindingType
from textual.notifications import SeverityLevel as Severity

from lab.actions import Action
from lab.errors import ActionError, LabError
from lab.events import Event
from lab.session import Batch, Session
from lab.state import LabState, faults
from lab.tui import theme
from lab.tui.acting import carry_out, cures, latest_cure, natural_target
from lab.tui.background import in_background
from lab.tui.dialogs import Failure, Question, Stopping
from lab.tui.editor import Editor
from lab.tui.help import Help
from lab.tui.keys import bindings, fill
from lab.tui.lab_screen import LabScreen
from lab.tui.map import heartbeat_of
from lab.tui.menu import Choice, Menu, menu_choices
from lab.tui.messages import (
    ActionFinished,
    ActionRequested,
    ActionStarted,
    LabStopped,
    NodeOpened,
    NodeSelected,
    PaneChosen,
    WhyListOpened,
)
from lab.tui.palette import LabCommands
from lab.tui.prompt import Prompt
from lab.tui.start import StartScreen
from lab.tui.timeline import Timeline
from lab.tui.why import WhyList

DRAIN_EVERY = 0.08
"""Seconds between two looks at the session: fast for the eye, slow enough to batch 20 probes a second."""


class LabApp(App[int]):
    """One lab on the screen.

    Args:
        session: not started yet; the app starts and stops it.
        record: where the run is recorded.
        clock: seconds, for what moves by itself; stands still in tests.
    """

    TITLE = "hatlab"
    CSS_PATH: ClassVar = ["hatlab.tcss", "panes.tcss"]
    COMMANDS: ClassVar = {LabCommands}
    BINDINGS: ClassVar[list[BindingType]] = bindings()

    def __init__(
        self, session: Session, *, record: Path | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self.session = session
        self.record = record
        self._clock = clock
        self._reader = session.reader()
        self.state = LabState()
        self._lab: LabScreen | None = None
        self._start: StartScreen | None = None
        self._chosen: str | None = None
        self._unseen: list[Event] = []
        self._leaving = False
        self._over = False
        self._code = 0
        for each in theme.THEMES:
            self.register_theme(each)
        self.theme = theme.DARK

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.ink_defaults()

    async def on_mount(self) -> None:
        self._start = StartScreen(self.session.engine.name, self._clock)
        await self.push_screen(self._start)
        self.session.start_in_background()
        self.set_interval(DRAIN_EVERY, self.drain)

    async def drain(self) -> None:
        """Hands what came since the last look to the screens."""
        if self._over:
            return
        batch = self._reader.drain()
        if batch.events:
            await self._take(batch)
        if self._lab is not None:
            self._lab.advance()
        if not self._leaving:
            self._watch_end(batch.state)

    async def _take(self, batch: Batch) -> None:
        self.state = batch.state
        if self._lab is None:
            assert self._start is not None
            self._start.feed(batch)
            self._unseen += batch.events
            if not _worth_showing(batch.state) or batch.state.layout is None or self._leaving:
                return
            self._lab = LabScreen(self.session, batch.state.layout, self._clock)
            await self.switch_screen(self._lab)
            batch = Batch(tuple(self._unseen), batch.state)
            self._unseen = []
        self._lab.feed(batch)
        self._lab.target(self.target)

    @property
    def target(self) -> str:
        """The node that keys act on."""
        return natural_target(self.state, self._chosen)

    def _watch_end(self, state: LabState) -> None:
        """Ends with the session: with a word if it failed or died, quietly if somebody asked for its end."""
        error = self.session.error
        reason = state.stopping if self.session.engine.live else None
        if error is not None or reason:
            self._leaving = True
            title = "the lab could not start" if self._lab is None else "the lab has ended"
            message = error.message if error else reason or ""
            hint = error.hint if error else "`hatlab doctor` tells what works; `hatlab start` begins anew."
            self.push_screen(Failure(title, message, hint), lambda _: self._stop(1))
        elif self.session.ended or reason is not None:
            self._leaving = True
            self._stop(0)

    # -- leaving -------------------------------------------------------------------------------------------

    def action_leave(self) -> None:
        """Asks first if a fault is active."""
        if self._leaving or isinstance(self.screen, Question):
            return
        broken = [text for text, _ in faults(self.state)] if self.state.ready else []
        if not broken or not self.session.engine.live:
            self._leave(True)
            return
        text = f"Active now: {', '.join(broken)}.\nThe lab and everything in it is removed when you leave."
        self.push_screen(Question("a fault is active", text, "leave"), self._leave)

    def _leave(self, sure: bool | None) -> None:
        if sure and not self._leaving:
            self._leaving = True
            self._stop(0)

    def _stop(self, code: int) -> None:
        """Stops the session where all can see it, then ends the app."""
        self._code = code
        self.push_screen(Stopping())
        in_background(self, self._stop_session)

    def _stop_session(self) -> LabStopped:
        try:
            self.session.stop()
        except LabError as error:
            return LabStopped(error)
        except Exception as error:  # noqa: BLE001 - leaving must not fail; told by the exit code
            return LabStopped(LabError(str(error)))
        return LabStopped()

    def on_lab_stopped(self, message: LabStopped) -> None:
        self._over = True
        note = None if message.error is None else f"{message.error.message} {message.error.hint}"
        self.exit(self._code, return_code=1 if message.error else self._code, message=note)

    def action_abandon(self) -> None:
        """Leaves without waiting for the engine."""
        self._over = True
        self.exit(1, return_code=1)

    @property
    def failure(self) -> Exception | None:
        """A fault in the app itself, None if there was none."""
        return self._exception

    def _fatal_error(self) -> None:
        """Textual prints a traceback here; whoever runs the app gets `failure` instead, and tells it."""
        if self.is_headless:
            super()._fatal_error()
        else:
            self._over = True
            self._close_messages_no_wait()

    # -- doing things to the lab ---------------------------------------------------------------------------

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
                asked = Question("reset the lab", text, "reset")
                self.push_screen(asked, lambda sure: carry_out(self, self.session, [reset]) if sure else None)
            case _:
                carry_out(self, self.session, actions)

    def on_action_started(self, message: ActionStarted) -> None:
        self.tell(f"… {message.action.title}", "information", 2)

    def on_action_finished(self, message: ActionFinished) -> None:
        error = message.error
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
        try:
            self.request(fill(line, self.target, heartbeat_of(layout)))
        except ActionError as error:
            self.tell(f"{error.message}. {error.hint}", "warning")

    def action_menu(self, node: str = "") -> None:
        """The menu of everything, or of one node."""
        offered = menu_choices(self.state, node or None)
        self.push_screen(Menu(offered, f"act on {node}" if node else "act"), self._chose)

    def _chose(self, choice: Choice | None) -> None:
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
            self.push_screen(Prompt(layout, begin), lambda action: self.request(action) if action else None)

    def on_node_opened(self, message: NodeOpened) -> None:
        self.action_menu(message.node)

    def action_shell(self) -> None:
        """A shell in the node that keys act on; this screen comes back when it ends."""
        node = self.target
        try:
            with self.suspend():
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
        self.push_screen(Editor(node.name, node.conf, node.original_conf, self.session.engine.check))

    def action_reset(self) -> None:
        self.request(Action("reset"))

    def action_mend(self) -> None:
        cure = latest_cure(self.state)
        if cure is None:
            self.tell("Nothing is broken.")
        else:
            self.request(cure)

    def action_mend_all(self) -> None:
        found = cures(self.state)
        if not found:
            self.tell("Nothing is broken.")
        else:
            self.request(*found)

    # -- looking -------------------------------------------------------------------------------------------

    def on_node_selected(self, message: NodeSelected) -> None:
        self._chosen = message.node
        if self._lab is not None:
            self._lab.target(message.node)

    def action_next_node(self) -> None:
        names = list(self.state.nodes)
        if self._lab is not None and names:
            after = names.index(self._chosen) + 1 if self._chosen in names else 0
            self._lab.focus_node(names[after % len(names)])

    def on_timeline_moment_selected(self, message: Timeline.MomentSelected) -> None:
        if self._lab is not None:
            self._lab.seek(message.at, self.state)

    def action_live(self) -> None:
        if self._lab is not None and self._lab.looking is not None:
            self._lab.seek(None, self.state)

    def on_pane_chosen(self, message: PaneChosen) -> None:
        self.action_pane(message.pane)

    def action_pane(self, name: str) -> None:
        if self._lab is not None:
            self._lab.show_pane(name)

    def on_why_list_opened(self, _: WhyListOpened) -> None:
        self.action_whys()

    def action_whys(self) -> None:
        self.push_screen(WhyList(self.state.whys))

    def action_help(self) -> None:
        self.push_screen(Help())

    def action_theme(self) -> None:
        self.theme = theme.LIGHT if self.theme == theme.DARK else theme.DARK


def _worth_showing(state: LabState) -> bool:
    """From the first word of a keepalived on there is a pair to look at."""
    return state.ready or any(
        i.reported != "INIT" for n in state.nodes.values() for i in n.instances.values()
    )
