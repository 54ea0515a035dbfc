"""A lesson beside the lab, as a learner goes through it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.widgets import Markdown

from hatlab import events as e
from hatlab.actions import Action
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.lessons.library.catalogue import Catalogue, Library
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.session import Session
from hatlab.state.faults import find_faults
from hatlab.state.fold import fold
from hatlab.topology.library import load_topology
from hatlab.tui.app.app import LabApp
from hatlab.tui.app.lesson import ONE_MOMENT
from hatlab.tui.editor.screen import ConfEditor
from hatlab.tui.lesson.answer_input import AnswerField, ChoiceList
from hatlab.tui.lesson.status import _unanswered_clients
from hatlab.tui.map.heartbeat import Heartbeat
from hatlab.tui.screens.dialog import ConfirmDialog, FailureScreen
from hatlab.tui.screens.help import HelpScreen
from hatlab.tui.screens.lesson_start import LessonStart
from hatlab.tui.screens.menu import ActionMenu
from hatlab.tui.widgets.header import HIDDEN_FAULTS, Banner
from hatlab.tui.widgets.key_bar import NO_NOTICE
from tests.support.story import VIP, story
from tests.support.story_engine import StoryEngine
from tests.tui.apps import running, wait_for
from tests.tui.learning import Lessoned, app_with, fake, learning, lesson
from tests.tui.simulated import text as screen_text

WIDE, SMALL = (140, 45), (80, 24)


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=str)
async def test_a_lesson_from_its_beginning_to_its_end(size: tuple[int, int], tmp_path: Path) -> None:
    progress_file = ProgressFile(tmp_path / "progress.json")
    app = app_with(fake(), progress_file=progress_file, following="Timers")
    async with learning(app, size=size) as lab:
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
        assert "db2 → ★ MASTER · w tells why" in lab.text
        await lab.press("n")
        assert "What you take with you" in lab.text
        assert "the next lesson: Timers" in lab.text
        await lab.press("n")
        assert not lab.runner.wants_next_lesson, "an n too many does not lose the page"
        assert "n again goes on to the next lesson: Timers" in lab.notices
        await lab.press("n")
        assert lab.runner.wants_next_lesson
        await lab.until(lambda: lab.app._stopped, "the end")
    assert progress_file.records["kill"]["finished"]


@pytest.fixture
async def predicting() -> AsyncIterator[Lessoned]:
    """At the prediction of the second step, on a small screen."""
    async with learning(app_with(fake()), size=SMALL) as lab:
        await lab.go_on()
        assert lab.step == 1
        yield lab


async def test_a_number_takes_what_is_part_of_one_and_nothing_is_broken_by_typing(
    predicting: Lessoned,
) -> None:
    lab = predicting
    await lab.press("4")
    await lab.until(lambda: lab.tutor.answering, "the field to have the keys")
    field = lab.app.focused
    assert isinstance(field, AnswerField)
    await lab.press("h")
    assert "A prediction needs no hint" in lab.notices
    await lab.press("3", "space", "full_stop", "5", "comma", "s")
    assert field.value == "3.5s"
    assert "A number is wanted" in lab.text
    await lab.press("question_mark")
    await lab.until(lambda: isinstance(lab.app.screen, HelpScreen), "the help")
    await lab.press("escape", "k")
    await lab.until(lambda: "k acts on the lab: esc gives it its keys back." in lab.text, "the refusal")
    assert lab.engine.acted == []
    assert (lab.tutor.answering, field.value) == (True, "3.5s")
    await lab.press("escape", "k")
    await lab.until(lambda: lab.engine.acted == [Action("kill", ("mysqld", "db1"))], "the lab's keys")
    await lab.press("4")
    await lab.until(lambda: lab.tutor.answering, "the field")
    await lab.press("enter")
    await lab.until(lambda: "you said 3.5 s — locked" in lab.text, "the lock")


async def test_a_word_takes_every_key() -> None:
    field = AnswerField(number=False, unit="", near=0.0)
    assert field.check_consume_key("k", "k")
    assert field.check_consume_key("space", " ")


async def test_what_is_no_number_is_said_so(predicting: Lessoned) -> None:
    lab = predicting
    await lab.press("4")
    await lab.until(lambda: lab.tutor.answering, "the field to have the keys")
    await lab.press("minus", "enter")
    await lab.until(lambda: "is no number" in lab.text, "the refusal")
    await lab.press("backspace", "enter")
    await lab.until(lambda: "A number is wanted" in lab.text, "what is wanted")
    assert not lab.runner.progress.answers


async def test_a_wrong_turn_is_spoken_of_and_what_is_broken_in_vain_is_mended() -> None:
    async with learning(app_with(fake()), size=SMALL) as lab:
        await lab.press("S")
        down = e.Process(at=9.1, node="db1", service="keepalived", state="down", reason="exited 0", pid=32)
        lab.engine.tell(down, *(e.Tick(at=9.1 + k / 4) for k in range(1, 9)))
        await lab.seen()
        assert "⚠ That was keepalived. The check" in lab.text
        assert "keepalived is down on db1: this step has no use for that. y mends it" in lab.text
        await lab.press("y")
        await lab.until(lambda: lab.engine.acted == [Action("start", ("keepalived", "db1"))], "the mending")
        up = e.Process(at=11.5, node="db1", service="keepalived", state="up", pid=33)
        lab.engine.tell(up)
        await lab.until(lambda: "no use for that" not in lab.text, "the word to go")


async def test_what_is_broken_in_vain_is_spoken_of_at_a_question_too() -> None:
    async with learning(app_with(fake()), size=SMALL) as lab:
        down = e.Process(at=9.1, node="db1", service="keepalived", state="down", reason="exited 0", pid=32)
        lab.engine.tell(down, *(e.Tick(at=9.1 + k / 4) for k in range(1, 9)))
        await lab.seen()
        assert lab.tutor.open_question is not None
        assert "keepalived is down on db1: this step has no use for that. y mends it" in lab.text


async def test_hints_come_one_by_one_and_the_answer_last() -> None:
    async with learning(app_with(fake()), size=SMALL) as lab:
        await lab.press("h")
        assert "A question has no hints" in lab.notices
        await lab.press("S", "h")
        assert "✦ A process dies at once by SIGKILL." in lab.text
        await lab.press("h", "h")
        assert "✦ The answer, with the key : and then typed: kill mysqld db1 (or the key k, while" in lab.text
        assert "no more hints" in lab.notices


async def test_a_step_is_read_again_and_nothing_is_skipped_unasked() -> None:
    async with learning(app_with(fake())) as lab:
        await lab.press("n")
        assert "something is still open" in lab.notices
        await lab.press("b")
        assert "This is the first step" in lab.notices
        await lab.go_on()
        assert "For how many seconds" in lab.text
        await lab.press("b")
        assert "☑ Make the client's server fall silent." in lab.text
        assert "For how many seconds" not in lab.text
        assert lab.step == 1
        await lab.press("n")
        assert "For how many seconds" in lab.text


async def test_free_play_leaves_the_lab_alone_and_the_lesson_goes_on() -> None:
    async with learning(app_with(fake()), size=SMALL) as lab:
        await lab.press("S", "v")
        screen = lab.app.lab_screen
        assert screen is not None
        assert not screen.tutor_visible
        await lab.tell_until(10.2)
        await lab.until(lambda: "4 shows the tutor" in lab.notices, "the notice")
        assert not screen.tutor_visible
        await lab.press("4")
        assert screen.tutor_visible
        assert "☑ Make the client's server" in lab.text


async def test_the_tutor_comes_to_the_front_when_there_is_something_to_read() -> None:
    async with learning(app_with(fake()), size=SMALL) as lab:
        await lab.press("S", "2")
        screen = lab.app.lab_screen
        assert screen is not None
        assert not screen.tutor_visible
        await lab.tell_until(10.2)
        await lab.until(lambda: screen.tutor_visible, "the tutor")


def paced(step: int = 0) -> LabApp:
    engine = SimulatorEngine("two-node", load_topology("two-node"), speed=5, reason="asked for")
    return app_with(engine, step=step)


async def test_a_step_begins_anew_with_the_lab_as_it_was() -> None:
    async with learning(paced()) as lab:
        await lab.answer("down")
        await lab.press("k")
        await lab.until(lambda: "☑ Make" in lab.text, "the tick")
        await lab.press("r")
        assert isinstance(lab.app.screen, ConfirmDialog)
        await lab.press("y")
        await lab.until(lambda: not lab.app._preparing and lab.runner.item, "the step")
        await lab.until(lambda: "you said db1" not in lab.text, "the open question")
        assert lab.app.session.state.nodes["db1"].service("mysqld").state == "up"
        await lab.answer("down")
        await lab.press("k")
        await lab.until(lambda: "☑ Make" in lab.text, "the tick again")


async def test_a_lesson_goes_on_at_a_later_step_in_a_lab_put_there() -> None:
    async with learning(paced(step=1)) as lab:
        assert lab.step == 1
        assert lab.app.session.state.nodes["db1"].service("mysqld").state == "down"


async def test_time_set_back_leaves_what_was_learned() -> None:
    async with learning(paced()) as lab:
        await lab.answer("down")
        before = lab.app.session.engine.now()
        await lab.press("p")
        await lab.until(lambda: "time stands still" in lab.said, "the word of it")
        await lab.press("p", "k")
        await lab.until(lambda: "☑ Make" in lab.text, "the tick")
        await asyncio.to_thread(lab.app.session.seek, before)
        await lab.press("n")
        await lab.until(lambda: lab.step == 1, "the next step")
        assert lab.app._presenter is not None
        assert not lab.app._presenter.failure


async def test_a_lesson_that_breaks_leaves_the_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    async with learning(app_with(fake())) as lab:

        def broken(_: object) -> None:
            raise ZeroDivisionError("in the lesson")

        monkeypatch.setattr(lab.runner, "feed", broken)
        await lab.tell_until(12.0)
        await lab.until(lambda: "ZeroDivisionError: in the lesson" in lab.notices, "the word of it")
        await lab.press("h", "n", "c")
        await lab.until(lambda: lab.engine.acted == [Action("cut", ("heartbeat",))], "the lab's keys")


async def test_progress_is_kept_when_the_lab_dies(tmp_path: Path) -> None:
    progress_file = ProgressFile(tmp_path / "progress.json")
    async with learning(app_with(fake(), progress_file=progress_file)) as lab:
        await lab.answer("down")
        lab.engine.tell(e.Phase(at=9.5, name="stopping", done=False, detail="the engine went away"))
        await lab.until(lambda: isinstance(lab.app.screen, FailureScreen), "the failure")
    kept = ProgressFile(tmp_path / "progress.json").records["kill"]
    assert kept["answers"]["master"]["right"] is True


async def test_the_introduction_is_read_while_the_lab_starts() -> None:
    app = LabApp(Session(StoryEngine(0.7)), clock=lambda: 0.0, runner=LessonRunner(lesson()))
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, LessonStart), "the start")
        await wait_for(pilot, lambda: "one" in str(app.screen.query_one(Markdown).source), "the introduction")


async def test_a_notice_covers_nothing_that_is_read() -> None:
    async with learning(app_with(fake()), size=SMALL) as lab:
        screen = lab.app.lab_screen
        assert screen is not None
        await lab.press("S", "k")
        await lab.until(lambda: "✔ Kill mysqld on db1" in screen._keys.notice[0], "the notice")
        assert not lab.app._notifications
        lab.app.show_notice("short", seconds=0.1)
        await lab.until(lambda: not screen._keys.notice[0], "the keys again")
        lab.app.show_notice("an error too, where it fits", "error")
        assert screen._keys.notice == ("an error too, where it fits", "error")
        lab.app.show_notice("what does not fit into a line of eighty columns is a toast as everywhere " * 2)
        lab.app.show_notice("so is an error that\nwould be cut" * 9, "error")
        await lab.until(lambda: len(lab.app._notifications) == 2, "the toasts")


async def test_the_answer_that_enter_gives_has_a_glyph() -> None:
    async with learning(app_with(fake()), size=SMALL) as lab:

        def glyphs() -> str:
            question = lab.tutor.open_question
            assert question is not None
            assert isinstance(question.input, ChoiceList)
            return "".join(str(option.prompt)[0] for option in question.input.options)

        assert glyphs() == "◦◦"
        await lab.press("4")
        await lab.until(lambda: lab.tutor.answering, "the keys")
        assert glyphs() == "◦◦"
        await lab.press("enter")
        await lab.until(lambda: glyphs() == "▸◦", "the first")
        assert not lab.runner.progress.answers, "an enter too many is no answer"
        await lab.press("down")
        await lab.until(lambda: glyphs() == "◦▸", "the second")
        await lab.press("escape")
        await lab.until(lambda: glyphs() == "◦◦", "none")


async def test_what_is_hidden_is_neither_named_nor_mended() -> None:
    engine = SimulatorEngine("two-node", load_topology("two-node"), speed=5, reason="asked for")
    async with learning(app_with(engine, "hidden")) as lab:
        state = lab.app.session.state
        assert state.nodes["db1"].service("keepalived").state == "frozen"
        screen = lab.app.lab_screen
        assert screen is not None
        header = screen._header
        await lab.until(lambda: header.view and header.view.faults == (HIDDEN_FAULTS,), "the header")
        await lab.press("U", "u")
        assert "yours to find" in lab.notices
        await lab.press("a")
        await lab.until(lambda: isinstance(lab.app.screen, ActionMenu), "the menu")
        assert isinstance(lab.app.screen, ActionMenu)
        assert "mend" not in {choice.group for choice in lab.app.screen._entries}
        await lab.press("escape", "e")
        await lab.until(lambda: isinstance(lab.app.screen, ConfEditor), "the editor")
        assert isinstance(lab.app.screen, ConfEditor)
        assert lab.app.screen._peers == {}, "to compare the files is the learner's part"
        await lab.press("escape", "i")
        await lab.until(lambda: lab.app.state.nodes["db1"].service("mysqld").state == "frozen", "own fault")
        await lab.press("U")
        await lab.until(lambda: lab.app.state.nodes["db1"].service("mysqld").state == "up", "it mended")
        assert lab.app.state.nodes["db1"].service("keepalived").state == "frozen"
        await lab.press("q")
        await lab.until(lambda: isinstance(lab.app.screen, ConfirmDialog), "the question")
        assert isinstance(lab.app.screen, ConfirmDialog)
        assert "frozen" not in lab.app.screen._text
        await lab.press("escape", "S")
        await lab.until(lambda: header.view and HIDDEN_FAULTS not in header.view.faults, "its name")


async def test_a_hidden_cut_is_seen_by_what_it_brings_about_only() -> None:
    engine = SimulatorEngine("two-node", load_topology("two-node"), speed=5, reason="asked for")
    async with learning(app_with(engine, "hidden", seed=1)) as lab:
        screen = lab.app.lab_screen
        assert screen is not None
        assert lab.app.session.state.nodes["db2"].filters["heartbeat"].percent == 100
        wire = screen.query_one(Heartbeat)
        await lab.until(lambda: len(lab.app.state.owners(VIP)) == 2, "two owners")
        await lab.pilot.pause(0.3)
        assert wire._title == ("heartbeat", "quiet")
        await lab.press("c")
        await lab.until(lambda: "is cut" in wire._title[0], "the learner's own cut is drawn")


async def test_a_low_screen_shows_one_condition_and_how_many_more() -> None:
    lost = e.Condition(at=36.0, name="misdirected", present=True, detail="client still sends to db2")
    async with running(StoryEngine(36.0), size=SMALL) as lab:
        banner = lab.app.screen.query_one(Banner)
        banner.show(fold(lab.app.state, lost))
        (told,) = banner.sentences
        assert told.startswith("⚠ SPLIT BRAIN")
        assert told.endswith("(+1 more condition: key 3, the log)")
    async with running(StoryEngine(36.0), size=WIDE) as lab:
        banner = lab.app.screen.query_one(Banner)
        banner.show(fold(lab.app.state, lost))
        assert banner.sentences[1] == "⚠ MISDIRECTED  client still sends to db2."


async def test_what_was_skipped_is_done_by_the_lab_before_the_next_step() -> None:
    async with learning(paced(), size=SMALL) as lab:
        await lab.press("S", "S", "n")
        await lab.until(lambda: lab.step == 1, "the second step")
        assert lab.app.state.nodes["db1"].service("mysqld").state == "down"


async def test_whoever_leaves_is_told_how_to_come_back(tmp_path: Path) -> None:
    app = app_with(fake(), progress_file=ProgressFile(tmp_path / "progress.json"))
    async with learning(app) as lab:
        assert app.how_to_resume.startswith("Your place in the lesson is kept: ")
        assert app.how_to_resume.endswith(f"hatlab learn {lab.runner.lesson.file}")
        app.session.engine = SimulatorEngine("two-node", load_topology("two-node"))
        assert app.how_to_resume.endswith(".md --engine sim"), "back to the same engine"
        await lab.go_on()
        await lab.press(*"SSSS")
        await lab.until(lambda: lab.runner.progress.finished_at is not None, "the end")
        assert app.how_to_resume == ""


async def test_what_is_to_be_read_is_shown_while_the_lab_is_put_in_place() -> None:
    async with learning(paced()) as lab:
        await lab.press("S", "S")
        placed = threading.Event()
        lab.app._prepare_step(lambda *_: placed.wait(30), lab.runner.compiled, 0)  # type: ignore[arg-type]
        await lab.until(lambda: "the lab is put in place" in lab.said, "the word of it")
        await lab.until(
            lambda: "Who answers" in lab.text and "Which node is Master?" not in lab.text, "its prose alone"
        )
        lab.app.session.act(Action("kill", ("mysqld", "db1")))
        await lab.until(lambda: bool(find_faults(lab.app.state)), "the fault")
        assert "⚑" not in screen_text(lab.pilot)[0], "what is done to put it in place is no incident"
        await lab.press("n")
        assert ONE_MOMENT in lab.notices
        placed.set()
        await lab.until(lambda: not lab.app._preparing, "the step")
        await lab.until(lambda: "Which node is Master?" in lab.text, "its question")
        await lab.until(lambda: ONE_MOMENT not in lab.notices, "the end of the notice")


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
async def test_whoever_is_new_here_is_told_of_the_lessons(
    lessons: dict[str, dict[str, object]], told: bool, tmp_path: Path
) -> None:
    progress_file = ProgressFile(tmp_path / "progress.json")
    progress_file.records.update(lessons)
    app = LabApp(Session(fake()), clock=lambda: 0.0, catalogue=Catalogue(Library(), progress_file))
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: app.state.ready and app._welcomed, "the lab")
        assert any("New here?" in n.message for n in app._notifications) is told
    app.session.stop()


async def test_without_a_lesson_its_keys_do_nothing() -> None:
    async with running() as lab:
        await lab.press("h", "r", "S", "y", "v", "b", "4")
        assert lab.engine.acted == []
        assert not lab.notices


async def test_what_was_not_read_yet_is_not_scrolled_away() -> None:
    async with learning(app_with(fake(), "long"), size=SMALL) as lab:
        assert not lab.tutor.open_item_visible
        await lab.tell_until(10.2)
        await lab.until(lambda: "☑ Kill mysqld" in lab.text, "the tick")
        await lab.pilot.pause(0.3)
        assert lab.tutor.text.scroll_offset.y == 0
        await lab.press("space")
        assert lab.tutor.text.scroll_offset.y > 0


async def test_what_is_open_stays_in_sight_in_another_size() -> None:
    async with learning(app_with(fake(), "long"), size=SMALL) as lab:
        await lab.press("space", "space", "space")
        await lab.until(lambda: lab.tutor.open_item_visible, "what is open")
        assert lab.tutor.text.scroll_offset.y > 0
        for at, size in ((9.3, (140, 45)), (9.6, SMALL)):
            await lab.tell_until(at)
            await lab.pilot.resize_terminal(*size)
            await lab.until(lambda: lab.tutor.open_item_visible, f"what is open at {size}")


async def test_a_wrong_answer_leaves_the_question_the_keys() -> None:
    async with learning(app_with(fake()), size=SMALL) as lab:
        await lab.answer("down", "down")
        assert lab.tutor.answering
        await lab.press("up", "enter")
        await lab.until(lambda: "right: you said db1" in lab.text, "the answer")
        assert not lab.tutor.answering


async def test_the_clock_of_a_task_with_a_limit_runs(predicting: Lessoned) -> None:
    lab = predicting
    await lab.press("S", "S")
    await lab.until(lambda: "your turn" in lab.said and "◷ 01:00 left" in lab.said, "the clock")
    lab.tutor.set_status((("what is waited for, in many words; " * 4, ""),), ("◷ 00:05 left", "warn"))
    assert lab.said.rstrip().endswith("◷ 00:05 left")
    lab.engine.tell(e.Tick(at=76.2))
    await lab.until(lambda: "◷ 00:06 over time" in lab.said, "the clock")
    assert "The time for this is over" in lab.notices
    lab.app.lab_screen._keys.notice = NO_NOTICE  # type: ignore[union-attr]
    lab.engine.tell(e.Tick(at=77.2))
    await lab.until(lambda: "◷ 00:07 over time" in lab.said, "the clock")
    assert "The time for this is over" not in lab.notices


async def test_only_what_is_being_done_is_timed() -> None:
    async with learning(app_with(fake()), size=SMALL) as lab:
        await lab.press("S")
        started = e.Action(at=9.5, name="start", targets=("mysqld", "db1"), phase="started")
        lab.engine.tell(e.Tick(at=9.2), started, e.Tick(at=12.6))
        await lab.until(lambda: "Start mysqld on db1 … · 3 s" in lab.said, "the action")
        lab.engine.tell(e.Action(at=12.7, name="start", targets=("mysqld", "db1"), phase="done"))
        await lab.until(lambda: "waiting for this: Make" in lab.said, "the task")
        assert " s so far" not in lab.said


def test_a_client_that_asks_the_wrong_server_is_said_to() -> None:
    session = Session(fake(30.0))
    session.emit(story(12.0))
    state = session.state
    assert next(_unanswered_clients(state)).startswith("client has not been answered for")
    lost = e.Condition(at=state.at, name="misdirected", present=True, detail="")
    assert next(_unanswered_clients(fold(state, lost))) == (
        "client still asks db1, until its ARP entry ages: about 45 s"
    )


@pytest.fixture
async def judged() -> AsyncIterator[Lessoned]:
    """At a question with more choices than fit, on a small screen."""
    async with learning(app_with(fake(), "verdicts"), size=SMALL) as lab:
        await lab.answer("down", "down")
        await lab.until(lambda: lab.tutor.answering, "the next question")
        yield lab


def _seen(lab: Lessoned, words: str) -> bool:
    """Whether the tutor's lines on the screen say it."""
    top, bottom = lab.tutor.text.region.y, lab.tutor.text.region.bottom
    return words in "\n".join(screen_text(lab.pilot)[top:bottom])


async def test_what_is_said_to_a_wrong_answer_is_seen(judged: Lessoned) -> None:
    lab = judged
    await lab.press("down", "enter")
    await lab.until(lambda: _seen(lab, "chose it."), "the whole verdict")
    assert lab.tutor.answering


async def test_the_choice_under_way_is_seen_and_pages_are_the_texts(judged: Lessoned) -> None:
    lab = judged
    await lab.press("end")
    await lab.until(lambda: _seen(lab, "▸ nine"), "the last choice")
    await lab.press("pageup")
    await lab.until(lambda: _seen(lab, "What will be wrong?"), "the text above")
    assert lab.tutor.answering
    await lab.press("up")
    await lab.until(lambda: _seen(lab, "▸ eight"), "the choice")


async def test_what_was_not_answered_is_told_all_the_same(judged: Lessoned) -> None:
    lab = judged
    await lab.press("down", "enter")
    await lab.until(lambda: "One is not it" in lab.text, "the verdict")
    await lab.press("S")
    await lab.until(lambda: "not so: you said one — it was nine" in lab.text, "the right answer")
    await lab.press("S")
    assert "· not answered\n" in lab.text
    await lab.tell_until(10.2)
    await lab.until(lambda: "· not answered; it was 3 s\n  Three, and this" in lab.text, "the truth")


async def test_a_verdict_is_seen_before_what_is_asked_next(judged: Lessoned) -> None:
    lab = judged
    await lab.press("end", "enter")
    await lab.until(lambda: _seen(lab, "Nine is the last"), "the verdict")
    await lab.press("5", "enter")
    await lab.until(lambda: "you said 5 s — locked" in lab.text, "the lock")
    await lab.tell_until(10.2)
    await lab.until(lambda: _seen(lab, "you said 5 s — it was 3 s"), "the verdict")
    assert "you said db2 — it was db1" in lab.text
    await lab.press("4")
    await lab.until(lambda: lab.tutor.answering, "the next question to have the keys")
    assert _seen(lab, "you said 5 s — it was 3 s")
    assert not _seen(lab, "◦ nobody")
    await lab.press("end")
    await lab.until(lambda: _seen(lab, "▸ nobody"), "its choices")
