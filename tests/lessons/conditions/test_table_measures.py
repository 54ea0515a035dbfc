"""What lessons can ask of tables: a value on a node, and acknowledged rows that a server does not have."""

from __future__ import annotations

import pytest

from hatlab.lessons.conditions.measures import MEASURES
from hatlab.lessons.conditions.trace import Observation, Trace, Value
from tests.support.simulated_lab import SimLab


def measured(lab: SimLab, line: str) -> Value:
    measure = MEASURES.resolve(line.split(), lab.engine.layout)
    return measure(Observation(lab.state, Trace(lab.now)))


@pytest.fixture
def lab() -> SimLab:
    lab = SimLab()
    lab.run(3)
    return lab


def test_a_value_is_read_from_a_table(lab: SimLab) -> None:
    lab.do('sql db1 "UPDATE accounts SET balance = 7 WHERE id = 1"', wait=1)
    assert measured(lab, "value db2 accounts 1 balance") == 7.0
    assert measured(lab, "value db2 lab.accounts 2 owner") == "bob"
    assert measured(lab, "value db2 accounts 3 balance") is None
    assert measured(lab, "value db2 accounts 1 colour") is None
    assert measured(lab, "value db2 nowhere 1 balance") is None


def test_rows_that_one_side_of_a_split_does_not_have_are_counted(lab: SimLab) -> None:
    assert measured(lab, "missing db2") == 0
    lab.do("cut heartbeat", wait=5)
    found = measured(lab, "missing db2")
    assert isinstance(found, float)
    assert found > 2
    lab.do("heal heartbeat", wait=5)
    assert measured(lab, "missing db2") == 0
