"""Two servers that replicate from each other: lost updates, errors, recovery."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.errors import ActionFailed
from hatlab.state.summary import summarize, summary_lines
from hatlab.state.table_diff import missing_rows
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.support.simulated_lab import SimLab


def test_two_sources_replicate(lab: SimLab) -> None:
    lab.do('sql db1 "CREATE TABLE lab.v (id INT PRIMARY KEY, v INT)"')
    lab.do('sql db1 "INSERT INTO lab.v VALUES (1, 0)"', wait=0.1)
    assert lab.do('sql db2 "SELECT v FROM lab.v"') == "v\n0"
    lab.do('sql db2 "UPDATE lab.v SET v = 7"', wait=1.0)
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
    lab.do('sql db2 "UPDATE accounts SET balance = balance + 1 WHERE id = 1"', wait=12)
    assert lab.state.nodes["db1"].replication is not None
    assert not lab.state.nodes["db1"].replication.receiver
    lab.do("heal heartbeat", wait=5)
    assert lab.do('sql db1 "SELECT balance FROM accounts WHERE id = 1"') == "balance\n1"
    assert lab.do('sql db2 "SELECT balance FROM accounts WHERE id = 1"') == "balance\n10"
    for node in lab.state.nodes.values():
        assert node.replication is not None
        replica = node.replication
        assert (replica.receiver, replica.applier, replica.errno) == (True, True, 0)
    assert lab.state.conditions["tables_differ"].detail == (
        "lab.accounts: id 1: balance is 1 on db1, 10 on db2"
    )
    lab.do('sql db1 "UPDATE accounts SET balance = 11 WHERE id = 1"', wait=1)
    assert "tables_differ" not in lab.state.conditions


def test_rows_that_were_acknowledged_and_are_missing(lab: SimLab) -> None:
    lab.run(3)
    assert [missing_rows(lab.state, node) for node in lab.state.nodes.values()] == [{}, {}]
    lab.do("cut heartbeat", wait=1)
    began = lab.state.clients["client"].write
    lab.run(4)
    assert began is not None
    lost = missing_rows(lab.state, lab.state.nodes["db2"])["client"]
    assert lost[0][0] - 2 <= began.sequence <= lost[-1][1]
    lab.do("heal heartbeat", wait=4)
    assert missing_rows(lab.state, lab.state.nodes["db2"]) == {}, "they were only on their way"
    lab.do(f'sql db2 "DELETE FROM writes WHERE sequence = {began.sequence}"', wait=1)
    text = "\n".join(summary_lines(summarize(lab.state)))
    assert text.count(f"missing rows {began.sequence} of client") == 2
    lab.do("reset", wait=3)
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
    lab.do("heal heartbeat", wait=6)
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


def test_a_replica_that_asks_another_port_is_refused_until_it_asks_the_right_one(lab: SimLab) -> None:
    with pytest.raises(ActionFailed, match="3021"):
        lab.do('sql db2 "CHANGE REPLICATION SOURCE TO SOURCE_PORT = 3307"')
    lab.do('sql db2 "STOP REPLICA"')
    lab.do('sql db2 "CHANGE REPLICATION SOURCE TO SOURCE_PORT = 3307"')
    lab.do('sql db2 "START REPLICA"', wait=3)
    replica = lab.state.nodes["db2"].replica
    assert replica is not None
    assert (replica.receiver, replica.errno) == (False, 2003)
    assert "'198.18.1.11:3307' (111)" in replica.error
    assert "Source_Port: 3307" in lab.shell('mysql -E -e "SHOW REPLICA STATUS"', node="db2").text
    lab.do('sql db2 "STOP REPLICA"')
    lab.do('sql db2 "CHANGE REPLICATION SOURCE TO SOURCE_PORT = 3306"')
    lab.do('sql db2 "START REPLICA"', wait=3)
    replica = lab.state.nodes["db2"].replica
    assert replica is not None
    assert (replica.receiver, replica.errno) == (True, 0)


def test_nothing_else_of_a_source_can_be_changed(lab: SimLab) -> None:
    for statement in ("SOURCE_HOST = 'db3'", "SOURCE_PORT = x", ""):
        with pytest.raises(ActionFailed, match=r"1235|1064"):
            lab.do(f'sql db2 "CHANGE REPLICATION SOURCE TO {statement}"')
