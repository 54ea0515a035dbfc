"""The field cases in the simulator: what was reported is what a lab shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.field_cases.lab import play, write_topology
from tests.field_cases.table import FieldCase, parameters


@pytest.mark.parametrize("case", parameters("sim"))
def test_a_simulated_lab_shows_what_was_reported(case: FieldCase, tmp_path: Path) -> None:
    assert play(case, write_topology(case, tmp_path)) == []
