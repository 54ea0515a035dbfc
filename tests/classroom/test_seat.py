"""A seat and its pages: who sees what, who types, whose size counts, when it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from hatlab.classroom.seat.seat import Seat
from hatlab.classroom.seat.settings import SeatSettings, program_environment
from tests.classroom.seat_parts import NotingPage, echo_seat, settings_of


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.01)


@pytest_asyncio.fixture
async def seat(tmp_path: Path) -> AsyncIterator[Seat]:
    seat = echo_seat(tmp_path)
    yield seat
    await seat.close()
    assert not seat.terminal.is_running


async def test_a_page_that_comes_later_gets_modes_and_a_whole_screen(seat: Seat) -> None:
    first = NotingPage()
    seat.join(first)
    await until(lambda: b"drawn 24 80;" in first.output)
    seat.type_keys(first, b"abc")
    await until(lambda: b"typed abc;" in first.output)
    program = seat.terminal.pid
    seat.leave(first)
    again = NotingPage()
    seat.join(again)
    assert again.output == b"\x1bc\x1b[?1049h\x1b[?25l"
    await until(lambda: b"drawn 24 80;" in again.output)
    assert b"typed abc" not in again.output
    assert seat.terminal.pid == program


async def test_the_smallest_of_those_who_type_decides_the_size(seat: Seat) -> None:
    wide, narrow, phone = NotingPage(), NotingPage(part="help", who="teacher"), NotingPage(part="watch")
    for page, size in ((wide, (50, 200)), (narrow, (60, 100)), (phone, (10, 30))):
        seat.join(page)
        seat.set_size(page, *size)
    assert seat.terminal.size == (50, 100)
    assert (phone.notices[-1]["rows"], phone.notices[-1]["columns"]) == (50, 100)
    seat.leave(narrow)
    assert seat.terminal.size == (50, 200)
    seat.leave(wide)
    assert seat.terminal.size == (50, 200), "whoever only watches decides nothing"


async def test_a_student_sees_who_else_is_there_and_a_watcher_types_nothing(seat: Seat) -> None:
    student, watcher = NotingPage(), NotingPage(part="watch", who="teacher")
    seat.join(student)
    seat.join(watcher)
    assert student.notices[-1]["others"] == [{"who": "teacher", "part": "watch"}]
    await until(lambda: b"drawn" in watcher.output)
    before = seat.last_key
    seat.type_keys(watcher, b"x")
    seat.type_keys(student, b"y")
    await until(lambda: b"typed y;" in watcher.output)
    assert b"typed x" not in student.output
    assert seat.last_key > before
    seat.leave(watcher)
    assert student.notices[-1]["others"] == []


@pytest.mark.parametrize(
    ("key", "failed", "said"), [(b"q", False, b"bye;"), (b"!", True, b"no engine here;")]
)
async def test_enter_starts_again_what_has_ended_and_nothing_else_does(
    seat: Seat, key: bytes, failed: bool, said: bytes
) -> None:
    page = NotingPage()
    seat.join(page)
    await until(lambda: b"drawn" in page.output)
    seat.type_keys(page, key)
    await until(lambda: page.notices[-1]["ended"])
    assert page.notices[-1]["failed"] is failed
    later = NotingPage()
    seat.join(later)
    assert said in later.output, "whoever comes later reads why"
    assert b"drawn" not in later.output
    seat.type_keys(page, b"x")
    assert not seat.terminal.is_running
    seat.type_keys(page, b"\r")
    await until(lambda: page.output.count(b"drawn") == 2)
    assert not page.notices[-1]["ended"]


async def test_only_keys_keep_a_seat(tmp_path: Path) -> None:
    now = 1000.0
    settings = settings_of(tmp_path)
    seat = Seat(settings, {}, clock=lambda: now, command=["true"])
    page = NotingPage()
    now += 60
    seat.join(page)
    seat.set_size(page, 30, 90)
    seat.leave(page)
    assert seat.idle_for == 60
    seat.type_keys(page, b"x")
    assert seat.idle_for == 0
    await seat.close()


async def test_a_clock_that_is_set_ends_no_seat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine slept, or its clock was wrong: half an hour passed by the wall's clock alone."""
    seat = echo_seat(tmp_path)
    wall = time.time()
    for jump in (7200, -7200):
        monkeypatch.setattr(time, "time", lambda jump=jump: wall + jump)
        assert seat.idle_for < 600
        seat.type_keys(NotingPage(), b"x")
        assert seat.idle_for < 600
    await seat.close()


async def test_hatlab_gets_a_home_of_its_own_and_no_secret_of_the_hub(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, lessons="/lessons")
    told = {
        **settings.to_environment(),
        "JUPYTERHUB_API_TOKEN": "t",
        "HATLAB_SEAT_SOCKET": "3",
        "PATH": "/bin",
    }
    assert SeatSettings.from_environment(told) == settings
    env = program_environment(settings, told)
    assert {name for name in env if name.startswith(("JUPYTERHUB", "HATLAB_SEAT"))} == {"HATLAB_SEAT"}
    assert settings.signing_key not in " ".join(env.values())
    assert env["HOME"] == env["XDG_STATE_HOME"] == str(tmp_path)
    assert (env["HATLAB_KIOSK"], env["HATLAB_LESSONS"], env["PATH"]) == ("1", "/lessons", "/bin")
