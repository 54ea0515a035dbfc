"""Ten drills on real keepalived and MySQL, one after the other on one lab."""

from __future__ import annotations

import pytest

from hatlab.commands.support.verify_drills import verify_drills
from hatlab.drills import make_drill
from hatlab.drills.model import Kind

TEN = (10, 13, 14, 18, 22, 29, 40, 48, 20, 33)
"""Seeds whose drills, in two-node, are of every kind and of each level."""


def test_they_are_of_every_kind_and_of_each_level() -> None:
    drills = [make_drill(seed, topology="two-node") for seed in TEN]
    assert {kind for drill in drills for kind in drill.kinds} == set(Kind)
    assert {drill.level for drill in drills} == {1, 2, 3}


@pytest.mark.docker
@pytest.mark.timeout(600)
def test_ten_drills_hold(docker_ready: None) -> None:
    """A drill that fails is tried once more, as two cores that run other labs can hold a mysqld up."""
    bad = [result for result in verify_drills(TEN, "docker", topology="two-node") if not result.ok]
    if bad:
        again = verify_drills([result.seed for result in bad], "docker", topology="two-node")
        assert [(result.seed, result.causes, result.problems) for result in again if not result.ok] == []
