"""What a person can do to the lab's time, where it can be held: of a simulated lab, of a recording."""

from __future__ import annotations

from collections.abc import Callable

from hatlab.engine.base import Replayable, TimeControl
from hatlab.errors import ActionFailed, LabError
from hatlab.session import Session
from hatlab.tui.app.actions import ActionApp
from hatlab.tui.background import run_in_background
from hatlab.tui.lab_view import fine_clock
from hatlab.tui.messages import MomentPointedAt, MomentReached
from hatlab.tui.screens.dialog import ConfirmDialog
from hatlab.tui.widgets.time_bar import TimeView, next_speed


class TimeControlApp(ActionApp):
    """An app that can hold, pace and set the lab's time."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._pace = 1.0
        self._going = False

    @property
    def looking(self) -> float | None:
        """The past moment on the screen, None for now."""
        raise NotImplementedError

    def follow(self) -> None:
        """Shows what is now."""
        raise NotImplementedError

    def keep_future(self) -> None:
        """Time is about to be set back: what comes after may be kept to compare."""

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
        return TimeView(speed, self._pace, engine.now(), ends, self.looking)

    def _time(self) -> TimeControl | None:
        """The clock, if it can be held now; if not, that is told."""
        time = self.session.time
        if time is None:
            self.tell(
                "These are real servers: their time cannot be held. It can in `--engine sim`.", "warning"
            )
        elif self._going:
            self.tell("On the way to a moment already.", "warning")
        else:
            return time
        return None

    def action_pause(self) -> None:
        time = self._time()
        if time is not None:
            self._set_speed(time, 0.0 if time.speed else self._pace)

    def action_slower(self) -> None:
        self._change_pace(-1)

    def action_faster(self) -> None:
        self._change_pace(1)

    def _change_pace(self, way: int) -> None:
        """Another speed; while time is held, the one it will go on at."""
        time = self._time()
        if time is not None:
            self._pace = next_speed(time.speed or self._pace, way)
            if time.speed:
                self._set_speed(time, self._pace)

    def _set_speed(self, time: TimeControl, speed: float) -> None:
        try:
            time.speed = speed
        except ActionFailed as error:
            self.tell(f"{error.message}. {error.hint}", "warning")

    def action_step(self) -> None:
        time = self._time()
        if time is not None:
            self._pace = time.speed or self._pace
            self._go(time.step)

    def action_rewind(self) -> None:
        """To the moment looked at; asked first if something was done later, which is forgotten."""
        time, at = self._time(), self.looking
        if time is None:
            return
        if at is None:
            self.tell("Select a moment in the timeline first: ←, [ or a click.", "warning")
            return
        if not self.session.engine.live:
            self._seek(at)
            return
        later = [action.name for action in self.state.actions if action.at > at]
        if not later:
            self._go_back(at)
            return
        count = f"{len(later)} actions are" if len(later) > 1 else f"“{later[0]}” is"
        text = f"Time goes back to {fine_clock(at)}: {count} forgotten, with all that followed."
        self.push_screen(
            ConfirmDialog("go back in time", text, "go back"),
            lambda sure: self._go_back(at) if sure else None,
        )

    def _go_back(self, at: float) -> None:
        """A lab that can be acted on stands still where it comes back, so that one can."""
        time = self._time()
        if time is not None:
            self._pace = time.speed or self._pace
            time.pause()
            self.keep_future()
            self._seek(at, f"Back at {fine_clock(at)}. Time stands still: change something, then p goes on.")

    def action_ahead(self, what: str) -> None:
        """Plays on from the next transition, action or outage."""
        time, engine = self._time(), self.session.engine
        if time is None:
            return
        if not isinstance(engine, Replayable):
            self.tell("Nobody knows what comes; in a recording one can go there.", "warning")
            return
        self._go(lambda: self.session.seek(engine.next_moment(what)))

    def on_moment_pointed_at(self, message: MomentPointedAt) -> None:
        if self._time() is not None:
            self._seek(message.at)

    def _seek(self, at: float, told: str = "") -> None:
        self._go(lambda: self.session.seek(at), told)

    def _go(self, way: Callable[[], None], told: str = "") -> None:
        """Goes to a moment without holding up the screen; `on_moment_reached` hears of it."""

        def work() -> MomentReached:
            try:
                way()
            except LabError as error:
                return MomentReached(error=error)
            except Exception as error:  # noqa: BLE001 - a thread's last resort: told on the screen, not lost
                return MomentReached(error=LabError(f"time could not be set: {error}"))
            return MomentReached(told)

        self._going = True
        run_in_background(self, work)

    def on_moment_reached(self, message: MomentReached) -> None:
        self._going = False
        if message.error is not None:
            self.tell(f"{message.error.message}. {message.error.hint}".rstrip(), "warning")
            return
        self.follow()
        if message.notice:
            self.tell(message.notice)
