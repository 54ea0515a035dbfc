"""The simulator's side of parity: each scenario in virtual time, against the figures of real keepalived."""

from __future__ import annotations

import pytest

from hatlab import events as e
from tests.parity.measure import problems, transitions
from tests.parity.play import on_simulator
from tests.parity.scenarios import SCENARIOS, Scenario


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.slug)
def test_agrees_with_real_keepalived(scenario: Scenario, seed: int) -> None:
    played = on_simulator(scenario, seed)
    assert problems(scenario, played.events, played.owners) == []
    explained = {(why.node, why.to, why.at) for why in played.events if isinstance(why, e.Why)}
    assert {(node, state, at) for at, node, state in transitions(played.events, 0.0)} <= explained
