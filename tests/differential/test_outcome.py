"""What was seen on either side is read in the same form, in order of time."""

from __future__ import annotations

from hatlab.vrrp import arp
from hatlab.vrrp.arp import ArpPacket
from tests.differential.case import Case, Step
from tests.differential.outcome import Fact, read_frame, read_notify
from tests.differential.simulated import simulate
from tests.differential.test_shrink import CONF

HOLDER, OTHER, ADDRESS = "02:42:c6:12:00:0b", "02:42:c6:12:00:0c", "198.18.0.100"


def test_a_new_process_has_told_no_state_of_its_own() -> None:
    lines = [
        (1.0, "db1", 'INSTANCE "VI_1" MASTER 100'),
        (2.0, "db1", 'INSTANCE "VI_1" MASTER_PRIORITY 90'),
        (9.0, "db1", 'INSTANCE "VI_1" BACKUP_PRIORITY 80'),
        (9.1, "db1", 'INSTANCE "VI_1" BACKUP 80'),
    ]
    states = ["MASTER 100", "MASTER 90", "BACKUP 80"]
    assert [fact.what for fact in read_notify(lines, [(0.9, "db1"), (8.9, "db1")])] == states


def test_steps_are_done_in_order_of_time() -> None:
    confs = {name: CONF.format(priority=100) for name in ("db1", "db2")}
    steps = tuple(map(Step.parse, ("3 start db1", "1 start db2", "0.5 down db2 eth1")))
    outcome = simulate(Case(confs, steps, 4.0))
    began = {fact.who: round(fact.at) for fact in outcome.states}
    assert began == {"db1 VI_1": 3, "db2 VI_1": 1}


def test_an_interface_that_is_down_at_the_start_stays_down() -> None:
    steps = tuple(map(Step.parse, ("0.5 down db1 eth0", "1 start db1")))
    outcome = simulate(Case({"db1": CONF.format(priority=100)}, steps, 6.0))
    assert [fact.what for fact in outcome.states] == ["FAULT 100"]


def test_a_gratuitous_arp_announces() -> None:
    frame = arp.announcement(ADDRESS, HOLDER)

    expected = Fact(1.0, f"db1 eth0 {ADDRESS}", "announced")
    assert read_frame("db1", "eth0", 1.0, frame) == ("announcements", expected)


def test_the_answer_of_a_second_holder_announces_nothing() -> None:
    answer = ArpPacket(False, OTHER, ADDRESS, HOLDER, ADDRESS)

    assert read_frame("db2", "eth0", 1.0, arp.encode(answer, destination_mac=HOLDER)) is None
