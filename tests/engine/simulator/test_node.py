"""A machine: its power, its addresses."""

from __future__ import annotations

from hatlab import events as e
from tests.support.simulated_lab import SimLab


def test_a_cut_outlives_the_power(lab: SimLab) -> None:
    lab.do("cut heartbeat")
    lab.do("power off db1", wait=1)
    lab.do("power on db1", wait=6)
    assert lab.owners() == {"db1", "db2"}
    lab.do("power off db2")
    lab.do("heal heartbeat")
    lab.do("power on db2", wait=6)
    assert lab.owners() == {"db1"}


def test_an_address_is_duplicate_as_long_as_two_hold_it(lab: SimLab) -> None:
    lab.do("cut heartbeat", wait=100)
    assert {"split_brain", "duplicate_address"} <= lab.state.conditions.keys(), "nobody announces it any more"
    lab.do("heal heartbeat", wait=3)
    told = [o.present for o in lab.events if isinstance(o, e.Condition) and o.name == "duplicate_address"]
    assert told == [True, False]
