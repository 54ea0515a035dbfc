"""Everybody in a class: reports come in, time goes by, seats vanish, the board starts anew."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from hatlab.classroom.board.commands import SeatCommands
from hatlab.classroom.board.report import SeatReport
from hatlab.classroom.board.room import GONE_AFTER, Room
from hatlab.classroom.board.service import Board
from hatlab.classroom.roster import Student
from tests.classroom.board.running_board import lesson


class Watched:
    """A room with a clock that a test sets."""

    def __init__(self, *names: str, now: float = 1_000_000.0) -> None:
        self.now = now
        self.room = Room(lambda: [Student(name) for name in names], lambda: self.now)

    def report(self, name: str, **changes: Any) -> None:
        data = {"user": name, "last_key": self.now, "lesson": lesson(**changes)}
        self.room.take_report(SeatReport.model_validate(data))

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.room.update()

    def shown(self, name: str) -> dict[str, Any]:
        return self.room.seats[name].shown

    @property
    def order(self) -> list[str]:
        order: list[str] = self.room.changes_since(0)["class"]["order"]
        return order


def test_a_page_is_told_what_it_does_not_know() -> None:
    seen = Watched("ada", "bo")
    first = seen.room.changes_since(0)
    assert [student["state"] for student in first["students"]] == ["absent", "absent"]
    seen.report("ada")
    second = seen.room.changes_since(first["version"])
    assert [student["name"] for student in second["students"]] == ["ada"]
    assert second["class"]["present"] == 1
    seen.now += 1
    seen.report("ada", since=6.0)
    assert seen.room.changes_since(second["version"])["students"][0]["key"] == seen.now
    assert seen.shown("ada")["began"] == 1_000_000.0 - 5, "begun when it was begun"


def test_a_page_that_knows_an_earlier_board_is_told_all() -> None:
    before = Watched("ada")
    before.report("ada")
    after = Watched("ada", now=before.now + 60)
    assert len(after.room.changes_since(before.room.version)["students"]) == 1
    assert len(after.room.changes_since(after.room.version + 99)["students"]) == 1


def test_a_seat_that_vanished_is_told_and_comes_back() -> None:
    seen = Watched("ada", "bo")
    seen.report("ada", wrong=5)
    assert seen.shown("ada")["need"] == "help"
    seen.wait(GONE_AFTER + 1)
    assert (seen.shown("ada")["state"], seen.shown("ada")["need"]) == ("gone", "fine")
    assert seen.room.present == []
    seen.report("ada")
    assert seen.shown("ada")["state"] == "here"


def test_who_is_stuck_comes_first_by_time_against_what_others_needed() -> None:
    seen = Watched("ada", "bo", "cy", "dee", "eve")
    for name in ("ada", "bo", "cy", "dee"):
        seen.report(name, item="one", task="one", since=0.0)
    seen.wait(20)
    for name in ("bo", "cy", "dee"):
        seen.report(name, item="two", task="two", since=0.0)
    seen.wait(200)
    seen.report("ada", item="one", task="one", since=220.0)
    for name in ("bo", "cy", "dee"):
        seen.report(name, item="three", task="three", since=0.0)
    assert seen.order[0] == "ada"
    assert seen.shown("ada")["reasons"] == ["4 min on this; others needed 60 s"]
    assert seen.order[-1] == "eve", "who never came"


def test_who_looks_up_or_is_done_needs_no_help() -> None:
    seen = Watched("ada", "bo")
    seen.report("ada", wrong=5, frozen="eyes on me")
    seen.report("bo", wrong=5, finished=True)
    assert [seen.shown(name)["need"] for name in ("ada", "bo")] == ["fine", "fine"]


def test_a_seat_whose_clock_is_wrong_is_silent_for_no_time_at_all() -> None:
    seen = Watched("ada")
    seen.room.take_report(SeatReport.model_validate({"user": "ada", "last_key": 9e9, "lesson": lesson()}))
    assert seen.shown("ada")["key"] == seen.now
    assert seen.shown("ada")["need"] == "fine"


def test_a_clock_that_is_set_makes_nobody_need_help(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the class's machine, back or forth; and that of a seat's machine, which is another."""
    room = Room(lambda: [Student("ada")])
    wall = time.time()
    for jump in (7200, -7200):
        report = {"user": "ada", "last_key": wall - jump, "idle": 4.0, "lesson": lesson()}
        room.take_report(SeatReport.model_validate(report))
        monkeypatch.setattr(time, "time", lambda jump=jump: wall + jump)
        room.update()
        shown = room.seats["ada"].shown
        assert (shown["state"], shown["need"]) == ("here", "fine")
        assert abs(room.changes_since(0)["now"] - shown["key"]) < 60


def test_the_moment_of_a_key_stays_what_it_was() -> None:
    seen = Watched("ada")
    for late in (0.0, 0.4, 1.1):
        report = {"user": "ada", "idle": 3.0, "lesson": lesson()}
        seen.now = 1_000_000.0 + late
        seen.room.take_report(SeatReport.model_validate(report))
        assert seen.shown("ada")["key"] == 999_997.0


def test_a_full_disk_is_told_to_the_teacher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Watched("ada")
    board = Board(seen.room, SeatCommands("http://127.0.0.1:1", ""), tmp_path)
    for free, said in ((10**10, ""), (3_400_000, "The disk of the class is full (3 MB left)"), (10**10, "")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: Mock(free=free))
        board.look_at_disk()
        seen.wait(1)
        assert seen.room.changes_since(0)["class"]["notice"].startswith(said)
        assert bool(said) == bool(seen.room.notice)
