"""A machine: its power, its addresses."""

from __future__ import annotations

from hatlab import events as e
from tests.support.simulated_lab import SimLab


def test_a_cut_outlives_the_power() -> None:
    lab = SimLab()
    lab.do("cut heartbeat")
    lab.do("power off db1")
    lab.run(1)
    lab.do("power on db1")
    lab.run(6)
    assert lab.owners() == {"db1", "db2"}
    lab.do("power off db2")
    lab.do("heal heartbeat")
    lab.do("power on db2")
    lab.run(6)
    assert lab.owners() == {"db1"}


def test_an_address_is_duplicate_as_long_as_two_hold_it() -> None:
    lab = SimLab()
    lab.do("cut heartbeat")
    lab.run(100)
    assert {"split_brain", "duplicate_address"} <= lab.state.conditions.keys(), "nobody announces it any more"
    lab.do("heal heartbeat")
    lab.run(3)
    told = [o.present for o in lab.events if isinstance(o, e.Condition) and o.name == "duplicate_address"]
    assert told == [True, False]
