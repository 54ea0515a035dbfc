"""Fifty fixed seeds on real keepalived, all at the same time: half a minute."""

from __future__ import annotations

import pytest

from tests.differential.campaign import play_seeds
from tests.differential.real import RealKeepalived

SEEDS = range(1, 51)


@pytest.mark.docker
@pytest.mark.timeout(300)
def test_simulator_and_real_keepalived_agree_on_random_cases() -> None:
    """What differs is played again, up to twice: only what differs each time counts."""
    with RealKeepalived(parallel=len(SEEDS)) as keepalived:
        results = list(play_seeds(SEEDS, keepalived))

    differing = [result.to_data() for result in results if result.verdict == "differ"]

    assert len(results) == len(SEEDS)
    assert differing == []
