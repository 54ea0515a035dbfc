"""Each condition holds at a moment of a simulated lab, and does not at another."""

from __future__ import annotations

import pytest

from hatlab.lessons.conditions.predicates import CONDITIONS
from tests.lessons.conditions.moments import MOMENTS, holds

TABLE: list[tuple[str, str, str]] = [
    # the condition, when it holds, when not
    ("state db1 FAULT", "mysqld killed", "healthy"),
    ("state db1 MASTER VI_1", "healthy", "mysqld killed"),
    ("state db1 STOPPED", "keepalived killed", "healthy"),
    ("master db2", "mysqld killed", "split"),
    ("master db2 VI_1", "keepalived killed", "healthy"),
    ("holds db2", "split", "healthy"),
    ("holds db1 .100", "split", "mysqld killed"),
    ("owner db2", "mysqld killed", "split"),
    ("owner db1 .100", "healthy", "split"),
    ("owners 2", "keepalived killed", "keepalived stopped"),
    ("owners 1 .100", "healthy", "split"),
    ("process mysqld db1 down", "mysqld killed", "mysqld frozen"),
    ("process mysqld db1 frozen", "mysqld frozen", "mysqld killed"),
    ("process keepalived db1 up", "mysqld killed", "keepalived stopped"),
    ("process mysqld db1 down", "off", "healthy"),
    ("power db1 off", "off", "paused"),
    ("power db2 paused", "paused", "healthy"),
    ("power db2 on", "off", "paused"),
    ("cut heartbeat", "split", "deaf"),
    ("cut heartbeat db2", "deaf", "healthy"),
    ("link lan db1 down", "unplugged", "healthy"),
    ("link lan db1 up", "healthy", "off"),
    ("check mysql db1 failed", "mysqld killed", "mysqld just killed"),
    ("check mysql db1 ok", "healthy", "off"),
    ("condition split_brain", "split", "mysqld killed"),
    ("healthy", "healthy", "mysqld just killed"),
    ("healthy", "edited", "off"),
    ("answered db2", "mysqld killed", "mysqld just killed"),
    ("answered db1 client", "healthy", "mysqld killed"),
    ("cut_off", "mysqld just killed", "mysqld killed"),
    ("cut_off client", "mysqld frozen", "healthy"),
    ("replicates db2", "healthy", "mysqld killed"),
    ("replicates db1", "healthy", "duplicate key"),
    ("conf db1 nopreempt", "edited", "healthy"),
    ("finding db1 KA105", "edited", "healthy"),
    ("row db1 accounts eve 1", "duplicate key", "healthy"),
    ("fenced db1", "read only", "healthy"),
    ("nopreempt db1", "edited", "healthy"),
    ("checked db1 mysql", "healthy", "unasked"),
    ("advert db1", "healthy", "off"),
    ("advert db1 0", "mysqld killed", "keepalived killed"),
    ("heard db2 db1", "healthy", "deaf"),
    ("heard db2 db1 0", "keepalived stopped", "split"),
    ("announced db2", "split", "healthy"),
    ("became db2 MASTER", "split", "healthy"),
    ("became db2 MASTER VI_1", "off", "mysqld just killed"),
    ("went keepalived db1 down", "keepalived stopped", "mysqld killed"),
    ("went mysqld db1 frozen", "mysqld frozen", "mysqld killed"),
    ("began split_brain", "split", "mysqld killed"),
    ("outage", "mysqld killed", "mysqld just killed"),
    ("did sql", "written", "healthy"),
    ("did sql client", "written", "duplicate key"),
    ("did power-off db1", "off", "paused"),
    ("elapsed 5", "healthy", "mysqld just killed"),
]


@pytest.mark.parametrize(("line", "true", "false"), TABLE, ids=lambda text: text.replace(" ", "-"))
def test_a_condition_holds_at_one_moment_and_not_at_another(line: str, true: str, false: str) -> None:
    assert holds(line, true)
    assert not holds(line, false)


@pytest.mark.parametrize(("line", "true", "false"), TABLE, ids=lambda text: text.replace(" ", "-"))
def test_a_condition_is_the_same_over_ipv6(line: str, true: str, false: str) -> None:
    assert holds(line.replace(".100", "::100"), true, "ipv6")
    assert holds(line, true, "ipv6")
    assert not holds(line, false, "ipv6")


def test_every_condition_is_tried() -> None:
    assert {line.split()[0] for line, _, _ in TABLE} == set(CONDITIONS)
    assert {name for _, *moments in TABLE for name in moments} <= set(MOMENTS)
