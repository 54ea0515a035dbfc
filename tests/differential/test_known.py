"""Disagreements that are understood."""

from __future__ import annotations

from tests.differential.case import Case
from tests.differential.compare import Difference
from tests.differential.known import ANSWERING, BURST, reason_for
from tests.differential.outcome import Fact, Outcome

CASE = Case({}, (), 20.0)
MASTERS = (Fact(4.0, "db1 VI_1", "MASTER 200"), Fact(9.8, "db2 VI_1", "MASTER 100"))
LATER = Difference("adverts", "simulated", Fact(12.0, "db2 eth0 51", "priority 100"))


def test_a_master_that_answers_one_that_does_not_hear_it_is_in_step_with_it() -> None:
    answer = "(VI_1) Received advert from 198.18.0.12 with lower priority 100, ours 200, forcing new election"
    real = Outcome(states=MASTERS, logs=(Fact(9.8, "db1", answer),))

    assert reason_for(CASE, real, [LATER]) == ANSWERING
    assert reason_for(CASE, Outcome(states=MASTERS), [LATER]) == ""


def test_frames_that_lack_in_a_burst_are_the_captures_fault() -> None:
    sent = Fact(5.0, "db1 eth0 198.18.0.100", "announced")
    lacking = [Difference("announcements", "simulated", sent)]

    assert reason_for(CASE, Outcome(announcements=(sent,) * 80), lacking) == BURST
    assert reason_for(CASE, Outcome(announcements=(sent,) * 5), lacking) == ""
