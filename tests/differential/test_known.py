"""Disagreements that are understood."""

from __future__ import annotations

from tests.differential.case import Case, Step
from tests.differential.compare import Difference
from tests.differential.known import (
    ANSWERING,
    BURST,
    BUSY,
    ENDING,
    LOOPBACK,
    RELOADING,
    STILL_ENDING,
    reason_for,
)
from tests.differential.outcome import Fact, Outcome
from tests.differential.test_shrink import CONF

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


ALONE = Case(
    {"db1": CONF.format(priority=100)}, (Step.parse("0.1 start db1"), Step.parse("9 kill db1")), 15.0
)


def _reason(told: float, difference: Difference) -> str:
    """Why one node differs that says at 4 s that it is Master, and tells it later."""
    line = Fact(4.0, "db1", "(VI_1) Entering MASTER STATE")
    states = (Fact(told, "db1 VI_1", "MASTER 100"),)
    return reason_for(ALONE, Outcome(states=states, logs=(line,), done=(0.1, 9.0)), [difference])


def test_a_daemon_that_stood_still_is_known_by_what_it_told_late() -> None:
    held = Difference("addresses", "real", Fact(4.5, "db1 198.18.0.100", "held"))
    assert _reason(4.6, held) == BUSY
    assert _reason(4.0, held) == ""


def test_an_advert_just_before_its_node_is_killed_is_chance() -> None:
    for at, reason in ((8.99, ENDING), (8.0, "")):
        advert = Difference("adverts", "simulated", Fact(at, "db1 eth0 51", "priority 100"))
        assert _reason(4.0, advert) == reason


def test_an_advert_as_a_check_ends_is_chance() -> None:
    advert = Difference("adverts", "real", Fact(6.332, "db1 eth0 51", "priority 100"))
    for at, reason in ((6.333, ENDING), (6.5, "")):
        line = Fact(at, "db1", "VRRP_Script(chk_1) failed (exited with status 1)")
        assert reason_for(CASE, Outcome(logs=(line,)), [advert]) == reason


def test_a_start_that_comes_while_the_daemon_still_ends_does_nothing() -> None:
    case = Case({"db1": CONF.format(priority=100)}, (Step.parse("8.57 start db1"),), 15.0)
    state = Difference("states", "simulated", Fact(8.59, "db1 VI_1", "BACKUP 100"))
    for at, reason in ((8.627, STILL_ENDING), (8.5, "")):
        real = Outcome(logs=(Fact(at, "db1", "Stopped Keepalived v2.3.4"),), done=(8.57,))
        assert reason_for(case, real, [state]) == reason


def test_a_reload_as_an_advert_arrives_is_chance() -> None:
    case = Case({"db1": CONF.format(priority=100)}, (Step.parse("5.66 edit db1  => "),), 15.0)
    line = Difference("logs", "simulated", Fact(5.684, "db1", "(VI_1) master set to 198.18.0.13"))
    for at, reason in ((5.671, RELOADING), (5.4, "")):
        real = Outcome(adverts=(Fact(at, "db3 eth0 51", "priority 210"),), done=(5.66,))
        assert reason_for(case, real, [line]) == reason


def test_a_prefix_on_the_loopback_interface_draws_the_adverts_of_peers() -> None:
    conf = "unicast_peer {\n198.18.0.12\n}\nvirtual_ipaddress {\n198.18.0.100/%s dev lo\n}"
    for prefix, reason in (("24", LOOPBACK), ("32", "")):
        case = Case({"db1": conf % prefix}, (), 15.0)
        assert reason_for(case, Outcome(), [LATER]) == reason
