"""Ten drills on real keepalived and MySQL, one after the other on one lab."""

from __future__ import annotations

import pytest

from hatlab.commands.support.verify_drills import verify_drills

TEN = (0, 2, 4, 5, 8, 9, 13, 17, 20, 26)
"""Seeds whose drills, in two-node, are of many kinds and of each level."""


@pytest.mark.docker
@pytest.mark.timeout(600)
def test_ten_drills_hold(docker_ready: None) -> None:
    """A drill that fails is tried once more, as two cores that run other labs can hold a mysqld up."""
    bad = [result for result in verify_drills(TEN, "docker", topology="two-node") if not result.ok]
    if bad:
        again = verify_drills([result.seed for result in bad], "docker", topology="two-node")
        assert [(result.seed, result.causes, result.problems) for result in again if not result.ok] == []
