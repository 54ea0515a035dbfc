"""The real side of parity: each scenario on containers, against the same figures. Some minutes in all."""

from __future__ import annotations

import pytest

from tests.parity.measure import problems
from tests.parity.play import on_docker
from tests.parity.scenarios import SCENARIOS, Scenario


@pytest.mark.docker
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.slug)
def test_real_keepalived_agrees_with_its_figures(scenario: Scenario) -> None:
    played = on_docker(scenario)
    assert problems(scenario, played.events, played.owners) == []
