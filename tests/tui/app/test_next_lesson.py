"""From one lesson to the next within the app: the lab made ahead, and what becomes of the labs before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from textual.screen import Screen

from hatlab.errors import LabError
from hatlab.events import Vrrp
from hatlab.lessons.library.catalogue import Catalogue, Library
from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.session import Batch, Session
from hatlab.state.timeline import Lane
from hatlab.tui.app.app import LabApp
from hatlab.tui.messages import CheckpointReady
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.lesson_list import LessonList
from hatlab.tui.screens.lesson_start import LessonStart
from tests.tui.apps import wait_for
from tests.tui.learning import SMALL, LearningApp, MadeLabs, app_with, learning, story_engine, wait_for_lesson
from tests.tui.simulated import screen_lines

TIMERS = Library().find("timers")


@asynccontextmanager
async def at_the_end(labs: MadeLabs, folder: Path) -> AsyncIterator[LearningApp]:
    """Run the app with a lesson whose last page is shown."""
    progress_file = ProgressFile(folder / "progress.json")
    app = app_with(
        story_engine(15.0), progress_file=progress_file, following="Timers", next_lesson=TIMERS, labs=labs
    )
    app._catalogue = Catalogue(Library(), progress_file)
    async with learning(app, size=SMALL) as lab:
        await _skip_to_the_end(lab)
        assert labs.made == [], "a lab costs something: it is made when it may be needed"
        await lab.press("n")
        await lab.until(lambda: "What you learned" in lab.text, "the last page")
        yield lab


async def _skip_to_the_end(lab: LearningApp) -> None:
    """Skip what is open, and continue, until the lesson is finished."""

    def place() -> tuple[object, ...]:
        return lab.step, lab.runner.item, lab.runner.progress.finished_at

    while lab.runner.progress.finished_at is None:
        await lab.until(lambda: not lab.app._preparing, "the lab to be put right")
        before = place()
        await lab.press("S" if lab.runner.item is not None else "n")
        await lab.until(partial(_differs, place, before), "what comes next")


def _differs(read: Callable[[], object], before: object) -> bool:
    return read() != before


async def test_the_next_lab_runs_while_the_last_page_is_read(tmp_path: Path) -> None:
    labs = MadeLabs()
    async with at_the_end(labs, tmp_path) as lab:
        first = lab.app.session
        await lab.until(lambda: lab.app._made, "the lab of the next lesson")
        ahead, _ = lab.app._made[TIMERS]
        await lab.until(lambda: ahead.session.state.ready, "it to be ready")
        assert not first.ended
        assert labs.entered == [], "nobody can act on it from elsewhere as long as it is not shown"
        await lab.turn_page()
        await lab.press("n")
        await lab.until(lambda: isinstance(lab.app.screen, LessonStart), "its introduction")
        await lab.until(lambda: "So far, a Master" in "\n".join(screen_lines(lab.pilot)), "its text")
        assert lab.app.session is ahead.session
        assert labs.made == [TIMERS]
        assert labs.entered == [ahead.session]
        await wait_for_lesson(lab.pilot)
        assert lab.runner.lesson.id == "timers"
        assert lab.step == 0
        await lab.until(lambda: labs.closed == [first], "the first lab to be gone")
        await lab.answer("3", ".", "6")
        assert "right: you said 3.6 s" in lab.text


async def test_the_lab_made_ahead_is_gone_when_the_learner_leaves(tmp_path: Path) -> None:
    labs = MadeLabs()
    async with at_the_end(labs, tmp_path) as lab:
        await lab.until(lambda: lab.app._made, "the lab of the next lesson")
        ahead, _ = lab.app._made[TIMERS]
        lab.app.leave()
        await lab.until(lambda: not lab.app.is_running, "the end")
    assert ahead.session.ended
    assert lab.app.session.ended


async def test_the_lab_made_ahead_is_gone_when_another_lesson_is_chosen(tmp_path: Path) -> None:
    labs = MadeLabs()
    async with at_the_end(labs, tmp_path) as lab:
        await lab.until(lambda: lab.app._made, "the lab of the next lesson")
        first, (ahead, _) = lab.app.session, lab.app._made[TIMERS]
        await lab.reach(LessonList, "L")
        await lab.press("home", "enter")
        await lab.until(lambda: lab.runner.lesson.id == "one-server", "the chosen lesson")
        await lab.until(lambda: set(labs.closed) == {first, ahead.session}, "the others to be gone")


async def test_where_no_lab_can_be_made_the_learner_stays_and_hears_why(tmp_path: Path) -> None:
    labs = MadeLabs(LabError("Docker does not answer", "start it"))
    async with at_the_end(labs, tmp_path) as lab:
        first = lab.app.session
        await lab.turn_page()
        await lab.press("n")
        await lab.until(lambda: "Docker does not answer" in lab.notices, "the reason")
        assert lab.app.session is first
        assert isinstance(lab.app.screen, LabScreen)


async def test_where_the_run_is_recorded_is_told_in_the_app(tmp_path: Path) -> None:
    labs = MadeLabs()
    app = app_with(story_engine(15.0), labs=labs)
    async with learning(app, size=SMALL) as lab:
        assert app._presenter is not None
        app._presenter._record = Path("/somewhere/run.jsonl")
        await lab.press("S", "S", "n", "S", "S", "S", "n")
        await lab.until(lambda: "This run is recorded: /somewhere/run.jsonl" in lab.text, "the path")


async def test_what_a_lab_before_was_prepared_for_begins_nothing(tmp_path: Path) -> None:
    labs = MadeLabs()
    async with at_the_end(labs, tmp_path) as lab:
        before = lab.runner.compiled
        await lab.turn_page()
        await lab.press("n")
        await lab.until(lambda: isinstance(lab.app.screen, LessonStart), "the next lesson")
        lab.app.post_message(CheckpointReady(before, 1, False, LabError("the lab has ended")))
        await wait_for_lesson(lab.pilot)
        assert lab.step == 0
        assert "the lab has ended" not in lab.notices


async def test_a_lab_that_was_stopped_before_it_began_does_not_begin(tmp_path: Path) -> None:
    engine = story_engine()
    session = Session(engine)
    session.stop()
    session.start()
    assert session.state.layout is None


async def test_the_introduction_is_read_before_the_lab_is_shown() -> None:
    labs = MadeLabs()
    app = app_with(story_engine(), labs=labs)
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: app.state.ready, "the lab")
        await pilot.pause(0.2)
        assert isinstance(app.screen, LessonStart)
        await pilot.press("k", "n", "c")
        await pilot.pause()
        assert story_acted(app.session) == []
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, LabScreen), "the lab's screen")
    app.session.stop()


async def test_a_pane_that_the_introduction_names_is_opened_by_its_key() -> None:
    app = app_with(story_engine())
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: app.state.ready and isinstance(app.screen, LessonStart), "the lab")
        await pilot.press("2")
        await wait_for(pilot, lambda: isinstance(app.screen, LabScreen), "the lab's screen")
        await wait_for(
            pilot, lambda: app.lab_screen is not None and app.lab_screen._pane == "packets", "the packets"
        )
    app.session.stop()


async def test_what_happens_while_the_lab_is_put_on_the_screen_comes_after_what_was_before() -> None:
    app = app_with(story_engine(15.0))
    switch = app.switch_screen

    async def switch_and_drain(screen: Screen[object]) -> None:
        await switch(screen)
        if isinstance(screen, LabScreen):
            await app._show_batch(
                Batch((Vrrp(at=16.0, node="db2", instance="VI_1", state="FAULT", priority=100),), app.state)
            )

    app.switch_screen = switch_and_drain  # type: ignore[method-assign, assignment]
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: app.state.ready and isinstance(app.screen, LessonStart), "the lab")
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, LabScreen), "the lab's screen")
        await wait_for(pilot, lambda: bool(lanes(app)), "the timeline")
        assert [lane.track.at(16.0) for lane in lanes(app) if lane.name == "db2"] == ["FAULT"]
    app.session.stop()


def lanes(app: LabApp) -> list[Lane]:
    return app.lab_screen.timeline.model.lanes if app.lab_screen is not None else []


def story_acted(session: Session) -> list[object]:
    return list(session.engine.acted)  # type: ignore[attr-defined]
