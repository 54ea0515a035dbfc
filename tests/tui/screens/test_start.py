"""The screen of a lab that is starting."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hatlab import events as e
from hatlab.session import Batch
from hatlab.state.model import LabState
from hatlab.tui.screens.start import PHASES, StartScreen
from tests.support.story import story


@pytest.mark.parametrize(
    ("sql", "unseen"), [({}, {"sql"}), ({"db1": ["CREATE TABLE lab.t (id INT)"]}, set[str]())]
)
def test_only_a_topology_with_start_sql_waits_for_it(sql: dict[str, list[str]], unseen: set[str]) -> None:
    screen = StartScreen("sim", clock=lambda: 0.0)
    lab = story(0.0)[0]
    assert isinstance(lab, e.Lab)
    screen.feed(Batch((replace(lab, topology={**lab.topology, "sql": sql}),), LabState()))
    assert set(PHASES) - set(screen.phases_shown()) == unseen
