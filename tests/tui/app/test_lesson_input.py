"""A learner going through a lesson: answers, hints, pages, free play."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.actions import Action
from hatlab.lessons.library.catalogue import Library
from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.tui.screens.lesson_start import LessonStart
from tests.tui.learning import SMALL, WIDE, LearningApp, MadeLabs, app_with, learning, story_engine
from tests.tui.simulated import screen_lines


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=str)
async def test_a_lesson_from_its_beginning_to_its_end(size: tuple[int, int], tmp_path: Path) -> None:
    progress_file = ProgressFile(tmp_path / "progress.json")
    labs, timers = MadeLabs(), Library().find("timers")
    app = app_with(
        story_engine(), progress_file=progress_file, following="Timers", next_lesson=timers, labs=labs
    )
    async with learning(app, size=size) as lab:
        before = lab.app.session
        assert lab.step == 0
        await lab.answer("down", "down")
        assert "Look at the stars" in lab.text
        await lab.answer("up")
        assert "you said db1" in lab.text
        assert "☐ Make the client's server fall silent." in lab.text
        await lab.tell_until(10.2)
        await lab.until(lambda: "☑ Make the client's server" in lab.text, "the tick")
        await lab.press("n")
        assert lab.step == 1
        await lab.answer("3", ".", "6")
        assert "you said 3.6 s — locked" in lab.text
        await lab.answer("down", "down")
        assert lab.engine.acted == []
        await lab.tell_until(15.0)
        await lab.until(lambda: "☑ Wait until" in lab.text, "the tick")
        assert "you said 3.6 s — it was 3.90 s" in lab.text
        assert "waited one skew: 0.609 s" in lab.text
        assert "right: you said db2" in lab.text
        assert "db2 → ★ MASTER · press w to see why" in lab.text
        await lab.turn_page()
        assert "What you learned" in lab.text
        assert "to start the next lesson: Timers" in lab.text
        await lab.turn_page()
        assert lab.app.session is before, "an n too many does not lose the page"
        assert "Press n again to start the next lesson." in lab.notices
        await lab.press("n")
        await lab.until(lambda: isinstance(app.screen, LessonStart), "the next lesson")
        assert lab.runner.lesson.id == "timers"
    assert progress_file.records["kill"]["finished"]


async def test_a_wrong_turn_is_spoken_of_and_what_is_broken_in_vain_is_mended(learner: LearningApp) -> None:
    await learner.press("S")
    down = e.Process(at=9.1, node="db1", service="keepalived", state="down", reason="exited 0", pid=32)
    learner.engine.tell(down, *(e.Tick(at=9.1 + k / 4) for k in range(1, 9)))
    await learner.wait_until_seen()
    assert "⚠ That was keepalived. The check" in learner.text
    assert "keepalived is down on db1: this step does not need that. Press y to fix it" in learner.text
    await learner.press("y")
    await learner.until(lambda: learner.engine.acted == [Action("start", ("keepalived", "db1"))], "mended")
    up = e.Process(at=11.5, node="db1", service="keepalived", state="up", pid=33)
    learner.engine.tell(up)
    await learner.until(lambda: "does not need that" not in learner.text, "the word to go")


async def test_what_is_broken_in_vain_is_spoken_of_at_a_question_too(learner: LearningApp) -> None:
    down = e.Process(at=9.1, node="db1", service="keepalived", state="down", reason="exited 0", pid=32)
    learner.engine.tell(down, *(e.Tick(at=9.1 + k / 4) for k in range(1, 9)))
    await learner.wait_until_seen()
    assert learner.tutor.open_question is not None
    assert "keepalived is down on db1: this step does not need that. Press y to fix it" in learner.text


async def test_hints_come_one_by_one_and_the_answer_last(learner: LearningApp) -> None:
    await learner.press("h")
    assert "Questions have no hints" in learner.notices
    await learner.press("S", "h")
    assert "✦ A process dies at once by SIGKILL." in learner.text
    await learner.press("h", "h")
    assert "✦ The answer: press : and type kill mysqld db1" in learner.text
    assert "no more hints" in learner.notices


async def test_a_step_is_read_again_and_nothing_is_skipped_unasked() -> None:
    async with learning(app_with(story_engine())) as lab:
        await lab.press("n")
        assert "Not yet: answer first, or press S to skip" in lab.notices
        await lab.press("b")
        assert "This is where it begins" in lab.text, "the introduction stands before the first step"
        await lab.press("b")
        assert "This is the beginning" in lab.notices
        await lab.go_on()
        assert "For how many seconds" in lab.text
        await lab.press("b")
        assert "☑ Make the client's server fall silent." in lab.text
        assert "For how many seconds" not in lab.text
        assert lab.step == 1
        await lab.press("n")
        assert "For how many seconds" in lab.text


async def test_free_play_leaves_the_lab_alone_and_the_lesson_goes_on(learner: LearningApp) -> None:
    await learner.press("S", "v")
    assert not learner.screen.tutor_visible
    await learner.tell_until(10.2)
    await learner.until(lambda: "Press 4 to show the tutor" in learner.notices, "the notice")
    assert not learner.screen.tutor_visible
    await learner.press("4")
    assert learner.screen.tutor_visible
    assert "☑ Make the client's server" in learner.text


async def test_n_shows_the_rest_of_a_finished_step_before_it_goes_on() -> None:
    async with learning(app_with(story_engine(15.0)), size=(60, 16)) as lab:
        await lab.press("S", "S")
        await lab.until(lambda: lab.runner.item is None, "the end of the step")
        lab.tutor.text.scroll_home(animate=False)
        await lab.until(lambda: lab.tutor.text.has_more_below, "more than fits")
        pages = 0
        while lab.tutor.text.has_more_below:
            await lab.press("n")
            assert lab.step == 0
            pages += 1
        assert pages
        await lab.press("n")
        assert lab.step == 1


async def test_at_the_end_of_a_lesson_the_keys_of_a_step_are_gone() -> None:
    async with learning(app_with(story_engine(15.0)), size=(120, 35)) as lab:
        assert "S skip" in "\n".join(screen_lines(lab.pilot))
        await lab.press("S", "S", "n", "S", "S", "S", "n")
        await lab.until(lambda: "What you learned" in lab.text, "the last page")
        assert "S skip" not in "\n".join(screen_lines(lab.pilot))
        await lab.press("b")
        assert "S skip" in "\n".join(screen_lines(lab.pilot))
