from __future__ import annotations

import pytest

from tests.support.simulated_lab import SimLab


@pytest.fixture
def lab() -> SimLab:
    """The shipped pair, just ready: db1 is Master."""
    return SimLab()
