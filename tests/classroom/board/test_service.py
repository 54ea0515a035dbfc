"""The board's server: who may report, look and ask, and what comes of bad input."""

from __future__ import annotations

import asyncio
import json
import math
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest

from hatlab.classroom.board import handlers
from hatlab.classroom.board.report import MOST_BYTES
from hatlab.classroom.roster import Student
from tests.classroom.board.running_board import RunningBoard, lesson, running_board, websocket
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningBoard]:
    with running_board() as board:
        yield board


@pytest.fixture
def board(shared: RunningBoard) -> RunningBoard:
    shared.hub.asked.clear()
    shared.hub.answers.clear()
    shared.hub.busy.clear()
    return shared


# -- the teacher alone


def test_the_teacher_sees_the_page_and_what_changes(board: RunningBoard) -> None:
    assert board.report("ada", lesson(hints=2)) == (204, None)
    teacher = board.log_in()
    assert teacher.status == 200
    assert "<h1>Monday &amp; &lt;b&gt;Tuesday&lt;/b&gt;</h1>" in teacher.page
    policy = teacher.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    status, changes = teacher.get("changes?since=0")
    assert status == 200
    ada = next(student for student in changes["students"] if student["name"] == "ada")
    assert (ada["state"], ada["lesson"]["hints"]) == ("here", 2)
    status, later = teacher.get(f"changes?since={changes['version']}")
    assert (status, later["students"]) == (200, [])


def test_a_student_is_refused_everywhere(board: RunningBoard) -> None:
    student = board.log_in("ada")
    assert student.status == 403
    assert student.get("changes?since=0")[0] == 403
    assert student.wish(ask="thaw")[0] == 403
    request = HTTPRequest(board.live_address, headers={"Cookie": student.cookies})
    with pytest.raises(HTTPClientError, match="403"):
        asyncio.run(_open_websocket(request))
    assert board.hub.asked == []


def test_who_is_not_logged_in_sees_nothing(board: RunningBoard) -> None:
    opener = urllib.request.build_opener()
    for path in ("changes", "live"):
        with pytest.raises(urllib.error.HTTPError, match="403") as refused:
            opener.open(board.address + path, timeout=10)
        refused.value.close()


def test_another_page_cannot_use_the_teachers_cookies(board: RunningBoard) -> None:
    teacher = board.log_in()
    assert teacher.wish(xsrf="", ask="thaw")[0] == 403
    assert teacher.wish(xsrf="guessed", ask="thaw")[0] == 403
    stranger = {"Cookie": teacher.cookies, "Origin": "https://example.net"}
    with pytest.raises(HTTPClientError, match="403"):
        asyncio.run(_open_websocket(HTTPRequest(board.live_address, headers=stranger)))
    assert board.hub.asked == []


async def _open_websocket(request: HTTPRequest) -> str:
    async with websocket(request) as connection:
        message = await connection.read_message()
    assert isinstance(message, str)
    return message


def test_the_page_is_told_over_a_websocket_within_a_second(board: RunningBoard) -> None:
    teacher = board.log_in()

    async def follow() -> list[str]:
        request = HTTPRequest(board.live_address, headers={"Cookie": teacher.cookies})
        async with websocket(request) as connection:
            first = json.loads(await connection.read_message() or "")
            assert {student["name"] for student in first["students"]} == {"ada", "bo", "cy"}
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, board.report, "bo", lesson(task="Look at the log.", item="look"))
            told = json.loads(await connection.read_message() or "")
        return [student["lesson"]["task"] for student in told["students"] if student["name"] == "bo"]

    assert asyncio.run(follow()) == ["Look at the log."]


# -- seats


def test_a_seat_reports_for_its_own_student_only(board: RunningBoard) -> None:
    status, said = board.post_report(json.dumps({"user": "bo", "lesson": None}).encode(), "seat-ada")
    assert (status, said["error"]["message"]) == (403, "a seat reports for its own student only")
    assert board.post_report(b"{}", "")[0] == 403
    assert board.post_report(b"{}", "nonsense")[0] == 403
    assert board.post_report(json.dumps({"user": "board"}).encode(), "service-board")[0] == 403
    assert board.report("mallory")[0] == 403


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b"[1", "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b'"ada"', "valid dictionary"),
        (b'{"user": "ada", "lesson": {"step": 3}}', "`lesson.lesson`: Field required"),
        (b'{"user": "ada", "last_key": NaN}', "`last_key`"),
        (b'{"user": "ada", "sockets": 1e400}', "`sockets`"),
        (b'{"user": "ada", "sockets": -1}', "`sockets`"),
        (json.dumps({"user": "ada", "lesson": lesson(since=-5)}).encode(), "`lesson.since`"),
        (json.dumps({"user": "ada", "lesson": lesson(step=99)}).encode(), "further than the lesson goes"),
        (json.dumps({"user": "ada", "lesson": lesson(hints=10**9)}).encode(), "`lesson.hints`"),
        (json.dumps({"user": "ada", "lesson": lesson(kind="boss")}).encode(), "`lesson.kind`"),
        (b" " * (MOST_BYTES + 1), "at most"),
    ],
)
def test_what_cannot_be_is_refused_and_the_teacher_sees_whose_it_was(
    board: RunningBoard, body: bytes, message: str
) -> None:
    status, said = board.post_report(body, "seat-ada")
    assert status == 400
    assert message in said["error"]["message"]
    seat = board.board.room.seats["ada"]
    assert message in seat.shown["trouble"]
    assert board.report("ada", lesson())[0] == 204
    assert seat.shown["trouble"] == ""


def test_a_megabyte_is_not_even_read(board: RunningBoard) -> None:
    try:
        status = board.post_report(b" " * 1_000_000, "seat-ada")[0]
    except OSError:
        status = 413  # the connection is closed while it is still being sent
    assert status in {400, 413}
    assert board.report("ada", lesson())[0] == 204


def test_what_a_student_writes_steers_nothing(board: RunningBoard) -> None:
    evil = "<script>alert(1)</script>\x1b[2J\u202e"
    report = lesson(
        title=evil, task=evil * 100, glyph="\u202e\x1b", predictions={evil: evil}, lab=evil, frozen=evil
    )
    assert board.report("ada", report)[0] == 204
    shown = json.dumps(board.board.room.seats["ada"].shown, ensure_ascii=False)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert max(len(str(value)) for value in board.board.room.seats["ada"].shown["lesson"].values()) < 800
    board.report("ada", lesson())


def test_who_left_the_roster_is_no_longer_shown() -> None:
    with running_board() as board:
        assert board.report("cy", lesson())[0] == 204
        board.students[:] = [Student("ada"), Student("dee")]
        board.run(board.board._refresh_students)
        assert set(board.board.room.seats) == {"ada", "dee"}
        assert board.report("cy", lesson())[0] == 403


# -- what the teacher wants


def test_a_line_goes_to_one_or_to_all_whose_seats_are_open(board: RunningBoard) -> None:
    for name in ("ada", "bo"):
        board.report(name, lesson())
    teacher = board.log_in()
    assert teacher.wish(ask="tell", text="Look up", names=["ada"]) == (200, {"done": ["ada"], "problems": []})
    status, said = teacher.wish(ask="tell", text="Look up", names=["ada", "cy"])
    assert said == {"done": ["ada"], "problems": [{"name": "cy", "problem": "the seat is closed"}]}
    status, said = teacher.wish(ask="tell", text="Well done")
    assert (status, sorted(said["done"])) == (200, ["ada", "bo"])
    assert board.hub.asked[0] == ("ada", {"ask": "tell", "text": "Look up"})


def test_a_lab_is_reset_and_a_seat_is_ended(board: RunningBoard) -> None:
    board.report("ada", lesson())
    teacher = board.log_in()
    assert teacher.wish(ask="restart", names=["ada"])[1]["done"] == ["ada"]
    assert teacher.wish(ask="reset", names=["ada"])[1]["done"] == ["ada"]
    assert teacher.wish(ask="end", names=["ada"])[1]["done"] == ["ada"]
    assert "ada" not in board.board.room.present
    assert [asked for _, asked in board.hub.asked] == [
        {"ask": "restart"},
        {"ask": "do", "words": ["reset"]},
        {"ask": "end"},
    ]


def test_what_a_seat_refuses_is_said(board: RunningBoard) -> None:
    for name in ("ada", "bo"):
        board.report(name, lesson())
    board.hub.answers = {"ada": (400, {"error": {"message": "nobody sits at this lab\x1b"}}), "bo": (503, {})}
    status, said = board.log_in().wish(ask="tell", text="Hello")
    assert status == 200
    assert said["done"] == []
    assert sorted(problem["problem"] for problem in said["problems"]) == [
        "nobody sits at this lab\\x1b",
        "the seat is closed",
    ]


def test_everybody_looks_up_who_comes_later_too_and_goes_on(board: RunningBoard) -> None:
    board.report("ada", lesson())
    teacher = board.log_in()
    board.board._asked.clear()
    assert teacher.wish(ask="freeze", text="")[0] == 200
    assert ("ada", {"ask": "freeze", "text": "", "seconds": 60.0}) in board.hub.asked
    assert teacher.get("changes?since=0")[1]["class"]["frozen"] == "eyes on me"
    board.report("cy", lesson())
    wait_until(lambda: "cy" in [name for name, _ in board.hub.asked], 10)
    board.report("bo", lesson(frozen="eyes on me"))
    board.hub.asked.clear()
    board.run(board.board._renew_freeze)
    wait_until(lambda: len(board.hub.asked) >= 3, 10)
    assert teacher.wish(ask="thaw")[0] == 200
    assert board.board.room.frozen is None
    assert board.hub.asked[-1][1] == {"ask": "thaw"}


def test_whoever_may_go_on_is_not_held_by_what_was_wanted_before(board: RunningBoard) -> None:
    """A seat that is slow to look up is told afterwards that it may go on, in this order."""
    for name in ("ada", "bo"):
        board.report(name, lesson())
    teacher = board.log_in()
    board.hub.busy["ada"] = "freeze"
    with ThreadPoolExecutor() as pool:
        looks_up = pool.submit(teacher.wish, ask="freeze", text="")
        wait_until(lambda: board.board.room.frozen is not None, 10)
        goes_on = pool.submit(teacher.wish, ask="thaw")
        wait_until(lambda: ("bo", {"ask": "thaw"}) in board.hub.asked, 10)
        board.hub.busy.clear()
        assert {looks_up.result()[0], goes_on.result()[0]} == {200}
    assert [asked["ask"] for name, asked in board.hub.asked if name == "ada"] == ["freeze", "thaw"]


def test_who_still_looks_up_is_told_to_go_on(board: RunningBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    """A seat that never got the word, or one that a board before this one has asked."""
    board.report("ada", lesson(frozen="eyes on me"))
    assert board.hub.asked == [], "the word may be on its way"
    monkeypatch.setattr(board.board.room, "thawed_at", -math.inf)
    board.board._asked.clear()
    board.report("ada", lesson(frozen="eyes on me"))
    wait_until(lambda: board.hub.asked == [("ada", {"ask": "thaw"})], 10)
    board.report("ada", lesson())


def test_a_page_hears_of_a_board_where_nothing_happens(
    board: RunningBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "BEAT", 0.3)
    monkeypatch.setattr(board.board.room, "update", lambda: None)
    teacher = board.log_in()

    async def listen() -> list[dict[str, Any]]:
        request = HTTPRequest(board.live_address, headers={"Cookie": teacher.cookies})
        async with websocket(request) as connection:
            return [json.loads(await connection.read_message() or "") for _ in range(3)]

    first, *later = asyncio.run(listen())
    assert first["students"]
    assert [told["students"] for told in later] == [[], []]


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"ask": "dance"}, "cannot be asked to 'dance'"),
        ({"ask": "tell", "text": "  "}, "nothing to send"),
        ({"ask": "tell", "text": "a" * 501}, "501 characters"),
        ({"ask": "tell", "text": "a", "names": ["mallory"]}, "`names` are those of students"),
        ({"ask": "tell", "text": "a", "names": "ada"}, "`names` are those of students"),
        ({"ask": "reset"}, "say whose lab is meant"),
        ({"ask": "end"}, "say whose lab is meant"),
        ({"ask": "restart"}, "say whose lab is meant"),
        ({"ask": "freeze", "names": ["ada"]}, "everybody looks up, or nobody"),
        ({"ask": 7}, "`ask` and `text` are strings"),
        ({}, "a line of JSON with `ask`"),
    ],
)
def test_wishes_that_make_no_sense(board: RunningBoard, wish: dict[str, Any], message: str) -> None:
    status, said = board.log_in().wish(**wish)
    assert status == 400
    assert message in said["error"]["message"]
    assert board.hub.asked == []
