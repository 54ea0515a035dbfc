"""A lesson beside the lab: each step's checkpoint, what is hidden, kept and said."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.actions import Action
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.lessons.library.catalogue import Catalogue, Library
from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.session import Session
from hatlab.state.faults import find_faults
from hatlab.topology.library import load_topology
from hatlab.tui.app.app import LabApp
from hatlab.tui.app.lesson import ONE_MOMENT
from hatlab.tui.editor.screen import ConfEditor
from hatlab.tui.map.heartbeat import Heartbeat
from hatlab.tui.packets.pane import Packets
from hatlab.tui.screens.dialog import ConfirmDialog, FailureScreen, LeaveDialog
from hatlab.tui.screens.menu import ActionMenu
from hatlab.tui.widgets.header import HIDDEN_FAULTS, Banner
from hatlab.tui.widgets.notice_line import NoticeLine
from tests.support.story import VIP
from tests.tui.apps import RunningApp, wait_for
from tests.tui.learning import SMALL, LearningApp, app_with, learning, paced, story_engine
from tests.tui.simulated import screen_lines


async def test_a_step_begins_anew_with_the_lab_as_it_was() -> None:
    async with learning(paced()) as lab:
        await lab.answer("down")
        await lab.press("k")
        await lab.until(lambda: "☑ Make" in lab.text, "the tick")
        await lab.reach(ConfirmDialog, "r")
        await lab.press("y")
        await lab.until(lambda: not lab.app._preparing and lab.runner.item, "the step")
        await lab.until(lambda: "you said db1" not in lab.text, "the open question")
        assert lab.app.session.state.nodes["db1"].service("mysqld").state == "up"
        await lab.answer("down")
        await lab.press("k")
        await lab.until(lambda: "☑ Make" in lab.text, "the tick again")


async def test_a_lesson_resumes_at_a_later_step_in_a_lab_prepared_for_it() -> None:
    async with learning(paced(step=1)) as lab:
        assert lab.step == 1
        assert lab.app.session.state.nodes["db1"].service("mysqld").state == "down"


async def test_time_set_back_leaves_what_was_learned() -> None:
    async with learning(paced()) as lab:
        await lab.answer("down")
        before = lab.app.session.engine.now()
        await lab.press("p")
        await lab.until(lambda: "time is paused" in lab.status_text, "the word of it")
        await lab.press("p", "k")
        await lab.until(lambda: "☑ Make" in lab.text, "the tick")
        await asyncio.to_thread(lab.app.session.seek, before)
        await lab.press("n")
        await lab.until(lambda: lab.step == 1, "the next step")
        assert lab.app._presenter is not None
        assert not lab.app._presenter.failure


async def test_the_lab_goes_on_when_a_lesson_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    async with learning(app_with(story_engine())) as lab:

        def broken(_: object) -> None:
            raise ZeroDivisionError("in the lesson")

        monkeypatch.setattr(lab.runner, "feed", broken)
        await lab.tell_until(12.0)
        await lab.until(lambda: "ZeroDivisionError: in the lesson" in lab.notices, "the word of it")
        await lab.press("h", "n", "c")
        await lab.until(lambda: lab.engine.acted == [Action("cut", ("heartbeat",))], "the lab's keys")


async def test_progress_is_kept_when_the_lab_dies(tmp_path: Path) -> None:
    progress_file = ProgressFile(tmp_path / "progress.json")
    async with learning(app_with(story_engine(), progress_file=progress_file)) as lab:
        await lab.answer("down")
        lab.engine.tell(e.Phase(at=9.5, name="stopping", done=False, detail="the engine went away"))
        await lab.until(lambda: isinstance(lab.app.screen, FailureScreen), "the failure")
    kept = ProgressFile(tmp_path / "progress.json").records["kill"]
    assert kept["answers"]["master"]["right"] is True


async def test_a_notice_covers_nothing_that_is_read(learner: LearningApp) -> None:
    await learner.press("S")
    line = learner.screen.query_one(NoticeLine).region
    parts = [widget for widget in learner.screen.query("*") if widget.region.overlaps(line)]
    assert [type(part) for part in parts] == [Banner]
    await learner.press("k")
    await learner.until(lambda: "✔ Kill mysqld on db1" in screen_lines(learner.pilot)[line.y], "the notice")
    assert not learner.app._notifications, "one of Textual's would lie over something"


async def test_hidden_faults_are_neither_named_nor_mended() -> None:
    engine = SimulatorEngine("two-node", load_topology("two-node"), speed=5, reason="asked for")
    async with learning(app_with(engine, "hidden")) as lab:
        state = lab.app.session.state
        assert state.nodes["db1"].service("keepalived").state == "frozen"
        header = lab.screen._header
        await lab.until(lambda: header.view and header.view.faults == (HIDDEN_FAULTS,), "the header")
        await lab.press("U", "u")
        assert "for you to find" in lab.notices
        menu = await lab.reach(ActionMenu, "a")
        assert "fix" not in {choice.group for choice in menu._entries}
        editor = await lab.reach(ConfEditor, "escape", "e")
        assert editor._peers == {}, "to compare the files is the learner's part"
        await lab.press("escape", "i")
        await lab.until(lambda: lab.app.state.nodes["db1"].service("mysqld").state == "frozen", "own fault")
        await lab.press("U")
        await lab.until(lambda: lab.app.state.nodes["db1"].service("mysqld").state == "up", "it mended")
        assert lab.app.state.nodes["db1"].service("keepalived").state == "frozen"
        question = await lab.reach(LeaveDialog, "q")
        assert "frozen" not in question._text
        await lab.press("escape", "S")
        await lab.until(lambda: header.view and HIDDEN_FAULTS not in header.view.faults, "its name")


async def test_a_hidden_cut_is_seen_only_by_its_consequences() -> None:
    engine = SimulatorEngine("two-node", load_topology("two-node"), speed=5, reason="asked for")
    async with learning(app_with(engine, "hidden", seed=1)) as lab:
        assert lab.app.session.state.nodes["db2"].filters["heartbeat"].percent == 100
        wire = lab.screen.query_one(Heartbeat)
        await lab.until(lambda: len(lab.app.state.owners(VIP)) == 2, "two owners")
        await lab.pilot.pause(0.3)
        assert wire._titles == ("heartbeat",)
        await lab.press("c")
        await lab.until(lambda: "is cut" in wire._titles[0], "the learner's own cut is drawn")


async def test_a_skipped_task_is_solved_for_the_learner_before_the_next_step() -> None:
    async with learning(paced(), size=SMALL) as lab:
        await lab.press("S", "S", "n")
        await lab.until(lambda: lab.step == 1, "the second step")
        assert lab.app.state.nodes["db1"].service("mysqld").state == "down"


async def test_whoever_leaves_learns_how_to_resume(tmp_path: Path) -> None:
    app = app_with(story_engine(), progress_file=ProgressFile(tmp_path / "progress.json"))
    async with learning(app) as lab:
        assert app.how_to_resume.startswith("To continue this lesson where you left it: ")
        assert app.how_to_resume.endswith(f"hatlab learn {lab.runner.lesson.file}")
        app.session.engine = SimulatorEngine("two-node", load_topology("two-node"))
        assert app.how_to_resume.endswith(".md --engine sim"), "back to the same engine"
        await lab.go_on()
        await lab.press(*"SSSS")
        await lab.until(lambda: lab.runner.progress.finished_at is not None, "the end")
        assert app.how_to_resume == ""


async def test_the_first_prose_is_shown_while_the_lab_is_prepared() -> None:
    async with learning(paced()) as lab:
        await lab.press("S", "S")
        placed = threading.Event()
        lab.app._prepare_step(lambda *_: placed.wait(30), lab.runner.compiled, 0)  # type: ignore[arg-type]
        await lab.until(lambda: "the lab is being set up" in lab.status_text, "the word of it")
        await lab.until(
            lambda: "The client knows one address" in lab.text and "Which node is Master?" not in lab.text,
            "its prose alone",
        )
        lab.app.session.act(Action("kill", ("mysqld", "db1")))
        await lab.until(lambda: bool(find_faults(lab.app.state)), "the fault")
        assert "⚑" not in screen_lines(lab.pilot)[0], "what is done to put it in place is no incident"
        await lab.press("n")
        assert ONE_MOMENT in lab.notices
        placed.set()
        await lab.until(lambda: not lab.app._preparing, "the step")
        await lab.until(lambda: "Which node is Master?" in lab.text, "its question")
        await lab.until(lambda: ONE_MOMENT not in lab.notices, "the end of the notice")


async def test_keys_for_a_step_wait_until_it_has_begun() -> None:
    """Of a burst that begins with `n` nothing is lost, and what answers it stays to be read."""
    async with learning(paced()) as lab:
        placed = threading.Event()
        lab.app._prepare_step(lambda *_: placed.wait(30), lab.runner.compiled, 0)  # type: ignore[arg-type]
        await lab.until(lambda: "the lab is being set up" in lab.status_text, "the word of it")
        lab.burst("h", "enter", "down", "enter")
        await lab.pilot.pause(0.2)
        assert lab.app.keys_waiting
        placed.set()
        await lab.until(lambda: lab.runner.progress.answers, "the answer")
        assert "Questions have no hints" in lab.notices


async def test_a_new_step_takes_the_answers_to_earlier_keys_away_as_soon_as_it_is_shown() -> None:
    async with learning(paced()) as lab:
        await lab.press("n")
        await lab.until(lambda: "Not yet: answer first" in lab.notices, "what answers the key")
        placed = threading.Event()
        lab.app._prepare_step(lambda *_: placed.wait(30), lab.runner.compiled, 0)  # type: ignore[arg-type]
        await lab.until(lambda: "Not yet: answer first" not in lab.notices, "its end")
        placed.set()


async def test_a_new_step_shows_the_newest_packets() -> None:
    async with learning(app_with(story_engine()), size=(120, 35)) as lab:
        await lab.press("2", "up", "up")
        packets = lab.screen.query_one(Packets)
        assert not packets.list.following
        await lab.go_on()
        assert lab.step == 1
        assert packets.list.following


async def test_the_mark_stays_where_a_key_has_acted_until_a_step_begins() -> None:
    async with learning(paced()) as lab:
        await lab.press("S", "t")
        await lab.until(lambda: lab.app.state.owners(VIP) == {"db2"}, "the handover")
        assert lab.app.target == "db1"
        await lab.press("m")
        assert lab.app.target == "db2"
        await lab.press("r", "y")
        await lab.until(lambda: lab.app.target == "db1" and not lab.app._preparing, "the step anew")


@pytest.mark.parametrize(
    ("lessons", "told"), [({}, True), ({"timers": {"step": 1}}, False)], ids=["new", "not"]
)
async def test_only_a_new_learner_is_told_of_the_lessons(
    lessons: dict[str, dict[str, object]], told: bool, tmp_path: Path
) -> None:
    progress_file = ProgressFile(tmp_path / "progress.json")
    progress_file.records.update(lessons)
    app = LabApp(Session(story_engine()), clock=lambda: 0.0, catalogue=Catalogue(Library(), progress_file))
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: app.state.ready and app._welcomed, "the lab")
        assert any("New here?" in notice.text for notice in app.notices) is told
    app.session.stop()


async def test_without_a_lesson_its_keys_do_nothing(lab: RunningApp) -> None:
    await lab.press("h", "r", "S", "y", "v", "b", "4")
    assert lab.engine.acted == []
    assert not lab.notices
