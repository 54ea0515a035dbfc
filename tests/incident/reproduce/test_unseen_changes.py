"""Adverts that change between two, without a log that says why: an edit, or a check with a weight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.incident.reproduce.foreign_lab import bring, faults, run


@pytest.mark.parametrize(
    "change",
    [
        "set db1 priority 180",
        "set db1 priority 60",
        "set db2 priority 200",
        "set db1 advert_int 2",
        "set db1 auth_pass secret",
    ],
)
def test_a_change_that_only_adverts_show(tmp_path: Path, change: str) -> None:
    events = run(tmp_path, load_topology("two-node"), f"5 {change}\n", 14)
    found = bring(events, tmp_path, logs=())
    assert faults(found) == [change]
    assert found.best.comparison.same


def test_several_changes(tmp_path: Path) -> None:
    script = "4 set db1 priority 120\n8 set db1 priority 140\n"
    found = bring(run(tmp_path, load_topology("two-node"), script, 14), tmp_path, logs=())
    assert faults(found) == ["set db1 priority 120", "set db1 priority 140"]
    assert found.best.comparison.same


def test_a_weight_is_a_check(tmp_path: Path) -> None:
    data: dict[str, Any] = load_topology("two-node").model_dump(mode="json", exclude_defaults=True)
    data["checks"]["mysql"] = {"weight": -20}
    topology = Topology.model_validate({"version": 1, **data})
    events = run(tmp_path, topology, "5 kill mysqld db1\n12 start mysqld db1\n", 20)
    found = bring(events, tmp_path, logs=())
    assert faults(found) == ["kill mysqld db1", "start mysqld db1"]
    assert found.best.agreement > 0.95
