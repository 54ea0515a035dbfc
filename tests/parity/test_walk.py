"""The long walk on the simulator, line by line against the one recorded on containers."""

from __future__ import annotations

import pytest

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.topology.library import load_topology
from tests.parity.walk import differing_lines, read_recorded, walk

WITHIN = 0.15
"""Seconds: when a check runs depends on the boot, and a real process is looked at ten times a second."""


@pytest.mark.parametrize("seed", range(3))
def test_walks_as_real_keepalived_does(seed: int) -> None:
    engine = SimulatorEngine("two-node", load_topology("two-node"), seed=seed, paced=False)
    simulated = walk(engine, lambda at: engine.run_until(max(at, engine.now())))
    real = read_recorded()
    assert len(real) > 200
    assert differing_lines(real, simulated, WITHIN) == []
