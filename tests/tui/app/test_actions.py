from __future__ import annotations

from hatlab import events as e
from hatlab.actions import Action
from hatlab.session import Session
from hatlab.state.faults import find_cures, latest_cure
from hatlab.state.model import LabState
from hatlab.tui.app.actions import default_target
from tests.support.story import story
from tests.support.story_engine import StoryEngine

CUT = Action("heal", ("heartbeat",))


def at(moment: float, *more: e.Event) -> LabState:
    session = Session(StoryEngine())
    session.emit([*story(moment), *more])
    return session.state


def test_a_cut_on_both_nodes_is_mended_once() -> None:
    assert find_cures(at(32.0)) == [CUT]


def test_the_latest_fault_is_mended_first() -> None:
    frozen = e.Process(at=32.1, node="db2", service="mysqld", state="frozen")
    done = e.Action(at=32.1, name="freeze", targets=("mysqld", "db2"), phase="done")
    assert latest_cure(at(32.0, done, frozen)) == Action("thaw", ("mysqld", "db2"))
    assert latest_cure(at(32.0)) == CUT


def test_a_fault_made_by_hand_is_mended_too() -> None:
    down = e.Process(at=8.1, node="db2", service="mysqld", state="down")
    assert latest_cure(at(8.0, down)) == Action("start", ("mysqld", "db2"))
    assert latest_cure(at(8.0)) is None


def test_keys_act_on_the_owner_unless_a_node_is_chosen() -> None:
    assert default_target(at(8.0), None) == "db1"
    assert default_target(at(15.0), None) == "db2"
    assert default_target(at(15.0), "db1") == "db1"
    assert default_target(LabState(), None) == ""
