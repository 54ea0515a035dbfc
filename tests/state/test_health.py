"""How a lab is, in a word: what comes first where several things are wrong."""

from __future__ import annotations

import pytest

from hatlab.state.health import (
    ENDED,
    FAULTY,
    FINE,
    HEALTHS,
    NO_OWNER,
    SILENT,
    SPLIT,
    STARTING,
    Health,
    find_health,
)
from hatlab.state.model import LabState, evolve
from tests.support.simulated_lab import SimLab


@pytest.mark.parametrize(
    ("lines", "health", "seen"),
    [
        ([], FINE, FINE),
        (["cut heartbeat"], SPLIT, FINE),
        (["stop keepalived db1", "stop keepalived db2"], NO_OWNER, SILENT),
        (["kill mysqld db1", "kill mysqld db2"], NO_OWNER, SILENT),
        (["stop keepalived db2"], FAULTY, FINE),
    ],
)
def test_what_is_wrong(lines: list[str], health: Health, seen: Health) -> None:
    lab = SimLab()
    for line in lines:
        lab.do(line)
    lab.run(12)
    assert find_health(lab.session.state) is health
    assert find_health(lab.session.state, facts_only=True) is seen


def test_before_and_after() -> None:
    lab = SimLab()
    assert find_health(LabState()) is STARTING
    assert find_health(evolve(lab.session.state, phases={"stopping": (False, 5.0, "")})) is ENDED


def test_words_and_glyphs_tell_them_apart() -> None:
    assert len({health.word for health in HEALTHS}) == len(HEALTHS)
    assert len({health.glyph for health in HEALTHS}) == len(HEALTHS)
