"""The app: starts, drains and stops the session, and hands each batch to the screen. It draws nothing.

`LabApp` is built up in steps, each a module: `actions` (a key becomes an Action), `time_control` (keys that
set time), `lesson` (the lesson is fed and shown), `lesson_input` (answers, and keys of a lesson), `drill` and
`teacher` (what a teacher says).

Screens that are not the first one are imported where they open; `later_screens` loads them behind that one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from inspect import isawaitable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual._styles_cache import StylesCache
from textual.binding import BindingType
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome
from textual.screen import Screen

from hatlab.engine.base import NumberedAhead
from hatlab.events import Event
from hatlab.session import Batch, Session
from hatlab.settings.effective import Settings
from hatlab.state.model import LabState
from hatlab.tui.app.labs import LabOnScreen, LessonLabs, SessionStart
from hatlab.tui.app.later_screens import load_later_screens
from hatlab.tui.app.teacher import TaughtApp
from hatlab.tui.app.unseen import Unseen
from hatlab.tui.background import attempt, run_in_background
from hatlab.tui.commands import app_bindings
from hatlab.tui.keys import key_of
from hatlab.tui.messages import IntroductionRead, LabStopped, NodeSelected, PaneChosen, WhyListOpened
from hatlab.tui.screens.dialog import FailureScreen, LeaveDialog, StoppingScreen
from hatlab.tui.screens.start import StartScreen
from hatlab.tui.widgets import theme
from hatlab.tui.widgets.line_filters import AsciiFilter, ColourlessFilter, VisibleFilter
from hatlab.tui.widgets.line_widget import ROW_STYLES
from hatlab.tui.widgets.time_bar import lab_kinds
from hatlab.util.collection import IdleCollector
from hatlab.util.kiosk import is_seat

if TYPE_CHECKING:
    from typing import Unpack

    from hatlab.tui.app.lesson import LessonOptions
    from hatlab.tui.screens.palette import PaletteEntry
    from hatlab.tui.timeline.pane import Timeline

DRAIN_EVERY = 0.07
"""Seconds between two drains of the session: fast for the eye, slow enough to batch 20 probes a second."""
DRAIN_EVERY_IN_SEAT = 0.2
"""The same in a seat of a class: many share a machine's processors, and this takes a third off."""
NUMBERS_EVERY, NUMBERS_EVERY_IN_SEAT = 3, 2
"""Drains from one drawing of mere numbers to the next: nobody reads more than five a second."""

START_AFTER = 0.6
"""Seconds after which a lab that is not there yet has a screen for its start; a quicker one needs none."""

START_SHOWN = 2.0
"""Seconds that the screen of the start stays at least: what appears can be read."""

LOAD_AFTER = 0.3
"""Seconds after the first screen was drawn until the others are loaded: at first there is more to draw."""

DRAINS_SKIPPED = 8
"""While a dialog covers the lab, one drain in so many takes place: each redraws all that is beneath it."""


class LabApp(TaughtApp):
    """One lab on the screen.

    Args:
        session: of the first lab; not started yet, the app starts and stops it.
        record: where the run is recorded.
        clock: seconds, for what moves by itself; stands still in tests.
        ascii_only: draw with ASCII characters alone.
        labs: makes the labs of other lessons; without it there is only the one lab.
        settings: of the person at the screen; the defaults without them.
        lesson: if one is on.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = ROW_STYLES
    TITLE = "hatlab"
    CSS_PATH: ClassVar = ["hatlab.tcss", "panes.tcss", "lesson.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = app_bindings()

    def __init__(
        self,
        session: Session,
        *,
        record: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        ascii_only: bool = False,
        labs: LessonLabs | None = None,
        settings: Settings | None = None,
        **lesson: Unpack[LessonOptions],
    ) -> None:
        runner, step, following = lesson.get("runner"), lesson.get("step", 0), lesson.get("following", "")
        lab = LabOnScreen(session, record, runner, step, following, lesson.get("next_lesson"))
        super().__init__(lab, labs, lesson)
        self._clock = clock
        self._stopped = False
        self._drains = 0
        self._exit_code = 0
        self._others_loaded = False
        """True once the screens that are not the first one are loaded, or will be when that is drawn."""
        self._collector = IdleCollector()
        self._line_filters = [
            VisibleFilter(),
            *([AsciiFilter()] if ascii_only else []),
            *([ColourlessFilter()] if self.no_color else []),
        ]
        self.use_settings(settings or Settings())

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [
            *(f for f in super().get_line_filters() if not isinstance(f, Monochrome)),
            *self._line_filters,
        ]

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self._collector.note_key()
        if isinstance(event, events.Key | events.MouseDown):
            self._unseen.note_input()
        await super().on_event(event)

    def holds_back(self, event: events.Key | events.Paste) -> bool:
        """Keys wait for the first screen, and what is typed from `:` on for the lab."""
        start = self._start
        if self._leaving or start is None or (self.lab_screen is not None and not self._opening):
            return not self._leaving and super().holds_back(event)
        if not start.is_attached or self._opening:
            return True
        if self.screen is not start or not isinstance(event, events.Key) or event.key != "colon":
            return False
        if self.runner is not None:
            from hatlab.tui.screens.lesson_start import LessonStart  # not without a lesson

            if isinstance(start, LessonStart):
                start.action_start_lesson()
        return True

    def get_driver_class(self) -> type[Driver]:
        """Return the driver of terminals that loses no Esc, where there is a terminal."""
        driver = super().get_driver_class()
        if driver.__name__ != "LinuxDriver":
            return driver
        from hatlab.tui.app.terminal_input import TerminalDriver

        return TerminalDriver

    def use_lab(self, lab: LabOnScreen) -> None:
        super().use_lab(lab)
        self.record = lab.record
        self._reader = lab.session.reader()
        self._start: StartScreen | None = None
        self._start_unread = False
        """True while the screen of the start is too new to go."""
        self._session_start: SessionStart | None = None
        self._unshown: list[Event] = []
        """Events that came before the lab's screen was there."""
        self._opening = False
        """True while the lab's screen is put up: what is drained meanwhile must not reach it first."""
        self._unseen = Unseen(NUMBERS_EVERY_IN_SEAT if is_seat(os.environ) else NUMBERS_EVERY)

    # -- following the session -----------------------------------------------------------------------------

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(theme.DARK_COLOURS)  # for a theme that is not ours

    async def on_mount(self) -> None:
        self._start = self._make_start()
        if self._start.is_over:
            self._start_session()
            self.set_timer(START_AFTER, self._show_start)
        else:
            await self.push_screen(self._start)
            self._load_others_after(self._start)
            self._start.call_after_refresh(self._start_session)  # drawing comes first
        self.set_interval(DRAIN_EVERY_IN_SEAT if is_seat(os.environ) else DRAIN_EVERY, self.drain)
        self.set_interval(1.0, self._collect_garbage)

    def _collect_garbage(self) -> None:
        """Look for garbage if nobody types.

        What Textual 8.2.8 remembers of backgrounds keeps the lines of widgets that are gone.
        """
        StylesCache.get_inner_outer.cache_clear()
        self._collector.collect_if_idle()

    def _load_others_after(self, screen: Screen[None]) -> None:
        """Load the other screens once this one is drawn, if it is the first."""
        if not self._others_loaded:
            self._others_loaded = True
            screen.call_after_refresh(lambda: self.set_timer(LOAD_AFTER, load_later_screens))

    def _start_session(self) -> None:
        self._session_start = SessionStart(self.session)

    def _make_start(self) -> StartScreen:
        """Return the screen that is shown until there is a pair to look at, or until a lesson is begun."""
        engine, clock, runner = self.session.engine.name, self._clock, self.runner
        if runner is None:
            return StartScreen(engine, clock)
        from hatlab.tui.screens.lesson_start import LessonStart  # not without a lesson

        lab = self.session.engine
        layout = lab.layout_before_start if isinstance(lab, NumberedAhead) else None
        return LessonStart(runner, self._first_step, engine, clock, layout)

    def _show_start(self) -> None:
        """Show how the lab's start goes, unless the lab is there already, or has failed."""
        start = self._start
        if start is None or start.is_attached or self.lab_screen is not None or self._leaving:
            return
        self.push_screen(start)
        self._load_others_after(start)
        self._keep_start()
        self.call_after_refresh(self.hand_out_keys)

    def _keep_start(self) -> None:
        """Leave the screen of the start as long as it takes to see what it was."""
        self._start_unread = True
        self.set_timer(START_SHOWN, self._let_start_go)

    async def _let_start_go(self) -> None:
        self._start_unread = False
        await self._open_lab()

    async def enter_lab(self, lab: LabOnScreen, start: SessionStart) -> None:
        """Show a lab that is starting, or has started, in place of the one before."""
        self.clear_notifications()
        while len(self.screen_stack) > 2:  # dialogs over the lab
            await self.pop_screen()
        self.use_lab(lab)
        self._session_start, self._start = start, self._make_start()
        await self.switch_screen(self._start)
        if self._start.is_over:
            self._keep_start()

    async def drain(self) -> None:
        """Hand what came since the last drain to the lesson and to the screens."""
        if not self.screen_stack:
            return  # the app is ending
        self.follow_teacher()
        self._drains += 1
        covered = self.lab_screen is not None and self.screen is not self.lab_screen
        if self._stopped or (covered and self._drains % DRAINS_SKIPPED):
            return
        batch = self._read_batch()
        self.feed_lesson(batch)
        self._unseen.add(batch)
        for each in self._unseen.take(self.state):
            await self._show_batch(each)
            self.tell_lost(each.events)
        if self.lab_screen is not None:
            self.lab_screen.advance(self.time_view)
            self.lab_screen.show_waiting(self.session.waiting)
            self.advance_lesson()
        elif self._start is not None:
            self._start.waiting = self.session.waiting
            if not self._opening:
                await self._open_lab()  # what held it back may be over: all looked up, say
        if not self._leaving:
            self._leave_if_ended(batch.state)

    def _read_batch(self) -> Batch:
        batch = self._reader.drain()
        return self._drain_history(batch) if batch.rewound else batch

    def drain_unseen(self) -> None:
        batch = self._read_batch()
        if batch.events or batch.rewound:
            self.feed_lesson(batch)
            self._unseen.add(batch)

    def _drain_history(self, batch: Batch) -> Batch:
        """Return everything up to now in one batch: nobody needs to watch a history that is told again."""
        events = list(batch.events)
        while (more := self._reader.drain()).events and not more.rewound:
            events += more.events
            batch = replace(batch, state=more.state)
        return replace(batch, events=tuple(events)) if not more.rewound else self._drain_history(more)

    async def _show_batch(self, batch: Batch) -> None:
        self.state = batch.state
        if self.lab_screen is None or self._opening:
            assert self._start is not None
            if batch.rewound:
                self._unshown = []
            self._unshown += batch.events
            if not self._opening:
                self._start.feed(batch)
                await self._open_lab()
        else:
            self.lab_screen.feed(batch)
            self.lab_screen.show_target(self.target)

    async def _open_lab(self) -> None:
        """Show the lab, once there is one to look at and the screen of its start could be read."""
        state = self.state
        if not _worth_showing(state) or state.layout is None or self._leaving or self._start_unread:
            return
        if self.lab_screen is not None or self._start is None or not self._start.is_over:
            return
        if self.keys_are_held:
            return
        from hatlab.tui.screens.lab import LabScreen  # not on the first screen

        lab = self.lab_screen = LabScreen(
            self.session,
            state.layout,
            self._clock,
            self.create_tutor(),
            self.facts_only,
            pane=self.settings["pane"],
            tutor_width=self.settings["tutor_width"],
        )
        self._opening = True
        with self.batch_update():  # drawn once, with all that there is to show
            if self._start.is_current:
                await self.switch_screen(lab)
            else:
                await self.push_screen(lab)
                self._load_others_after(lab)
            self._opening = False
            if not lab.is_attached:
                return  # the app ended meanwhile
            lab.feed(Batch(tuple(self._unshown), self.state))
            lab.show_target(self.target)
            self._unshown = []
        self.call_after_refresh(self.show_next_notice)
        await self.hand_out_keys()

    async def on_introduction_read(self, message: IntroductionRead) -> None:
        await self._open_lab()
        if message.pane and self.lab_screen is not None:
            self.lab_screen.call_after_refresh(self.lab_screen.show_pane, message.pane)

    def _leave_if_ended(self, state: LabState) -> None:
        """Leave with the session: say why if it failed or died, quietly if somebody asked for its end."""
        start = self._session_start
        error = self.session.error or (start.crash if start is not None else None)
        reason = state.stopping if self.session.engine.live else None
        if error is not None or reason:
            self._leaving = True
            self.forget_keys()
            title = "the lab could not start" if self.lab_screen is None else "the lab has ended"
            message = error.message if error else reason or ""
            hint = (
                error.hint
                if error
                else "`hatlab doctor` checks what works here; `hatlab start` starts a new lab."
            )
            hint = f"{hint}\n{self.how_to_resume}".rstrip()
            self.push_screen(FailureScreen(title, message, hint), lambda _: self._stop(1))
        elif (reason is not None or self.session.ended) and (start is None or not start.is_under_way):
            self._leaving = True
            self._stop(0)

    # -- leaving -------------------------------------------------------------------------------------------

    def action_leave(self) -> None:
        """Leave, but ask first if something is under way; asked for once more, leave."""
        if self._leaving:
            self._hurry()
            return
        if isinstance(self.screen, LeaveDialog):
            self.screen.dismiss(True)
            return
        costs = list(self._leaving_costs())
        if costs and self.session.engine.live:
            self._ask_to_leave(costs)
        else:
            self.leave()

    def ask_to_leave(self) -> None:
        if self._leaving or self.lab_screen is None or isinstance(self.screen, LeaveDialog):
            self.action_leave()
        else:
            self._ask_to_leave(list(self._leaving_costs()) or ["Nothing will be lost."])

    def _ask_to_leave(self, costs: Sequence[str]) -> None:
        title = "leave the lesson?" if self.lesson_under_way else "leave the lab?"
        title = "leave the drill?" if self.drill_under_way else title
        self.push_screen(LeaveDialog(title, "\n".join(costs)), lambda sure: self.leave() if sure else None)

    def _leaving_costs(self) -> Iterator[str]:
        """Yield what is lost by leaving, and what is kept; nothing if nothing is under way."""
        from hatlab.tui.editor.screen import ConfEditor  # not on the first screen
        from hatlab.tui.widgets.header import fault_texts

        if not self.state.ready:
            return
        for editor in self.screen_stack:
            if isinstance(editor, ConfEditor) and editor.has_changes:
                yield "The editor has changes that are not applied. They are lost when you leave."
        active = fault_texts(self.state, hiding=self.faults_hidden)
        if active:
            yield f"Still active: {', '.join(active)}."
        if active or self.lesson_under_way:
            yield "The lab and everything in it is removed when you leave."
        if self.drill_under_way:
            yield "A drill that you leave before it is over does not count."
        elif self.lesson_under_way:
            yield self.how_to_resume or "Next time the lesson starts from its first step."

    def leave(self) -> None:
        if not self._leaving:
            self._leaving = True
            self._stop(0)

    def _stop(self, exit_code: int) -> None:
        """Stop the session, and those of labs made ahead, where all can see it; then end the app."""
        self._exit_code = exit_code
        self.push_screen(StoppingScreen(lambda: self.session.waiting))
        sessions = [self.session, *(lab.session for lab, _ in self._made.values())]

        def stop_all() -> LabStopped:
            errors = [attempt(session.stop)[1] for session in sessions]
            return LabStopped(next(filter(None, errors), None))

        run_in_background(self, stop_all)

    def on_lab_stopped(self, message: LabStopped) -> None:
        self._stopped = True
        notes = [f"{message.error.message}\n{message.error.hint}"] if message.error else []
        if self.record is not None:
            notes.append(f"Recorded: {self.record}")
        if self.how_to_resume:
            notes.append(self.how_to_resume)
        code = 1 if message.error else self._exit_code
        self.exit(code, return_code=code, message=Text("\n".join(notes)) if notes else None)

    def _hurry(self) -> None:
        """Leave a failure that was read, and an engine that is silent without waiting for it."""
        if isinstance(self.screen, FailureScreen):
            self.screen.dismiss()
        elif isinstance(self.screen, StoppingScreen) and self.session.give_up():
            self._stopped = True
            self.exit(1, return_code=1)

    @property
    def failure(self) -> Exception | None:
        """A bug in the app itself, None if there was none."""
        return self._exception

    def _fatal_error(self) -> None:
        """Keep a bug for `failure`, which whoever runs the app reads; Textual would print a traceback."""
        if self.is_headless:
            super()._fatal_error()
        else:
            self._stopped = True
            self._close_messages_no_wait()

    # -- keys, nodes and panes -----------------------------------------------------------------------------

    def on_node_selected(self, message: NodeSelected) -> None:
        self._chosen_node = message.node
        if self.lab_screen is not None:
            self.lab_screen.show_target(message.node)

    def action_next_node(self) -> None:
        names = list(self.state.nodes)
        if self.lab_screen is None or not names:
            return
        node = names[(names.index(self.target) + 1) % len(names)]
        if self.lab_screen.tutor is not None and self.lab_screen.tutor.has_focus_within:
            self.on_node_selected(NodeSelected(node))  # the learner goes on reading
        else:
            self.lab_screen.map.focus_node(node)

    def on_timeline_moment_selected(self, message: Timeline.MomentSelected) -> None:
        if self.lab_screen is not None:
            self.lab_screen.show_moment(message.at, self.state)

    @property
    def lab_kinds(self) -> frozenset[str]:
        """What the lab is, as `Command.needs` has it: it decides which commands are of use."""
        engine_kinds = lab_kinds(self.session.engine)
        return engine_kinds | {"lesson"} if self.runner is not None else engine_kinds

    def on_pane_chosen(self, message: PaneChosen) -> None:
        self.action_pane(message.pane)

    def action_pane(self, name: str) -> None:
        if name != "tutor":
            self.note_look(name)
            self.keep("pane", name)
        if self.lab_screen is not None:
            self.lab_screen.show_pane(name)

    def action_find(self) -> None:
        if self.lab_screen is not None:
            self.lab_screen.open_find_bar()

    def on_why_list_opened(self, _: WhyListOpened) -> None:
        self.action_whys()

    def action_whys(self) -> None:
        if self.facts_only:
            self.show_notice(self.why_facts_only)
        else:
            from hatlab.tui.screens.why import WhyList  # not on the first screen

            self.push_screen(WhyList(self.state.whys))

    def action_facts_only(self) -> None:
        """Hide what hatlab concludes, or show it again."""
        self.wants_facts_only = not self.wants_facts_only
        self.update_facts_only()
        if self.wants_facts_only:
            self.show_notice(facts_only_text())
            return
        self.withdraw_notice(facts_only_text())
        if self.facts_only:
            self.show_notice(self.why_facts_only)

    def update_facts_only(self) -> None:
        """Bring the screen up to date with whether conclusions are hidden."""
        lab = self.lab_screen
        if lab is not None and lab.facts_only != self.facts_only:
            lab.show_facts_only(self.facts_only, self._reader.told(), self.state)

    def action_help(self) -> None:
        from hatlab.tui.screens.help import HelpScreen  # not on the first screen

        self.push_screen(HelpScreen())

    def action_command_palette(self) -> None:
        """Open the palette, and do what is taken from it."""

        async def run_entry(entry: PaletteEntry | None) -> None:
            result = entry.call() if entry is not None else None
            if isawaitable(result):
                await result

        if self.screen is self.lab_screen:
            from hatlab.tui.app.palette import palette_entries  # not on the first screen
            from hatlab.tui.screens.palette import Palette

            entries = palette_entries(self, self.state, self.lab_kinds)
            self.push_screen(Palette(entries), run_entry)


def facts_only_text() -> str:
    """Return what is said once only facts are shown."""
    key = key_of("view.facts-only")
    return f"Facts only: no banners, no whys, no verdicts. Press {key} to bring them back."


def _worth_showing(state: LabState) -> bool:
    """True from the first word of a keepalived on: then there is a pair to look at."""
    return state.ready or any(
        i.reported != "INIT" for n in state.nodes.values() for i in n.instances.values()
    )
