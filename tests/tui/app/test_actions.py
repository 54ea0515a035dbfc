"""Keys become actions, actions reach the engine, and their effects and errors reach the person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hatlab import events as e
from hatlab.actions import Action
from hatlab.errors import ActionFailed
from hatlab.state.faults import find_cures, latest_cure
from hatlab.state.model import LabState
from hatlab.tui.app.actions import default_target
from tests.support.story_engine import StoryEngine, state_at
from tests.tui.apps import RunningApp, running

KILL = Action("kill", ("mysqld", "db1"))
CUT = Action("heal", ("heartbeat",))


def test_a_cut_on_both_nodes_is_mended_once() -> None:
    assert find_cures(state_at(32.0)) == [CUT]


def test_the_latest_fault_is_mended_first() -> None:
    frozen = e.Process(at=32.1, node="db2", service="mysqld", state="frozen")
    done = e.Action(at=32.1, name="freeze", targets=("mysqld", "db2"), phase="done")
    assert latest_cure(state_at(32.0, done, frozen)) == Action("thaw", ("mysqld", "db2"))
    assert latest_cure(state_at(32.0)) == CUT


def test_a_fault_made_by_hand_is_mended_too() -> None:
    down = e.Process(at=8.1, node="db2", service="mysqld", state="down")
    assert latest_cure(state_at(8.0, down)) == Action("start", ("mysqld", "db2"))
    assert latest_cure(state_at(8.0)) is None


def test_keys_act_on_the_owner_unless_a_node_is_chosen() -> None:
    assert default_target(state_at(8.0), None) == "db1"
    assert default_target(state_at(15.0), None) == "db2"
    assert default_target(state_at(15.0), "db1") == "db1"
    assert default_target(LabState(), None) == ""


async def test_a_key_acts_on_the_master(lab: RunningApp) -> None:
    await lab.press("k")
    await lab.until(lambda: lab.engine.acted == [KILL], "the kill")
    await lab.until(lambda: "before → after" in lab.notices, "its effect")


async def test_a_key_acts_on_the_chosen_node(lab: RunningApp) -> None:
    await lab.press("m")
    await lab.press("k")
    await lab.until(lambda: lab.engine.acted == [Action("kill", ("mysqld", "db2"))], "the kill")


async def test_undo_mends_the_latest_fault() -> None:
    async with running(StoryEngine(12.0)) as lab:
        await lab.press("u")
        await lab.until(lambda: lab.engine.acted == [Action("start", ("mysqld", "db1"))], "the start")


async def test_undo_without_a_fault_says_so(lab: RunningApp) -> None:
    await lab.press("u")
    assert lab.engine.acted == []
    assert "Nothing is broken" in lab.notices


async def test_reset_asks_first(lab: RunningApp) -> None:
    await lab.press("R", "enter")
    assert lab.engine.acted == []
    await lab.press("R", "y")
    await lab.until(lambda: lab.engine.acted == [Action("reset")], "the reset")


async def test_a_refused_action_says_why_and_whether_it_may_have_happened() -> None:
    refused = ActionFailed("this kernel has no netem", "use loss", definite=False)
    async with running(StoryEngine(refuse=refused)) as lab:
        await lab.press("k")
        await lab.until(lambda: "no netem" in lab.notices, "the refusal")
        assert "It may have happened anyway." in lab.notices


async def test_nothing_is_done_before_the_lab_is_ready() -> None:
    async with running(StoryEngine(3.0)) as lab:
        await lab.press("k")
        assert lab.engine.acted == []
        assert "Wait" in lab.notices


async def test_a_shell_that_cannot_be_opened_says_why(lab: RunningApp) -> None:
    await lab.press("s")
    await lab.until(lambda: "hatlab shell" in lab.notices, "the reason")
    assert lab.engine.shells == []


@pytest.mark.parametrize("error", [ActionFailed("db1 is off", "power on db1"), OSError("no terminals left")])
async def test_the_screen_comes_back_from_a_shell_that_fails(
    error: Exception, lab: RunningApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    resumed = []

    @contextmanager
    def suspend() -> Iterator[None]:
        yield  # as Textual's: what is raised here leaves the terminal as it is
        resumed.append(True)

    def shell(*_: object) -> int:
        raise error

    monkeypatch.setattr(lab.app, "suspend", suspend)
    monkeypatch.setattr(lab.engine, "shell", shell)
    await lab.press("s")
    await lab.until(lambda: "No shell on db1" in lab.notices, "the reason")
    assert str(error) in lab.notices
    assert resumed
