"""What `hatlab status` tells, as data and as lines."""

from __future__ import annotations

import json

from hatlab.state.fold import fold
from hatlab.state.model import LabState
from hatlab.state.summary import summarize, summary_lines
from tests.support.story import story


def _at(moment: float) -> LabState:
    state = LabState()
    for event in story(moment):
        state = fold(state, event)
    return state


def test_a_healthy_pair() -> None:
    found = summarize(_at(9.0))
    assert found["ready"]
    assert found["nodes"]["db1"]["instances"]["VI_1"]["state"] == "MASTER"
    assert found["addresses"]["198.18.0.100"]["owners"] == ["db1"]
    assert found["faults"] == []
    assert json.loads(json.dumps(found)) == found
    text = "\n".join(summary_lines({"lab": "x1", **found}))
    assert "lab x1  two-node on docker, ready, running for 9 s" in text
    assert "◆ 198.18.0.100 is held by db1" in text
    assert "answered by db1 in 1.8 ms" in text


def test_a_dead_mysqld_comes_with_its_cure() -> None:
    found = summarize(_at(12.0))
    assert found["faults"] == [{"what": "mysqld is down on db1", "mend": "start mysqld db1"}]
    text = "\n".join(summary_lines(found))
    assert "hatlab do start mysqld db1" in text
    assert "no answer" in text


def test_a_split_names_both_owners() -> None:
    text = "\n".join(summary_lines(summarize(_at(36.0))))
    assert "⚠ 198.18.0.100 is held by db1 and db2" in text
    assert "(hatlab do heal heartbeat)" in text


def test_before_anything_is_known() -> None:
    found = summarize(LabState())
    assert not found["ready"]
    assert list(summary_lines(found))


def test_a_lesson_that_is_on_is_named() -> None:
    found = summarize(LabState()) | {"lesson": {"title": "Kill mysqld", "step": 3, "steps": 9}}
    assert "  lesson   Kill mysqld, step 3 of 9" in list(summary_lines(found))
    assert not any("lesson" in line for line in summary_lines(found | {"lesson": None}))
