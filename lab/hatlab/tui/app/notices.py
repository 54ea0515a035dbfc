"""Notices: each is shown in a line of its own for long enough to be read, and kept to be read again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.content import Content
from textual.notifications import SeverityLevel as Severity
from textual.timer import Timer

from hatlab import events as e
from hatlab.describe import describe_event
from hatlab.registry import tell_problems_to
from hatlab.state.model import LabState
from hatlab.tui.app.own_settings import NOTICE_PACE, SettingsApp
from hatlab.tui.screens.notice_list import NoticeList
from hatlab.tui.widgets.notice_line import LEAST_SECONDS, Notice, NoticeLine
from hatlab.util.visible import show_controls

KEPT = 200
"""Notices that can be read again."""
LINE_SECONDS, LINE_LEAST = 60, 6
"""How long what somebody says is shown, and how long at least while another notice waits."""
LETTERS_PER_SECOND = 20
"""How fast a notice is read."""


class NoticeApp(SettingsApp):
    """An app whose notices stand in the `NoticeLine` of each screen, one after the other.

    `state` is the lab as the app last saw it.
    """

    NOTIFICATION_TIMEOUT: ClassVar[float] = 5

    def __init__(self) -> None:
        super().__init__()
        self.state = LabState()
        self.notices: deque[Notice] = deque(maxlen=KEPT)
        """The latest ones, whether they are still shown or not."""
        self._waiting: deque[Notice] = deque()
        self._current: Notice | None = None
        self._causes_told: set[str] = set()
        """Why events were lost, as far as it was said."""
        self._may_follow = True
        """True if the next notice need not wait for the one that is shown."""
        self._notice_timers: list[Timer] = []
        self._tell_outside: Callable[[str], object] | None = None
        """What tells of a broken extension where there is no screen."""

    async def on_mount(self) -> None:
        """What is wrong with an extension is told here while the screen is up."""
        self._tell_outside = tell_problems_to(lambda text: self.show_notice(text, "warning", seconds=20))

    def on_unmount(self) -> None:
        tell_problems_to(self._tell_outside)

    def show_notice(self, text: str, severity: Severity = "information", seconds: float = 5) -> None:
        """Show a notice; text of daemons is never read as markup."""
        self.notify(text, severity=severity, timeout=seconds, markup=False)

    def tell_lost(self, events: Iterable[e.Event]) -> None:
        """Say that events were lost, as where the recording has ended on a full disk; each cause once."""
        for event in events:
            if isinstance(event, e.Dropped) and event.where not in self._causes_told:
                self._causes_told.add(event.where)
                line = describe_event(event)
                self.show_notice(line.text if line else event.where, "warning", seconds=20)

    def show_line(self, text: str) -> None:
        """Show what somebody says: for long, and long enough to be read where another notice waits."""
        if not self.screen.query(NoticeLine):  # it must be seen wherever somebody is
            self.screen.mount(NoticeLine())
        seconds = max(LINE_LEAST, len(text) / LETTERS_PER_SECOND)
        self._line_up(Notice(show_controls(text), "warning", self.state.at, LINE_SECONDS, seconds))

    def keep_line_shown(self) -> None:
        """Show what somebody said on the screen that has come over it, too."""
        if self._current is not None and self._current.least > LEAST_SECONDS:
            self._show(self._current)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: Severity = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a notice in a line of its own; one of Textual's would cover what stands beneath.

        Any thread may call it.
        """
        text = show_controls(Content.from_markup(message).plain if markup else message)
        seconds = self.NOTIFICATION_TIMEOUT if timeout is None else timeout
        seconds *= NOTICE_PACE[self.settings["notices"]]
        self._line_up(Notice(f"{title}: {text}" if title else text, severity, self.state.at, seconds))

    def _line_up(self, notice: Notice) -> None:
        self.notices.append(notice)
        if self.settings["notices"] == "off" and notice.severity == "information":
            return  # it can be read in the list
        self._waiting.append(notice)
        self.call_later(self.show_next_notice)

    @property
    def pending_notices(self) -> tuple[Notice, ...]:
        """What is shown now, and what will be shown after it."""
        return (*([self._current] if self._current is not None else []), *self._waiting)

    def withdraw_notice(self, text: str) -> None:
        """Take a notice away that is true no more; it can still be read again."""
        self._waiting = deque(notice for notice in self._waiting if notice.text != text)
        if self._current is not None and self._current.text == text:
            self._end_shown()

    def withdraw_answers(self) -> None:
        """Take away what answered a key, as soon as it is about something that is over; alarms stay."""
        self._waiting = deque(notice for notice in self._waiting if notice.severity != "information")
        if self._current is not None and self._current.severity == "information":
            self._end_shown()

    def clear_notifications(self) -> None:
        """Take all notices away; they can still be read again."""
        self._waiting.clear()
        self._end_shown()

    def action_notices(self) -> None:
        """Show the notices so far."""
        self.push_screen(NoticeList(tuple(self.notices)))

    def show_next_notice(self) -> None:
        """Show the next notice, once there is a line for it and the one before it could be read."""
        if not self._waiting or not self._may_follow or not self._notice_lines():
            return
        notice = self._waiting.popleft()
        self._may_follow = False
        self._stop_timers()
        self._notice_timers = [
            self.set_timer(min(notice.least, notice.seconds), self._let_follow),
            self.set_timer(max(notice.seconds, len(notice.text) / LETTERS_PER_SECOND), self._end_shown),
        ]
        self._show(notice)

    def _let_follow(self) -> None:
        self._may_follow = True
        self.show_next_notice()

    def _end_shown(self) -> None:
        self._stop_timers()
        self._may_follow = True
        self._show(None)
        self.show_next_notice()

    def _stop_timers(self) -> None:
        for timer in self._notice_timers:
            timer.stop()

    def _show(self, notice: Notice | None) -> None:
        self._current = notice
        for line in self._notice_lines():
            line.notice = notice

    def _notice_lines(self) -> list[NoticeLine]:
        return [line for screen in self.screen_stack for line in screen.query(NoticeLine)]
