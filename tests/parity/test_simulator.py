"""The simulator's side of parity: each scenario in virtual time, against the figures of real keepalived."""

from __future__ import annotations

import pytest

from lab import events as e
from lab.actions import Action
from tests.parity.measure import problems
from tests.parity.scenarios import SCENARIOS, Scenario, topology
from tests.simulator.lab import SimLab


def play(scenario: Scenario, seed: int) -> SimLab:
    """Runs a scenario to its end."""
    lab = SimLab(topology(scenario), seed=seed)
    ready = lab.now
    for at, line in scenario.acts:
        lab.run(max(0.0, ready + at - lab.now))
        act(lab, line)
    lab.run(max(0.0, ready + scenario.length - lab.now))
    return lab


def act(lab: SimLab, line: str) -> None:
    """One action of a scenario, those without a verb too."""
    match line.split(maxsplit=2):
        case ["edit", node, change]:
            _, old, new, _ = change.split("/")
            before = lab.state.nodes[node].conf
            assert old in before
            lab.session.act(Action("edit", (node, "keepalived.conf"), before.replace(old, new)))
        case ["hand", "kill-child", node]:
            mark = e.Action(at=lab.now, name="hand", targets=("kill-child", node), phase="started")
            lab.session.emit([mark])
            lab.engine.world.nodes[node].keepalived.kill_child()
        case _:
            lab.do(line)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.slug)
def test_agrees_with_real_keepalived(scenario: Scenario, seed: int) -> None:
    lab = play(scenario, seed)
    assert problems(scenario, lab.events, lab.owners()) == []
