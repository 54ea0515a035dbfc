"""Pictures of the screen. `pytest --snapshot-update tests/tui` after a change that was meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from hatlab.engine.replay.engine import ReplayEngine
from hatlab.errors import ImageMissing
from hatlab.session import Session
from hatlab.tui.app.app import LabApp
from hatlab.tui.editor.screen import ConfEditor
from hatlab.tui.editor.text_area import ConfTextArea
from hatlab.tui.screens.dialog import FailureScreen
from hatlab.tui.widgets import theme
from tests.support.story import story, write_recording
from tests.support.story_engine import StoryEngine
from tests.tui.apps import hold_cursor, make_app, wait_for, wait_for_lab

Compare = Callable[..., bool]
WIDE, SMALL = (140, 45), (80, 24)


def test_healthy(snap_compare: Compare) -> None:
    assert snap_compare(make_app(StoryEngine(9.0)), terminal_size=WIDE, run_before=wait_for_lab)


def test_failover(snap_compare: Compare) -> None:
    assert snap_compare(make_app(StoryEngine(15.0)), terminal_size=WIDE, run_before=wait_for_lab)


def test_outage(snap_compare: Compare) -> None:
    assert snap_compare(make_app(StoryEngine(12.0)), terminal_size=WIDE, run_before=wait_for_lab)


def test_split_brain(snap_compare: Compare) -> None:
    assert snap_compare(make_app(StoryEngine(36.0)), terminal_size=WIDE, run_before=wait_for_lab)


def test_split_brain_light(snap_compare: Compare) -> None:
    app = make_app(StoryEngine(36.0))
    app.theme = theme.LIGHT
    assert snap_compare(app, terminal_size=WIDE, run_before=wait_for_lab)


def test_small_80x24(snap_compare: Compare) -> None:
    assert snap_compare(make_app(StoryEngine(15.0)), terminal_size=SMALL, run_before=wait_for_lab)


def test_large_200x60(snap_compare: Compare) -> None:
    assert snap_compare(make_app(StoryEngine(15.0)), terminal_size=(200, 60), run_before=wait_for_lab)


def test_engine_error(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "hatlab.tui.app.app.START_AFTER", 30.0
    )  # on a busy machine its screen is behind, else
    error = ImageMissing("the node image hatlab-node:1 is not on this engine", "build it: hatlab image build")
    app = make_app(StoryEngine(error=error))

    async def failed(pilot: Pilot[Any]) -> None:
        await wait_for(pilot, lambda: isinstance(app.screen, FailureScreen), "the failure")
        await pilot.pause(0.1)

    assert snap_compare(app, terminal_size=SMALL, run_before=failed)


def test_replay(snap_compare: Compare, tmp_path: Path) -> None:
    path = write_recording(tmp_path / "run.jsonl", story(44.0))
    app = LabApp(Session(ReplayEngine(path, 0.0, begin=20.0)), clock=lambda: 0.0)
    assert snap_compare(app, terminal_size=WIDE, run_before=wait_for_lab)


DIALOGS = {"menu": "a", "help": "question_mark", "editor": "e", "whys": "w"}


@pytest.mark.parametrize("name", DIALOGS)
def test_dialog(snap_compare: Compare, name: str) -> None:
    async def open_it(pilot: Pilot[Any]) -> None:
        await wait_for_lab(pilot)
        await pilot.press(DIALOGS[name])
        await pilot.pause(0.3)
        editor = pilot.app.screen
        if isinstance(editor, ConfEditor):
            await wait_for(pilot, lambda: editor._diagnosed_text is not None, "the diagnosis")
            await pilot.pause()
        await hold_cursor(pilot)

    assert snap_compare(make_app(StoryEngine(15.0)), terminal_size=SMALL, run_before=open_it)


def test_editor_with_findings(snap_compare: Compare) -> None:
    async def type_into_it(pilot: Pilot[Any]) -> None:
        await wait_for_lab(pilot)
        await pilot.press("e")
        await wait_for(pilot, lambda: isinstance(pilot.app.screen, ConfEditor), "the editor")
        text = pilot.app.screen.query_one(ConfTextArea)
        changed = text.text.replace("auth_pass hatlab", "auth_pass other").replace(
            "    priority", "    prioritty"
        )
        text.load_text(changed)
        line = changed[: changed.index("prioritty")].count("\n") + 1
        await wait_for(pilot, lambda: line in text.signs, "the sign of the wrong word")
        await pilot.press("f4")
        await hold_cursor(pilot)

    assert snap_compare(make_app(StoryEngine(15.0)), terminal_size=(100, 36), run_before=type_into_it)
