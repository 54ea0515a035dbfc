"""What a teacher asks of a lab over its control socket: where the lesson stands, a line, everybody's eyes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hatlab.control import request_result, send_request
from hatlab.control.server import ControlServer
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.errors import UserError
from hatlab.lessons.play import checkpoints
from hatlab.session import Session
from hatlab.teacher import EYES_ON_ME, TeacherLine, TeacherLink
from hatlab.topology.library import load_topology


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(SimulatorEngine("two-node", load_topology("two-node"), speed=20.0))
    session.start()
    session.teacher.attended = True
    yield session
    session.stop()


@pytest.fixture
def server(session: Session) -> Iterator[ControlServer]:
    with tempfile.TemporaryDirectory(prefix="hl") as folder:
        server = ControlServer(session, Path(folder), "abc123")
        yield server
        server.close()


def ask(server: ControlServer, **request: Any) -> dict[str, Any]:
    return request_result(server.path, request)


def test_where_the_lesson_stands_is_told_at_once_and_at_each_change(
    server: ControlServer, session: Session
) -> None:
    lesson: dict[str, Any] = {"step": 1, "since": 0.0}
    session.teacher.report = lambda: {**lesson, "since": session.engine.now()}
    replies = send_request(server.path, {"ask": "lesson"})
    assert next(replies)["lesson"]["step"] == 1
    lesson["step"] = 2
    assert next(replies)["lesson"]["step"] == 2, "time alone is no change"
    session.stop()
    assert list(replies) == [{"result": {"reports": 2}}]


def test_a_lab_without_a_lesson_says_so(server: ControlServer, session: Session) -> None:
    assert next(send_request(server.path, {"ask": "lesson"})) == {"lesson": None}
    assert ask(server, ask="status")["lesson"] is None
    session.stop()


def test_a_line_reaches_the_learner_and_steers_no_terminal(server: ControlServer, session: Session) -> None:
    said = {"ask": "tell", "text": "look\nat \x1b[2Jdb2", "from": "Ada\u202e"}
    assert request_result(server.path, said) == {"told": "look at \\x1b[2Jdb2"}
    assert session.teacher.take_lines() == [TeacherLine("look at \\x1b[2Jdb2", "Ada\\u202e")]
    assert session.teacher.take_lines() == []


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"ask": "tell"}, "nothing to tell"),
        ({"ask": "tell", "text": " \n "}, "nothing to tell"),
        ({"ask": "tell", "text": ["a"]}, "`text` must be a string"),
        ({"ask": "tell", "text": "a" * 501}, "501 characters"),
        ({"ask": "tell", "text": "a", "from": "b" * 65}, "65 characters"),
        ({"ask": "freeze", "text": 7}, "`text` must be a string"),
        ({"ask": "freeze", "seconds": 0}, "`seconds` must be a number"),
        ({"ask": "freeze", "seconds": True}, "`seconds` must be a number"),
        ({"ask": "freeze", "seconds": float("nan")}, "`seconds` must be a number"),
        ({"ask": "freeze", "seconds": 1e9}, "`seconds` must be a number"),
    ],
)
def test_what_makes_no_sense_is_refused(
    server: ControlServer, session: Session, request_: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        request_result(server.path, request_)
    assert session.teacher.take_lines() == []
    assert session.teacher.frozen is None


def test_a_step_starts_over_where_a_lesson_is_under_way(server: ControlServer, session: Session) -> None:
    with pytest.raises(UserError, match="no lesson is under way"):
        ask(server, ask="restart")
    session.teacher.report = lambda: {"step": 2}
    assert ask(server, ask="restart") == {"step": 2}
    assert [session.teacher.take_restart(), session.teacher.take_restart()] == [True, False]


@pytest.mark.parametrize("what", ["tell", "restart", "freeze", "thaw"])
def test_nobody_is_asked_where_nobody_sits(server: ControlServer, session: Session, what: str) -> None:
    session.teacher.attended = False
    with pytest.raises(UserError, match="nobody sits at this lab"):
        ask(server, ask=what, text="hello")


# -- everybody's eyes


def test_the_clock_of_a_simulated_lab_stands_while_everybody_looks_up(
    server: ControlServer, session: Session
) -> None:
    time = session.time
    assert time is not None
    assert ask(server, ask="freeze") == {"frozen": EYES_ON_ME}
    assert time.speed == 0
    assert ask(server, ask="freeze", text="the board, please") == {"frozen": "the board, please"}
    assert ask(server, ask="thaw") == {"frozen": None}
    assert time.speed == 20


def test_a_lab_is_reset_while_everybody_looks_up(server: ControlServer, session: Session) -> None:
    ask(server, ask="do", words=["kill", "mysqld", "db1"])
    ask(server, ask="freeze")
    ask(server, ask="do", words=["reset"])
    assert session.time is not None
    assert session.time.speed == 0
    assert session.state.nodes["db1"].service("mysqld").state == "up"
    ask(server, ask="thaw")
    assert session.time.speed == 20


def test_who_had_paused_the_lab_finds_it_paused(server: ControlServer, session: Session) -> None:
    assert session.time is not None
    session.time.pause()
    ask(server, ask="freeze")
    ask(server, ask="thaw")
    assert session.time.speed == 0


def test_a_step_that_is_being_set_up_is_set_up_and_then_stands(session: Session) -> None:
    time = session.time
    assert time is not None
    with checkpoints._hurrying(session):
        session.teacher.freeze()
        session.follow_teacher()
        assert time.speed == checkpoints.SETUP_SPEED
    assert time.speed == 0
    session.teacher.thaw()
    session.follow_teacher()
    assert time.speed == 20


def test_who_asked_for_everybodys_eyes_and_went_away_holds_nobody_for_ever() -> None:
    now = [0.0]
    link = TeacherLink(lambda: now[0])
    link.freeze("", 60)
    now[0] = 59
    assert link.frozen
    link.freeze("", 60)
    now[0] = 118
    assert link.frozen
    now[0] = 119
    assert link.frozen is None
