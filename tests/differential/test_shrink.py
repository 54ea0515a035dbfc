"""Disagreements are found, and shrunk to what they need."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

from tests.differential.case import Case, Step
from tests.differential.judge import differences
from tests.differential.outcome import Outcome
from tests.differential.shrink import shrink
from tests.differential.simulated import simulate

CONF = """\
global_defs {{
    router_id one
    vrrp_notify_fifo /run/hatlab/notify.fifo
}}
vrrp_instance VI_1 {{
    interface eth0
    virtual_router_id 51
    priority {priority}
    nopreempt
    garp_master_delay 1
    virtual_ipaddress {{
        198.18.0.100/24
    }}
}}
"""
CASE = Case(
    confs={
        f"db{number}": CONF.format(priority=priority) for number, priority in enumerate((150, 100, 50), 1)
    },
    steps=tuple(map(Step.parse, ("0.1 start db1", "0.3 start db2", "5 kill db1", "9.5 start db1"))),
    length=15.0,
)


class Impatient:
    """Plays cases like a keepalived that knows no nopreempt."""

    def play(self, case: Case, *, again: bool = False) -> Future[Outcome]:
        confs = {node: conf.replace("    nopreempt\n", "") for node, conf in case.confs.items()}
        future: Future[Outcome] = Future()
        future.set_result(simulate(replace(case, confs=confs)))
        return future


def test_a_case_agrees_with_itself() -> None:
    assert differences(CASE, simulate(CASE, seed=5)) == []


def test_what_a_disagreement_does_not_need_is_left_out() -> None:
    keepalived = Impatient()
    found = differences(CASE, keepalived.play(CASE).result())
    assert found[0].kind == "states"

    small, outcome = shrink(CASE, found, keepalived)

    assert differences(small, outcome)[0].kind == "states"
    assert [step.verb for step in small.steps].count("start") == 2
    assert any("nopreempt" in conf for conf in small.confs.values())
    assert not any("garp" in conf or "router_id one" in conf for conf in small.confs.values())


def test_steps_edit_whole_lines() -> None:
    steps = ("1 edit db1 priority 150 => priority 90", "2 edit db1 nopreempt => nopreempt\\npreempt_delay 2")
    case = replace(CASE, steps=tuple(map(Step.parse, steps)))

    (_, first), (_, second) = case.resolved_steps()

    assert "    nopreempt\n" in first
    assert "\npriority 90\n" in first
    assert "\nnopreempt\npreempt_delay 2\n" in second
