"""Everybody in a class, as their seats' reports have it, and what has changed since a page has looked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hatlab.classroom.board.attention import Need, Standing, judge_need
from hatlab.classroom.board.overview import count_predictions, find_places
from hatlab.classroom.board.pace import Item, Pace
from hatlab.classroom.board.report import LessonReport, SeatReport
from hatlab.classroom.roster import Student

GONE_AFTER = 25.0
"""Seconds without a report after which a seat is taken for closed; it reports every ten."""
_SAME = 1.5
"""Seconds by which the beginning of something may differ from report to report and still be the same."""


@dataclass
class Seat:
    """One student."""

    student: Student
    report: SeatReport | None = None
    """The last one; None until there is one."""
    heard: float = 0.0
    """When it came, seconds since 1970."""
    began: float = 0.0
    """When what is open now was begun, by the same clock."""
    last_key: float | None = None
    """When a key was pressed last, by the same clock; None for never."""
    trouble: str = ""
    """Why the last report could not be read."""
    shown: dict[str, Any] = field(default_factory=dict)
    version: int = 0

    @property
    def lesson(self) -> LessonReport | None:
        return self.report.lesson if self.report is not None else None

    def is_here(self, now: float) -> bool:
        """True if the seat is open, as far as its reports tell."""
        return self.report is not None and now - self.heard < GONE_AFTER

    @property
    def item(self) -> Item | None:
        """What is open; None without a lesson."""
        lesson = self.lesson
        return None if lesson is None else (lesson.lesson, lesson.step, lesson.item or lesson.task)


def _unset_clock() -> Callable[[], float]:
    """Return a clock of the seconds since 1970 that goes on evenly, whoever sets the machine's."""
    ahead = time.time() - time.monotonic()
    return lambda: time.monotonic() + ahead


class Room:
    """A class.

    Args:
        read_students: returns who takes part, as the roster is now.
        clock: seconds since 1970, as far as nobody has set the machine's clock since.
    """

    def __init__(
        self, read_students: Callable[[], Sequence[Student]], clock: Callable[[], float] | None = None
    ) -> None:
        clock = clock or _unset_clock()
        self._read_students, self._clock = read_students, clock
        self._pace = Pace()
        self.seats: dict[str, Seat] = {}
        self.version = int(clock() * 1000)
        """Grows with each change, also over a new start of the board: an open page is not ahead."""
        self.frozen: str | None = None
        """What everybody is asked to look up for; None for nothing."""
        self.thawed_at = time.monotonic()
        """When everybody could go on last, by the monotonic clock."""
        self.notice = ""
        """What is wrong with the class as a whole, for its teacher; empty for nothing."""
        self._class: dict[str, Any] = {}
        self._class_version = 0
        self.refresh_students()

    def refresh_students(self) -> None:
        """Take in who takes part now; somebody who does no longer is not shown."""
        students = {student.name: student for student in self._read_students()}
        for name in self.seats.keys() - students.keys():
            del self.seats[name]
        for name, student in students.items():
            seat = self.seats.setdefault(name, Seat(student))
            seat.student = student
        self.update()

    def take_report(self, report: SeatReport) -> Seat:
        """Take in what a seat tells.

        Raises:
            KeyError: nobody of that name takes part.
        """
        seat, now = self.seats[report.user], self._clock()
        before, began = seat.item, seat.began
        seat.last_key = _moment_of_key(report, now, seat.last_key)
        seat.report, seat.heard, seat.trouble = report, now, ""
        lesson = report.lesson
        if lesson is not None:
            seat.began = now - lesson.since
            if seat.item == before and abs(seat.began - began) < _SAME:
                seat.began = began
        if before is not None and before != seat.item:
            self._pace.note(before, report.user, now - began)
        self.update()
        return seat

    def note_trouble(self, name: str, what: str) -> None:
        """A seat told what cannot be read; it is known whose."""
        if seat := self.seats.get(name):
            seat.trouble = what
            self.update()

    def note_end(self, name: str) -> None:
        """A seat was ended; if it reports once more, it is open once more."""
        self.seats[name].heard = min(self.seats[name].heard, self._clock() - GONE_AFTER)
        self.update()

    @property
    def present(self) -> list[str]:
        """The names of those whose seats are open."""
        now = self._clock()
        return [name for name, seat in self.seats.items() if seat.is_here(now)]

    def freeze(self, text: str | None) -> None:
        """Keep what everybody is asked to look up for, or that they may go on."""
        self.frozen = text
        if text is None:
            self.thawed_at = time.monotonic()
        self.update()

    def update(self) -> None:
        """See what has changed, with time alone too."""
        now = self._clock()
        for seat in self.seats.values():
            shown = self._show(seat, now)
            if shown != seat.shown:
                self.version += 1
                seat.shown, seat.version = shown, self.version
        overview = self._show_class(now)
        if overview != self._class:
            self.version += 1
            self._class, self._class_version = overview, self.version

    def changes_since(self, version: int) -> dict[str, Any]:
        """Return what a page that knows a version does not know yet; one that is ahead knows nothing."""
        if version > self.version:
            version = 0
        changed = [seat.shown for seat in self.seats.values() if seat.version > version]
        overview = {"class": self._class} if self._class_version > version else {}
        return {"version": self.version, "now": round(self._clock(), 2), "students": changed, **overview}

    # -- what is shown

    def _show(self, seat: Seat, now: float) -> dict[str, Any]:
        report, lesson = seat.report, seat.lesson
        here, need = seat.is_here(now), self._judge(seat, now)
        state = "here" if here else "gone" if report is not None else "absent"
        return {
            "name": seat.student.name,
            "full_name": seat.student.full_name,
            "state": state,
            "trouble": seat.trouble,
            "heard": round(seat.heard, 1) if not here else 0,
            "key": seat.last_key,
            "engine": report.engine if report is not None else "",
            "sockets": report.sockets if report is not None else 0,
            "began": round(seat.began, 1),
            "lesson": None if lesson is None else _show_lesson(lesson),
            "need": need.level,
            "points": need.points,
            "reasons": list(need.reasons),
        }

    def _judge(self, seat: Seat, now: float) -> Need:
        lesson, report = seat.lesson, seat.report
        if lesson is None or report is None or not seat.is_here(now) or lesson.finished or lesson.frozen:
            return Need()
        assert seat.item is not None
        usual = self._pace.usual(seat.item, seat.student.name)
        idle = 0.0 if seat.last_key is None else max(0.0, now - seat.last_key)
        reads = lesson.kind in {"start", "end"}
        return judge_need(Standing(now - seat.began, usual, lesson.wrong, lesson.hints, idle, reads))

    def _show_class(self, now: float) -> dict[str, Any]:
        here = {name: seat for name, seat in self.seats.items() if seat.is_here(now)}
        lessons = {name: seat.lesson for name, seat in here.items() if seat.lesson is not None}
        every = [seat.lesson for seat in self.seats.values() if seat.lesson is not None]
        needing = [name for name, seat in here.items() if seat.shown.get("need") == "help"]
        return {
            "frozen": self.frozen,
            "notice": self.notice,
            "present": len(here),
            "students": len(self.seats),
            "finished": sum(lesson.finished for lesson in every),
            "needing": len(needing),
            "order": self._order(),
            "places": find_places(lessons, needing),
            "questions": count_predictions(every),
        }

    def _order(self) -> list[str]:
        """Return the names, who needs help first; after those who are here those who left, or never came.

        Points count in halves, so that rows do not change places all the time.
        """
        states = {"here": 0, "gone": 1, "absent": 2}

        def rank(seat: Seat) -> tuple[int, float, str]:
            return states[seat.shown["state"]], -(seat.shown["points"] * 2 // 1), seat.student.name

        return [seat.student.name for seat in sorted(self.seats.values(), key=rank)]


def _moment_of_key(report: SeatReport, now: float, before: float | None) -> float | None:
    """Return when a key was pressed last, by the class's clock; told again it stays what it was."""
    if report.idle is None:
        return None if report.last_key is None else min(report.last_key, now)
    moment = round(now - report.idle, 1)
    return before if before is not None and abs(moment - before) < _SAME else moment


def _show_lesson(lesson: LessonReport) -> dict[str, Any]:
    shown = lesson.model_dump(exclude={"predictions", "questions", "since", "item", "lesson"})
    asked = lesson.questions
    shown["predictions"] = [
        {
            "ask": asked[name].ask if name in asked else name,
            "answer": f"{answer} {asked[name].unit if name in asked else ''}".strip(),
        }
        for name, answer in lesson.predictions.items()
    ]
    shown["since"] = round(lesson.since) if lesson.frozen else None
    if lesson.clock is not None:
        shown["clock"] = {"seconds": round(lesson.clock.seconds), "limit": lesson.clock.limit}
    return shown


def present_among(room: Room, names: Iterable[str] | None) -> list[str]:
    """Return those of some names (None: of all) whose seats are open."""
    present = room.present
    return present if names is None else [name for name in names if name in present]
