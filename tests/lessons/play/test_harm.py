"""Needless harm: outages, daemons and rows that are a learner's doing, and those that are not."""

from __future__ import annotations

from hatlab.lessons.play.drill_runner import DrillResult
from hatlab.lessons.play.harm import Harm
from hatlab.lessons.play.score import LEAST, costs, score
from tests.support.drill_lab import DrillLab
from tests.support.drill_texts import DRILL

FROZEN = (
    DRILL.replace("cut heartbeat db2\nuntil", "freeze keepalived db1\nuntil")
    .replace("{not: cut heartbeat db2}", "process keepalived db1 up")
    .replace("solution: heal heartbeat", "solution: thaw keepalived db1")
)


VRID = (
    DRILL.replace("begin: cut heartbeat db2", "begin: set db2 virtual_router_id 15")
    .replace("{not: cut heartbeat db2}", "setting db2 virtual_router_id = 51")
    .replace("solution: heal heartbeat", "solution: set db2 virtual_router_id 51")
)


def _harm(lab: DrillLab) -> Harm:
    return lab.drill.result().harm


def test_a_careful_repair_does_no_harm() -> None:
    lab = DrillLab()
    lab.do("heal heartbeat", wait=20)
    lab.drill.answer("1")
    harm = _harm(lab)
    assert (harm.daemons, harm.rows, harm.counted_outage) == ((), 0, 0.0)


def test_healthy_daemons_and_machines_are_counted() -> None:
    lab = DrillLab()
    lab.do("kill mysqld db2", wait=1)
    lab.do("start mysqld db2", wait=2)
    lab.do("kill mysqld db2", wait=1)
    lab.do("power off db2", wait=2)
    lab.drill.give_up()
    assert _harm(lab).daemons == ("mysqld on db2", "mysqld on db2", "db2")


def test_the_daemon_that_is_at_fault_may_be_killed() -> None:
    lab = DrillLab(FROZEN)
    lab.do("kill keepalived db1", wait=1)
    lab.do("start keepalived db1", wait=2)
    lab.do("stop keepalived db1", wait=1)
    lab.drill.give_up()
    assert _harm(lab).daemons == ()


def test_an_outage_after_a_change_is_the_learner_s() -> None:
    lab = DrillLab()
    lab.do("heal heartbeat", wait=5)
    lab.do("stop mysqld db1", wait=1)
    lab.do("stop mysqld db2", wait=8)
    lab.do("start mysqld db1")
    lab.do("start mysqld db2", wait=20)
    lab.drill.give_up()
    harm = _harm(lab)
    assert harm.outage > 8
    assert harm.counted_outage == harm.outage - 3


def test_a_client_that_a_split_misdirected_is_not_the_learner_s() -> None:
    lab = DrillLab(VRID)
    lab.run(9)  # db2 announces itself once more, and the client believes it
    lab.do("set db2 virtual_router_id 51", wait=60)
    lab.drill.answer("1")
    outage = lab.state.clients["client"].outages[-1]
    assert outage.seconds > 10
    assert _harm(lab).outage == 0.0


def test_what_costs_points_adds_up() -> None:
    harm = Harm(outage=13.4, daemons=("db2", "db2"), rows=50)
    result = DrillResult(True, 150.0, 300.0, ("a",), harm, ())
    assert {what.split()[0]: points for points, what in costs(result)} == {
        "time": 20,
        "1": 10,
        "13.4": 10,
        "db2:": 10,
        "50": 20,
    }
    assert score(result) == 30
    late = DrillResult(True, 900.0, 300.0, ("a", "b", "c"), harm, ())
    assert score(late) == LEAST
