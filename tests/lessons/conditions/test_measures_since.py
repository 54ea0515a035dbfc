"""What lessons can measure of what happened since a task began."""

from __future__ import annotations

from hatlab.lessons.conditions.measures import MEASURES
from hatlab.lessons.conditions.trace import Observation, Trace, Transition, Value
from tests.support.simulated_lab import SimLab

MOVES = (
    Transition(1, "db2", "VI_1", "BACKUP", "MASTER"),
    Transition(5, "db1", "VI_1", "BACKUP", "MASTER"),
    Transition(5, "db2", "VI_1", "MASTER", "BACKUP"),
)


def measured(line: str, trace: Trace) -> Value:
    lab = SimLab()
    measure = MEASURES.resolve(line.split(), lab.engine.layout)
    return measure(Observation(lab.state, trace))


def test_each_time_a_node_became_master_is_counted() -> None:
    assert measured("handovers", Trace(0.0)) == 0
    assert measured("handovers", Trace(0.0, transitions=MOVES)) == 2
    assert (
        measured(
            "handovers VI_1", Trace(0.0, transitions=(*MOVES, Transition(6, "db1", "VI_2", "INIT", "MASTER")))
        )
        == 2
    )
