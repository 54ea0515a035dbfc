"""A simulated MySQL: statements, replication, silent lost updates, error 1062, fencing."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.errors import ActionFailed
from hatlab.state.summary import summarize, summary_lines
from hatlab.state.table_diff import missing_rows
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.support.simulated_lab import SimLab


@pytest.fixture
def lab() -> SimLab:
    lab = SimLab()
    lab.run(2)
    return lab


@pytest.mark.parametrize(
    ("statement", "printed"),
    [
        ("SELECT @@hostname", "@@hostname\ndb1"),
        ("select 1+2*3-4;", "1+2*3-4\n3"),
        ("SELECT * FROM lab.accounts", "id | owner | balance\n1 | alice | 0\n2 | bob | 0"),
        ("SELECT owner FROM accounts WHERE id > 1 AND owner = 'BOB'", "owner\nbob"),
        ("SELECT COUNT(*) FROM accounts", "COUNT(*)\n2"),
        ("SELECT MAX(id), SUM(balance) FROM accounts", "MAX(id) | SUM(balance)\n2 | 0"),
        ("SELECT id FROM accounts ORDER BY owner DESC LIMIT 1", "id\n2"),
        ("UPDATE accounts SET balance = balance + 10 WHERE id = 1", "1 row changed"),
        ("INSERT INTO accounts VALUES (3, 'carol', 5), (4, 'dan', -5)", "2 rows changed"),
        ("DELETE FROM accounts", "2 rows changed"),
        ("SELECT @@auto_increment_increment, @@auto_increment_offset", None),
        ("SHOW TABLES", "Tables_in_lab\naccounts\nwrites"),
        ("SELECT id FROM accounts WHERE id = 9", "no rows"),
    ],
)
def test_understands(lab: SimLab, statement: str, printed: str | None) -> None:
    assert lab.do(f'sql db1 "{statement}"') == (
        printed or "@@auto_increment_increment | @@auto_increment_offset\n2 | 1"
    )


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("SELEC 1", 1235),
        ("SELECT FROM", 1064),
        ("SELECT x FROM accounts", 1054),
        ("SELECT * FROM nowhere", 1146),
        ("SELECT @@nonsense", 1193),
        ("INSERT INTO accounts VALUES (1, 'eve', 0)", 1062),
        ("UPDATE accounts SET balance", 1064),
        ("", 1235),
        ("SELECT 1 ]", 1064),
    ],
)
def test_says_what_is_wrong(lab: SimLab, statement: str, number: int) -> None:
    with pytest.raises(ActionFailed, match=rf"MySQL says: \({number}, "):
        lab.do(f'sql db1 "{statement}"')


def test_a_wide_answer_has_a_line_a_value(lab: SimLab) -> None:
    told = lab.do('sql db1 "SHOW REPLICA STATUS"').splitlines()
    assert told[0] == "Replica_IO_State: Waiting for source to send event"
    assert "Last_Errno: 0" in told


def test_two_sources_replicate(lab: SimLab) -> None:
    lab.do('sql db1 "CREATE TABLE lab.v (id INT PRIMARY KEY, v INT)"')
    lab.do('sql db1 "INSERT INTO lab.v VALUES (1, 0)"')
    lab.run(0.1)
    assert lab.do('sql db2 "SELECT v FROM lab.v"') == "v\n0"
    lab.do('sql db2 "UPDATE lab.v SET v = 7"')
    lab.run(1.0)
    assert lab.do('sql db1 "SELECT v FROM lab.v"') == "v\n7"
    db1, db2 = (lab.state.nodes[n].replication for n in ("db1", "db2"))
    assert db1
    assert db2
    assert db1.receiver
    assert db1.applier
    assert set(db1.gtid_executed.split(",")) == set(db2.gtid_executed.split(","))


def test_generated_keys_do_not_clash(lab: SimLab) -> None:
    for node in ("db1", "db2"):
        lab.do(f"sql {node} \"INSERT INTO writes (client, sequence, server) VALUES ('x', 1, '{node}')\"")
    lab.run(0.1)
    rows = lab.do("sql db1 \"SELECT id, server FROM writes WHERE client = 'x'\"").splitlines()[1:]
    parity = {row.split(" | ")[1]: int(row.split(" | ")[0]) % 2 for row in rows}
    assert parity == {"db1": 1, "db2": 0}


def test_lost_updates_are_silent(lab: SimLab) -> None:
    """Measured: after healing A has B's value and B has A's, no error, and the same gtid_executed."""
    lab.do("cut heartbeat")
    lab.do('sql db1 "UPDATE accounts SET balance = balance + 10 WHERE id = 1"')
    lab.do('sql db2 "UPDATE accounts SET balance = balance + 1 WHERE id = 1"')
    lab.run(12)
    assert lab.state.nodes["db1"].replication is not None
    assert not lab.state.nodes["db1"].replication.receiver
    lab.do("heal heartbeat")
    lab.run(5)
    assert lab.do('sql db1 "SELECT balance FROM accounts WHERE id = 1"') == "balance\n1"
    assert lab.do('sql db2 "SELECT balance FROM accounts WHERE id = 1"') == "balance\n10"
    for node in lab.state.nodes.values():
        assert node.replication is not None
        assert (node.replication.receiver, node.replication.applier, node.replication.errno) == (
            True,
            True,
            0,
        )
    assert lab.state.conditions["tables_differ"].detail == ("lab.accounts: id 1: balance 1 on db1, 10 on db2")
    lab.do('sql db1 "UPDATE accounts SET balance = 11 WHERE id = 1"')
    lab.run(1)
    assert "tables_differ" not in lab.state.conditions


def test_tables_are_told_when_they_change(lab: SimLab) -> None:
    began = lab.now
    lab.do('sql db1 "CREATE TABLE lab.v (id INT PRIMARY KEY, v INT)"')
    lab.do('sql db1 "INSERT INTO lab.v VALUES (1, NULL)"')
    lab.run(1)
    table = lab.state.nodes["db2"].tables["lab.v"]
    assert (table.rows, table.columns, table.content) == (1, ("id", "v"), (("1", None),))
    assert table.checksum == lab.state.nodes["db1"].tables["lab.v"].checksum
    lab.do('sql db2 "DROP TABLE lab.v"')
    lab.run(1)
    assert "lab.v" not in lab.state.nodes["db1"].tables
    told = [t.name for t in lab.events if isinstance(t, e.Table) and t.at > began and t.node == "db1"]
    assert "lab.accounts" not in told


def test_rows_that_were_acknowledged_and_are_missing(lab: SimLab) -> None:
    lab.run(3)
    assert [missing_rows(lab.state, node) for node in lab.state.nodes.values()] == [{}, {}]
    lab.do("cut heartbeat")
    lab.run(1)
    began = lab.state.clients["client"].write
    lab.run(4)
    assert began is not None
    lost = missing_rows(lab.state, lab.state.nodes["db2"])["client"]
    assert lost[0][0] - 2 <= began.sequence <= lost[-1][1]
    lab.do("heal heartbeat")
    lab.run(4)
    assert missing_rows(lab.state, lab.state.nodes["db2"]) == {}, "they were only on their way"
    lab.do(f'sql db2 "DELETE FROM writes WHERE sequence = {began.sequence}"')
    lab.run(1)
    text = "\n".join(summary_lines(summarize(lab.state)))
    assert text.count(f"lacks rows {began.sequence} of client") == 2
    lab.do("reset")
    lab.run(3)
    assert [missing_rows(lab.state, node) for node in lab.state.nodes.values()] == [{}, {}]


def test_a_healthy_pair_under_load_never_differs() -> None:
    topology = load_topology("two-node").model_dump(mode="json")
    topology["clients"]["client"]["writes"] = 20
    lab = SimLab(Topology.model_validate(topology))
    lab.run(60)
    assert lab.state.nodes["db1"].tables["lab.writes"].rows
    assert not [c for c in lab.events if isinstance(c, e.Condition) and c.name == "tables_differ"]


def test_the_same_key_on_both_stops_both_appliers(lab: SimLab) -> None:
    lab.do("cut heartbeat")
    for node in ("db1", "db2"):
        lab.do(f"sql {node} \"INSERT INTO accounts VALUES (9, '{node}', 0)\"")
    lab.run(1)
    lab.do("heal heartbeat")
    lab.run(6)
    for state in lab.state.nodes.values():
        assert state.replication is not None
        assert state.replication.errno == 1062
        assert not state.replication.applier
        assert "Duplicate entry '9' for key 'accounts.PRIMARY'" in state.replication.error


def test_replication_is_back_soon_after_healing(lab: SimLab) -> None:
    """Measured: a cut is noticed in 4 to 6 s, and the receiver is back 1.6 to 2.3 s after healing."""
    lab.do("cut heartbeat")
    began = lab.now
    lab.run(9)
    lost = next(r.at for r in lab.events if isinstance(r, e.Replication) and r.at > began and not r.receiver)
    assert 3.5 <= lost - began <= 6.6
    lab.do("heal heartbeat")
    healed = lab.now
    lab.run(4)
    back = next(r.at for r in lab.events if isinstance(r, e.Replication) and r.at > healed and r.receiver)
    assert back - healed <= 2.6


def test_a_read_only_server_refuses_clients(lab: SimLab) -> None:
    lab.do('sql db1 "SET GLOBAL super_read_only = 1"')
    lab.run(1)
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


def test_the_numbers_a_client_wrote_are_there(lab: SimLab) -> None:
    lab.run(3)
    acknowledged = sum(w.ok for w in lab.events if isinstance(w, e.Write))
    count = int(lab.do('sql db1 "SELECT COUNT(*) FROM writes"').splitlines()[1])
    assert count == acknowledged > 8
