"""The real side of parity: each scenario on containers, against the same figures. Some minutes in all."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from tests.parity.measure import problems
from tests.parity.play import PlayedRun, on_docker
from tests.parity.scenarios import SCENARIOS, Scenario

LABS = 3
"""Labs at once: a scenario is in real time and mostly waits."""
AGAIN = 2
Runs = dict[str, Future[PlayedRun]]


@pytest.fixture(scope="module")
def runs(docker_ready: None, request: pytest.FixtureRequest) -> Iterator[Runs]:
    """The scenarios that were asked for, being played ahead of the tests that look at them."""
    asked = [
        item.callspec.params["scenario"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.function is test_real_keepalived_agrees_with_its_figures
    ]
    with ThreadPoolExecutor(LABS) as pool:
        yield {s.slug: pool.submit(on_docker, s) for s in SCENARIOS if s in asked}
        pool.shutdown(cancel_futures=True)


@pytest.mark.docker
@pytest.mark.timeout(600)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.slug)
def test_real_keepalived_agrees_with_its_figures(scenario: Scenario, runs: Runs) -> None:
    """What differs is played again when the other scenarios are over: the figures are within 50 ms, and a
    machine that starts another lab can hold a timer up for longer."""
    played = runs[scenario.slug].result()
    for _ in range(AGAIN):
        if not problems(scenario, played.events, played.owners):
            break
        wait(runs.values())
        played = on_docker(scenario)
    assert problems(scenario, played.events, played.owners) == []
