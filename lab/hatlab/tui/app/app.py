"""The app: starts, drains and stops the session, and hands each batch to the screen. It draws nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.binding import BindingType

from hatlab.errors import LabError
from hatlab.events import Event
from hatlab.session import Batch, Session
from hatlab.state.model import LabState
from hatlab.tui.app.lesson import LessonApp
from hatlab.tui.app.palette import LabCommands
from hatlab.tui.background import run_in_background
from hatlab.tui.commands import bindings
from hatlab.tui.messages import KeyForwarded, LabStopped, NodeSelected, PaneChosen, WhyListOpened
from hatlab.tui.screens.dialog import ConfirmDialog, Dialog, FailureScreen, StoppingScreen
from hatlab.tui.screens.help import HelpScreen
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.lesson_start import LessonStart
from hatlab.tui.screens.start import StartScreen
from hatlab.tui.screens.why import WhyList
from hatlab.tui.timeline.pane import Timeline
from hatlab.tui.widgets import theme
from hatlab.tui.widgets.bars import broken
from hatlab.tui.widgets.time_bar import kinds

if TYPE_CHECKING:
    from hatlab.lessons.library.catalogue import Catalogue
    from hatlab.lessons.play.runner import LessonRunner
    from hatlab.lessons.records.progress_file import ProgressFile

DRAIN_EVERY = 0.07
"""Seconds between two looks at the session: fast for the eye, slow enough to batch 20 probes a second."""

BENEATH_A_DIALOG = 8
"""One look in so many is taken while a dialog covers the lab: each draws the whole screen anew beneath it."""


class LabApp(LessonApp):
    """One lab on the screen.

    Args:
        session: not started yet; the app starts and stops it.
        record: where the run is recorded.
        clock: seconds, for what moves by itself; stands still in tests.
        runner, progress_file, following, step, catalogue: of lessons, as in `LessonApp`.
    """

    TITLE = "hatlab"
    CSS_PATH: ClassVar = ["hatlab.tcss", "panes.tcss", "tutor.tcss"]
    COMMANDS: ClassVar = {LabCommands}
    BINDINGS: ClassVar[list[BindingType]] = bindings()

    def __init__(
        self,
        session: Session,
        *,
        record: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        runner: LessonRunner | None = None,
        progress_file: ProgressFile | None = None,
        following: str = "",
        step: int = 0,
        catalogue: Catalogue | None = None,
    ) -> None:
        super().__init__(session, runner, progress_file, following, step, catalogue)
        self.record = record
        self._clock = clock
        self._reader = session.reader()
        self._lab: LabScreen | None = None
        self._start: StartScreen | None = None
        self._unseen: list[Event] = []
        self._leaving = False
        self._over = False
        self._looks = 0
        self._code = 0
        self._crash: LabError | None = None
        self._starting = threading.Thread(target=self._start_session, name="engine-start", daemon=True)
        for each in theme.THEMES:
            self.register_theme(each)
        self.theme = theme.DARK

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.ink_defaults()

    async def on_mount(self) -> None:
        engine = self.session.engine.name
        runner, step, clock = self.runner, self._first_step, self._clock
        self._start = (
            StartScreen(engine, clock) if runner is None else LessonStart(runner, step, engine, clock)
        )
        await self.push_screen(self._start)
        self._starting.start()
        self.set_interval(DRAIN_EVERY, self.drain)

    def _start_session(self) -> None:
        try:
            self.session.start()
        except LabError:
            pass  # kept in the session's `error`
        except Exception as error:  # noqa: BLE001 - a thread's last resort: told on the screen, not lost
            what = f"the engine failed: {type(error).__name__}: {error}"
            self._crash = LabError(what, "This is a fault of hatlab's; please report it.")

    async def drain(self) -> None:
        """Hands what came since the last look to the screens."""
        if not self.screen_stack:
            return  # the app is ending
        self._looks += 1
        beneath = self._lab is not None and self.screen is not self._lab
        if self._over or (beneath and self._looks % BENEATH_A_DIALOG):
            return
        batch = self._reader.drain()
        if batch.rewound:
            batch = self._whole(batch)
        if batch.events or batch.rewound:
            self.follow_lesson(batch)
            await self._take(batch)
        if self._lab is not None:
            self._lab.advance(self.time_view)
            self.settle_lesson()
        if not self._leaving:
            self._watch_end(batch.state)

    def _whole(self, batch: Batch) -> Batch:
        """Everything up to now in one batch: a history told again is not to be watched."""
        events = list(batch.events)
        while (more := self._reader.drain()).events and not more.rewound:
            events += more.events
            batch = replace(batch, state=more.state)
        return replace(batch, events=tuple(events)) if not more.rewound else self._whole(more)

    async def _take(self, batch: Batch) -> None:
        self.state = batch.state
        if self._lab is None:
            assert self._start is not None
            if batch.rewound:
                self._unseen = []
            self._start.feed(batch)
            self._unseen += batch.events
            if not _worth_showing(batch.state) or batch.state.layout is None or self._leaving:
                return
            self._lab = LabScreen(self.session, batch.state.layout, self._clock, self.make_tutor())
            await self.switch_screen(self._lab)
            batch = Batch(tuple(self._unseen), batch.state)
            self._unseen = []
        self._lab.feed(batch)
        self._lab.target(self.target)

    def _watch_end(self, state: LabState) -> None:
        """Ends with the session: with a word if it failed or died, quietly if somebody asked for its end."""
        error = self.session.error or self._crash
        reason = state.stopping if self.session.engine.live else None
        if error is not None or reason:
            self._leaving = True
            title = "the lab could not start" if self._lab is None else "the lab has ended"
            message = error.message if error else reason or ""
            hint = error.hint if error else "`hatlab doctor` tells what works; `hatlab start` begins anew."
            self.push_screen(
                FailureScreen(title, message, f"{hint}\n{self.kept}".rstrip()), lambda _: self._stop(1)
            )
        elif reason is not None or (self.session.ended and not self._starting.is_alive()):
            self._leaving = True
            self._stop(0)

    # -- leaving -------------------------------------------------------------------------------------------

    def action_leave(self) -> None:
        """Asks first if a fault is active."""
        if self._leaving or isinstance(self.screen, ConfirmDialog):
            return
        found = broken(self.state, hiding=self.faults_hidden) if self.state.ready else ()
        if not found or not self.session.engine.live:
            self._leave(True)
            return
        text = f"Active now: {', '.join(found)}.\nThe lab and everything in it is removed when you leave."
        self.push_screen(
            ConfirmDialog("a fault is active", f"{text}\n{self.kept}".rstrip(), "leave"), self._leave
        )

    def _leave(self, sure: bool | None) -> None:
        if sure and not self._leaving:
            self._leaving = True
            self._stop(0)

    def _stop(self, code: int) -> None:
        """Stops the session where all can see it, then ends the app."""
        self._code = code
        self.push_screen(StoppingScreen())
        run_in_background(self, self._stop_session)

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
        notes = [f"{message.error.message}\n{message.error.hint}"] if message.error else []
        if self.record is not None:
            notes.append(f"Recorded: {self.record}")
        if self.kept:
            notes.append(self.kept)
        code = 1 if message.error else self._code
        self.exit(code, return_code=code, message=Text("\n".join(notes)) if notes else None)

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

    def on_key(self, event: events.Key) -> None:
        """In a burst of keys the first may open a dialog, and those after it are meant for that."""
        typed = self._lab.typed if self._lab is not None else None
        if typed is None or event not in typed:
            return
        while typed.popleft() is not event:
            pass
        if isinstance(self.screen, Dialog):
            event.prevent_default().stop()
            self.screen.post_message(KeyForwarded(event.key, event.character))

    def go_onward(self) -> None:
        self._leave(True)

    # -- looking -------------------------------------------------------------------------------------------

    def on_node_selected(self, message: NodeSelected) -> None:
        self._chosen = message.node
        if self._lab is not None:
            self._lab.target(message.node)

    def action_next_node(self) -> None:
        names = list(self.state.nodes)
        if self._lab is None or not names:
            return
        node = names[(names.index(self.target) + 1) % len(names)]
        if self._lab.tutor is not None and self._lab.tutor.has_focus_within:
            self.on_node_selected(NodeSelected(node))  # the learner goes on reading
        else:
            self._lab.focus_node(node)

    def on_timeline_moment_selected(self, message: Timeline.MomentSelected) -> None:
        if self._lab is not None:
            self._lab.seek(message.at, self.state)

    @property
    def kinds(self) -> frozenset[str]:
        """What the lab is, which decides what commands are of use."""
        found = kinds(self.session.engine)
        return found | {"lesson"} if self.runner is not None else found

    @property
    def lab_screen(self) -> LabScreen | None:
        return self._lab

    @property
    def looking(self) -> float | None:
        return None if self._lab is None else self._lab.looking

    def keep_future(self) -> None:
        if self._lab is not None:
            self._lab.keep_future()

    def action_drop_branch(self) -> None:
        if self._lab is not None:
            self._lab.drop_branch()

    def follow(self) -> None:
        if self._lab is not None and self._lab.looking is not None:
            self._lab.seek(None, self.state)

    def action_live(self) -> None:
        self.follow()

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
        self.push_screen(HelpScreen())

    def action_theme(self) -> None:
        self.theme = theme.LIGHT if self.theme == theme.DARK else theme.DARK


def _worth_showing(state: LabState) -> bool:
    """From the first word of a keepalived on there is a pair to look at."""
    return state.ready or any(
        i.reported != "INIT" for n in state.nodes.values() for i in n.instances.values()
    )
