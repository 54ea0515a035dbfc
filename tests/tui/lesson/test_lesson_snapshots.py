"""Pictures of a lesson. `pytest --snapshot-update tests/tui` after a change that was meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from hatlab import events as e
from hatlab.tui.app.app import LabApp
from hatlab.tui.lesson.answer_input import AnswerField
from tests.tui.learning import LearningApp, app_with, story_engine, wait_for_lesson

Compare = Callable[..., bool]
WIDE, SMALL = (140, 45), (80, 24)


def _at(lab_of: Callable[[LearningApp], Any]) -> Callable[[Pilot[Any]], Any]:
    async def before(pilot: Pilot[Any]) -> None:
        await wait_for_lesson(pilot)
        app = pilot.app
        assert isinstance(app, LabApp)
        await lab_of(LearningApp(app, app.session.engine, pilot))  # type: ignore[arg-type]
        await pilot.pause(0.7)

    return before


async def _prose(_: LearningApp) -> None: ...


async def _predicting(lab: LearningApp) -> None:
    await lab.go_on()
    await lab.press("4")
    await lab.until(lambda: lab.tutor.answering, "the field to have the keys")
    await lab.press("3", "full_stop", "6")
    field = lab.app.focused
    assert isinstance(field, AnswerField)
    field.cursor_blink = False


async def _locked(lab: LearningApp) -> None:
    await _predicting(lab)
    await lab.press("enter")
    await lab.answer("down", "down")


async def _ticked(lab: LearningApp) -> None:
    await _locked(lab)
    await lab.tell_until(15.0)
    await lab.until(lambda: "☑ Wait" in lab.text, "the tick")


async def _wrong(lab: LearningApp) -> None:
    await lab.answer("down", "down")
    await lab.answer("up")
    await lab.press("h")
    down = e.Process(at=9.1, node="db1", service="keepalived", state="down", reason="exited 0", pid=32)
    lab.engine.tell(down, *(e.Tick(at=9.1 + k / 4) for k in range(1, 9)))
    await lab.until(lambda: "does not need that" in lab.text, "the remark")
    lab.app.clear_notifications()


async def _end(lab: LearningApp) -> None:
    await _ticked(lab)
    await lab.press("n")


def _name(moment: Callable[[LearningApp], Any]) -> str:
    return moment.__name__.removeprefix("_")


@pytest.mark.parametrize("moment", [_prose, _predicting, _locked, _ticked, _wrong, _end], ids=_name)
def test_small(snap_compare: Compare, moment: Callable[[LearningApp], Any]) -> None:
    assert snap_compare(
        app_with(story_engine(), following="Timers"), terminal_size=SMALL, run_before=_at(moment)
    )


@pytest.mark.parametrize("moment", [_ticked, _end], ids=_name)
def test_wide(snap_compare: Compare, moment: Callable[[LearningApp], Any]) -> None:
    assert snap_compare(
        app_with(story_engine(), following="Timers"), terminal_size=WIDE, run_before=_at(moment)
    )


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["140x45", "80x24"])
def test_chinese(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def compared(lab: LearningApp) -> None:
        await lab.answer("down")
        await lab.press("h")
        await lab.tell_until(10.2)
        await lab.until(lambda: "☑ 在 db1" in lab.text, "the tick")

    assert snap_compare(app_with(story_engine(), "chinese"), terminal_size=size, run_before=_at(compared))
