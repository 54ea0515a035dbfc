"""Both live engines, for tests that run alike on either."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hatlab.engine.base import Engine
from hatlab.engine.docker.engine import DockerEngine
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.topology import Topology

ENGINES: dict[str, Callable[[str, Topology], Engine]] = {"docker": DockerEngine, "sim": SimulatorEngine}
BOTH_ENGINES = [pytest.param("docker", marks=pytest.mark.docker), pytest.param("sim")]
"""Parameters of a test: the engines' names."""
