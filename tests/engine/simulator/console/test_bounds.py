"""What is typed at a simulated node can stop or fill neither hatlab nor the machine."""

from __future__ import annotations

import time

import pytest

from hatlab.engine.simulator import history
from hatlab.engine.simulator.console.driver import run_line
from hatlab.engine.simulator.shell.script import MAX_SCRIPTS
from tests.support.simulated_lab import SimLab

LONG = "a" * 40
PATTERNS = [
    f"grep -E '(a+)+$' <<< {LONG}!",
    f"grep -c '\\(a*\\)*b' <<< {LONG}",
    f"echo {LONG}! | sed -E 's/(a|a)*b/x/'",
    f"echo {LONG}! | sed -n '/\\(a\\+\\)\\+$/p'",
    f"echo {LONG}! | awk '/(a+)+$/'",
    f"echo {LONG}! | awk -F '(a+)+$' '{{print $1}}'",
    f"x={LONG * 5}; echo ${{#x}} ${{x//*a*a*a*a*a*a*a*a*a*a*b/}} | wc -l",
    f"x={LONG * 20}; echo ${{x##*a*a*a*a*a*a*a*a*a*a*b}} ${{x%%b*a*a*a*a*a*a*a*a*a*a}} | wc -l",
    "x=a; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do x=$x$x; done; echo ${x##*a*a*b} ${x%b*a} | wc",
    f"case {LONG * 20} in *a*a*a*a*a*a*a*a*a*a*b) ;; esac",
    f"[[ {LONG * 20} == *a*a*a*a*a*a*a*a*a*a*b ]]",
    f"re='(a+)+$'; [[ {LONG}! =~ $re ]]",
    f"expr {LONG}! : '\\(a*\\)*b'",
    "pkill -f '(k+e*e+)+(.*)*!'",
    f"mysql -e \"show variables like '%{'%_' * 40}%x!'\"",
]
"""Each of them kept Python's own `re` busy for ever, or may."""


def test_no_pattern_stops_hatlab() -> None:
    lab = SimLab()
    for line in PATTERNS:
        began = time.process_time()
        lab.shell(line)
        assert time.process_time() - began < 20, line  # of processor time; mostly a hundredth of a second


@pytest.mark.parametrize("line", ["while :; do sleep 100 & done", "while :; do (sleep 100 &); done"])
def test_a_machine_has_so_many_processes(line: str) -> None:
    lab = SimLab()
    lab.shell(line, seconds=0.5)
    assert len(lab.engine.world.nodes["db1"].scripts) <= MAX_SCRIPTS


def _loop_by_hand(lab: SimLab, seconds: float) -> None:
    """Do what a loop in a node's shell does: a little each twentieth of a second."""
    for _ in range(round(seconds * 20)):
        lab.engine.call_in_world(lambda world: run_line(world, "db1", "echo $RANDOM > /tmp/x"))
        lab.run(0.05)


def test_a_loop_in_a_shell_keeps_few_copies_of_the_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_COPIES", 8)
    lab = SimLab()
    _loop_by_hand(lab, 12)
    assert lab.engine._history is not None
    assert len(lab.engine._history._copies) <= 8


@pytest.mark.parametrize("back", [1.7, 9.9])
def test_going_back_into_what_was_done_by_hand_is_true(back: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lab is as it was told to be then, or as it was a little before."""
    monkeypatch.setattr(history, "MAX_LOAD", 1e9)  # here an hour passes in a second
    lab = SimLab()
    lab.run(5)
    _loop_by_hand(lab, 3)
    killed = lab.now
    lab.engine.call_in_world(lambda world: world.nodes["db1"].mysqld.kill())
    lab.run(0.2)
    lab.engine.call_in_world(lambda world: world.nodes["db1"].keepalived.kill())
    for _ in range(80):
        lab.run(0.1)
    wanted = lab.now - back
    lab.session.seek(wanted)
    assert wanted - 2 <= lab.now <= wanted
    mysqld, keepalived = (lab.engine.world.nodes["db1"].services[name] for name in ("mysqld", "keepalived"))
    assert mysqld.running == (lab.state.nodes["db1"].service("mysqld").state == "up") == (lab.now < killed)
    assert keepalived.running == (lab.state.nodes["db1"].service("keepalived").state == "up")
    lab.run(20)
    assert lab.state.nodes["db1"].service("mysqld").state == ("up" if wanted < killed else "down")


def test_an_action_that_waits_is_remembered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = SimLab()
    assert lab.engine._history is not None
    before = len(lab.engine._history._steps)
    lab.do("kill mysqld db1", wait=1)
    lab.do("reset")
    assert len(lab.engine._history._steps) - before <= 6
    then = lab.now
    lab.run(10)
    lab.session.seek(then - 0.5)
    lab.run(20)
    assert lab.state.ready
