"""What a teacher asks of the app: a line that stays long enough, and keys that rest while all look up."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.engine.base import IsHeld, OnLine
from hatlab.lessons.play.exam import Exam, ExamSitting
from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.teacher import TeacherLine
from hatlab.tui.screens.frozen import FrozenScreen
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.lesson_start import LessonStart
from hatlab.tui.screens.prompt import ActionPrompt
from tests.support.waiting import wait_until
from tests.tui.apps import running, wait_for
from tests.tui.learning import SMALL, app_with, learning, paced, story_engine
from tests.tui.simulated import screen_lines


async def test_a_line_of_the_teachers_is_shown_and_can_be_read_again() -> None:
    async with running() as lab:
        lab.app.session.teacher.tell(TeacherLine("Look at the log of db2", "Ada"))
        await lab.until(
            lambda: "Ada: Look at the log of db2" in "\n".join(screen_lines(lab.pilot)), "the line"
        )
        lab.app.show_notice("something else")
        await lab.pilot.pause(0.1)
        assert "Ada: Look at" in lab.notices.split("\n")[0], "nothing else takes its place at once"
        assert "Ada: Look at the log of db2" in [notice.text for notice in lab.app.notices]


async def test_while_all_look_up_keys_do_nothing_and_then_go_where_they_went() -> None:
    async with running(size=SMALL) as lab:
        await lab.reach(ActionPrompt, ":")
        await lab.press("k", "i")
        lab.app.session.teacher.freeze("The board, please")
        await lab.until(lambda: isinstance(lab.app.screen, FrozenScreen), "the screen that says so")
        await lab.until(lambda: "The board, please" in "\n".join(screen_lines(lab.pilot)), "the words")
        assert "keys do nothing" in "\n".join(screen_lines(lab.pilot))
        await lab.press("enter", "escape", "q", "ctrl+q", "ctrl+c", "colon", "K", "tab")
        assert isinstance(lab.app.screen, FrozenScreen)
        lab.app.session.teacher.tell(TeacherLine("look here", ""))
        await lab.until(lambda: "look here" in "\n".join(screen_lines(lab.pilot)), "the line")
        lab.app.session.teacher.thaw()
        await lab.until(lambda: isinstance(lab.app.screen, ActionPrompt), "what was there before")
        await lab.press("l", "l")
        assert "kill" in "\n".join(screen_lines(lab.pilot))
        assert lab.engine.acted == []


async def test_a_lessons_task_is_told_and_its_clock_rests() -> None:
    async with learning(app_with(story_engine())) as lab:
        report = lab.app.session.teacher.report()
        assert report is not None
        assert (report["title"], report["kind"]) == ("Kill mysqld", "question")
        lab.app.session.teacher.freeze()
        await lab.until(lambda: isinstance(lab.app.screen, FrozenScreen), "the screen that says so")
        assert lab.runner._held
        report = lab.app.session.teacher.report()
        assert report is not None
        assert report["frozen"] == "eyes on me"


async def test_a_simulated_lab_stands_still() -> None:
    async with learning(paced(), size=SMALL) as lab:
        time = lab.app.session.time
        assert time is not None
        lab.app.session.teacher.freeze()
        await lab.until(lambda: not time.speed, "the clock to stand")
        await lab.press("p")
        assert not time.speed
        lab.app.session.teacher.thaw()
        await lab.until(lambda: time.speed == 5, "the clock to go on")
        await lab.answer("down")
        assert lab.runner.progress.answers
        lab.app.session.teacher.ask_restart()
        await lab.until(lambda: not lab.runner.progress.answers, "the step to start over")
        assert any("Your teacher has restarted this step" in notice.text for notice in lab.app.notices)


async def test_what_was_said_before_the_screen_came_is_read_on_it(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    path.write_text("{")
    app = app_with(story_engine(), progress_file=ProgressFile(path))
    try:
        async with app.run_test(size=SMALL) as pilot:
            await wait_for(
                pilot, lambda: "Your progress starts over: " in "\n".join(screen_lines(pilot)), "the reason"
            )
            assert isinstance(app.screen, LessonStart)
    finally:
        app.session.stop()


async def test_who_still_reads_the_introduction_is_told_and_looks_up_too() -> None:
    app = app_with(story_engine())
    try:
        async with app.run_test(size=SMALL) as pilot:
            await wait_for(pilot, lambda: isinstance(app.screen, LessonStart), "the introduction")
            app.session.teacher.tell(TeacherLine("Good morning", "Ada"))
            await wait_for(pilot, lambda: "Ada: Good morning" in "\n".join(screen_lines(pilot)), "the line")
            await pilot.press("enter")
            app.session.teacher.freeze()
            await wait_for(
                pilot, lambda: isinstance(app.screen, FrozenScreen | LabScreen), "the lab, or eyes"
            )
            await wait_for(pilot, lambda: isinstance(app.screen, FrozenScreen), "eyes")
            app.session.teacher.thaw()
            await wait_for(pilot, lambda: isinstance(app.screen, LabScreen), "the lab")
            await wait_for(pilot, lambda: "Ada: Good morning" in "\n".join(screen_lines(pilot)), "the line")
    finally:
        app.session.stop()


async def test_in_a_nodes_shell_a_teacher_is_heard_keys_rest_and_an_exam_ends_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app, now, out = app_with(story_engine()), 0.0, io.StringIO()
    assert app.runner is not None
    app.runner.exam = ExamSitting(Exam(name="the test"), 600.0, steady=lambda: now)
    async with learning(app) as lab:
        teacher, exam = app.session.teacher, lab.runner.exam
        assert exam is not None

        def said(text: str) -> None:
            wait_until(lambda: text in out.getvalue(), 10, text)

        def shell(_node: str, on_line: OnLine, is_held: IsHeld) -> int:
            nonlocal now
            on_line("ip addr")
            teacher.tell(TeacherLine("Type ip addr \u202e", ""))
            said("✉ Your teacher: Type ip addr \\u202e\n")
            teacher.freeze()
            said("✉ Your teacher: eyes on me. Keys do nothing until you can go on.")
            wait_until(lambda: exam._held_since is not None, 10)
            assert is_held()
            now = 300.0
            assert exam.seconds_left == 600
            teacher.thaw()
            said("✉ You can go on.")
            assert not is_held()
            lab.engine.tell(e.Process(at=9.5, node="db1", service="mysqld", state="down"))
            wait_until(lambda: lab.runner.state.nodes["db1"].service("mysqld").state == "down", 10)
            assert not exam.is_over
            now = 901.0
            said("✉ Time is up. All that you did is kept, and counts.")
            assert exam.is_over
            lab.engine.tell(e.Process(at=9.9, node="db1", service="keepalived", state="down"))
            return 0

        monkeypatch.setattr(app, "suspend", partial(redirect_stdout, out))
        monkeypatch.setattr(lab.engine, "shell", shell)
        await lab.press("escape", "s")
        await lab.until(lambda: "Time is up. All that you did is kept" in lab.text, "the last page")
        daemon = app.state.nodes["db1"]
        assert (daemon.service("mysqld").state, daemon.service("keepalived").state) == ("down", "down")
        await lab.until(lambda: "mysqld" in "\n".join(screen_lines(lab.pilot)), "the lab")
        assert "x0d" not in out.getvalue()
        assert "Your teacher: Type ip addr \u202e" in [notice.text for notice in app.notices]
