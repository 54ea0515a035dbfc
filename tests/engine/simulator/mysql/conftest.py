from __future__ import annotations

import pytest

from tests.support.simulated_lab import SimLab


@pytest.fixture
def lab() -> SimLab:
    """The shipped pair, two seconds after it was ready: both replicate."""
    lab = SimLab()
    lab.run(2)
    return lab
