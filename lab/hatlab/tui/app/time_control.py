"""Keys that hold, pace and set the lab's time, where it has one to set: a simulated lab's, a recording's."""

from __future__ import annotations

from collections.abc import Callable

from hatlab.describe.shown_clock import show_moment
from hatlab.engine.base import Replayable, TimeControl
from hatlab.errors import ActionFailed
from hatlab.tui.app.copying import CopyingApp
from hatlab.tui.app.labs import LabOnScreen
from hatlab.tui.background import attempt, run_in_background
from hatlab.tui.keys import key_of
from hatlab.tui.messages import MomentPointedAt, MomentReached
from hatlab.tui.widgets.time_bar import TimeView, next_speed
from hatlab.util.text import plural


class TimeControlApp(CopyingApp):
    """An app that can hold, pace and set the lab's time."""

    def use_lab(self, lab: LabOnScreen) -> None:
        super().use_lab(lab)
        self._pace = 1.0
        self._seeking = False

    @property
    def viewed_moment(self) -> float | None:
        """The past moment on the screen, s; None for now."""
        return None if self.lab_screen is None else self.lab_screen.viewed_moment

    def action_live(self) -> None:
        """Show what is now."""
        if self.lab_screen is not None and self.lab_screen.viewed_moment is not None:
            self.lab_screen.show_moment(None, self.state)

    def on_live_requested(self) -> None:
        self.action_live()

    def action_drop_branch(self) -> None:
        if self.lab_screen is not None:
            self.lab_screen.timeline.drop_branch()

    @property
    def time_view(self) -> TimeView | None:
        """How time goes, None where nobody can choose."""
        time = self.session.time
        if time is None:
            return None
        speed = time.speed
        self._pace = speed or self._pace
        engine = self.session.engine
        ends = engine.ends if isinstance(engine, Replayable) else None
        return TimeView(speed, self._pace, engine.now(), ends, self.viewed_moment)

    def _settable_time(self) -> TimeControl | None:
        """Return the clock if it can be set now; else say why not and return None."""
        time = self.session.time
        if time is None:
            self.show_notice(
                "These are real servers, so their time cannot be paused. With `--engine sim` it can.",
                "warning",
            )
        elif self._seeking:
            self.show_notice("Already on the way to another moment.", "warning")
        else:
            return time
        return None

    # -- pace ----------------------------------------------------------------------------------------------

    def action_pause(self) -> None:
        time = self._settable_time()
        if time is not None:
            self._set_speed(time, 0.0 if time.speed else self._pace)

    def action_slower(self) -> None:
        self._change_pace(-1)

    def action_faster(self) -> None:
        self._change_pace(1)

    def _change_pace(self, direction: int) -> None:
        """Change the speed; while time is held, the one at which it will go on."""
        time = self._settable_time()
        if time is not None:
            self._pace = next_speed(time.speed or self._pace, direction)
            if time.speed:
                self._set_speed(time, self._pace)

    def _set_speed(self, time: TimeControl, speed: float) -> None:
        try:
            time.speed = speed
        except ActionFailed as error:
            self.show_error(error)

    # -- going to a moment ---------------------------------------------------------------------------------

    def action_step(self) -> None:
        time = self._settable_time()
        if time is not None:
            self._pace = time.speed or self._pace
            self._seek_in_background(time.step)

    def action_rewind(self) -> None:
        """Set time to the viewed moment; ask first if actions that came later would be forgotten."""
        time, at = self._settable_time(), self.viewed_moment
        if time is None:
            return
        if at is None:
            self.show_notice("Select a moment in the timeline first: ←, [ or a click.", "warning")
            return
        if not self.session.engine.live:
            self._seek(at)
            return
        later = [action.name for action in self.state.actions if action.at > at]
        if not later:
            self._rewind_to(at)
            return
        text = plural(
            len(later),
            "Time goes back to {at}: “{action}” and everything after it is undone.\n{stays}",
            "Time goes back to {at}: {count} actions and everything after them are undone.\n{stays}",
            at=show_moment(at, 1),
            action=later[0],
            stays=f"The timeline keeps it, dim, to compare; {key_of('time.drop-branch')} hides it.",
        )
        self.confirm("go back in time?", text, "go back", lambda: self._rewind_to(at))

    def _rewind_to(self, at: float) -> None:
        """Go back and hold time there, so that the lab can be acted on."""
        time = self._settable_time()
        if time is not None and self.lab_screen is not None:
            self._pace = time.speed or self._pace
            time.pause()
            self.lab_screen.timeline.keep_future()
            self._seek(
                at,
                f"Back at {show_moment(at, 1)}, and paused. Change something, "
                f"then press {key_of('time.pause')} "
                "to resume.",
            )

    def action_ahead(self, what: str) -> None:
        """Play on from the next transition, action or outage of a recording."""
        time, engine = self._settable_time(), self.session.engine
        if time is None:
            return
        if not isinstance(engine, Replayable):
            self.show_notice(
                "You can only jump ahead in a recording: here the future has not happened yet.", "warning"
            )
            return
        self._seek_in_background(lambda: self.session.seek(engine.next_moment(what)))

    def on_moment_pointed_at(self, message: MomentPointedAt) -> None:
        if self._settable_time() is not None:
            self._seek(message.at)

    def _seek(self, at: float, notice: str = "") -> None:
        self._seek_in_background(lambda: self.session.seek(at), notice)

    def _seek_in_background(self, set_time: Callable[[], None], notice: str = "") -> None:
        """Set time without holding up the screen; `on_moment_reached` hears of it and shows the notice."""
        self._seeking = True
        problem = "the lab could not go to that moment: "
        run_in_background(self, lambda: MomentReached(notice, attempt(set_time, problem)[1]))

    def on_moment_reached(self, message: MomentReached) -> None:
        self._seeking = False
        if message.error is not None:
            self.show_error(message.error)
            return
        self.action_live()
        if message.notice:
            self.show_notice(message.notice)
