"""A server: who may write, who reaches it, what outlives it."""

from __future__ import annotations

import pytest

from hatlab.errors import ActionFailed
from tests.support.simulated_lab import SimLab


def test_a_read_only_server_refuses_clients(lab: SimLab) -> None:
    lab.do('sql db1 "SET GLOBAL super_read_only = 1"', wait=1)
    write = lab.state.clients["client"].write
    assert write is not None
    assert (write.ok, write.error) == (False, "mysql 1290")
    assert lab.do('sql db1 "SELECT @@read_only"') == "@@read_only\n1"
    lab.do('sql db1 "SET GLOBAL super_read_only = 0"')
    assert lab.do('sql db1 "SELECT @@read_only"') == "@@read_only\n1"
    with pytest.raises(ActionFailed, match="1290"):
        lab.do('sql client "DELETE FROM writes"')
    assert "changed" in lab.do('sql db1 "DELETE FROM writes"')


def test_sql_through_the_address_and_on_a_dead_server(lab: SimLab) -> None:
    assert lab.do('sql client "SELECT @@hostname"') == "@@hostname\ndb1"
    lab.do("kill mysqld db1")
    with pytest.raises(ActionFailed, match="2003"):
        lab.do('sql db1 "SELECT 1"')
    lab.do("freeze mysqld db2")
    with pytest.raises(ActionFailed, match="2013") as failure:
        lab.do('sql db2 "SELECT 1"')
    assert not failure.value.definite


def test_rows_outlive_the_process_but_not_a_reset(lab: SimLab) -> None:
    lab.do("sql db1 \"INSERT INTO accounts VALUES (5, 'eve', 1)\"")
    lab.do("kill mysqld db1")
    lab.do("start mysqld db1")
    assert lab.do('sql db1 "SELECT COUNT(*) FROM accounts"').endswith("3")
    lab.do("reset")
    assert lab.do('sql db1 "SELECT COUNT(*) FROM accounts"').endswith("2")
