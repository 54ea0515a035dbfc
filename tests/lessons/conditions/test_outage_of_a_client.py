"""`outage CLIENT` holds once that client is back; `outage`, once any is."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.lessons.conditions.compiler import compile_condition
from hatlab.lessons.conditions.notation import parse_condition_line
from hatlab.lessons.conditions.trace import Observation, Trace
from hatlab.state.model import LabState, layout_of
from tests.support.story import story


def _outage(client: str) -> e.Outage:
    return e.Outage(
        at=9.0, client=client, began=5.0, ended=9.0, seconds=4.0, failed=80, before="db1", after="db2"
    )


@pytest.mark.parametrize(
    ("line", "who", "holds"),
    [
        ("outage", "client2", True),
        ("outage client", "client2", False),
        ("outage client", "client", True),
        ("outage client < 5", "client", True),
    ],
)
def test_whose_outage(line: str, who: str, holds: bool) -> None:
    lab = story(1.0)[0]
    assert isinstance(lab, e.Lab)
    layout = layout_of(lab)
    condition = compile_condition(parse_condition_line(line), layout)
    seen = Observation(LabState(), Trace(0.0, outages=(_outage(who),)))
    assert condition.step(None, seen)[0] is holds
