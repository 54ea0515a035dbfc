"""Tables are told when they change."""

from __future__ import annotations

from hatlab import events as e
from tests.support.simulated_lab import SimLab


def test_tables_are_told_when_they_change(lab: SimLab) -> None:
    began = lab.now
    lab.do('sql db1 "CREATE TABLE lab.v (id INT PRIMARY KEY, v INT)"')
    lab.do('sql db1 "INSERT INTO lab.v VALUES (1, NULL)"', wait=1)
    table = lab.state.nodes["db2"].tables["lab.v"]
    assert (table.rows, table.columns, table.content) == (1, ("id", "v"), (("1", None),))
    assert table.checksum == lab.state.nodes["db1"].tables["lab.v"].checksum
    lab.do('sql db2 "DROP TABLE lab.v"', wait=1)
    assert "lab.v" not in lab.state.nodes["db1"].tables
    told = [t.name for t in lab.events if isinstance(t, e.Table) and t.at > began and t.node == "db1"]
    assert "lab.accounts" not in told


def test_the_numbers_of_a_clients_rows_are_emitted(lab: SimLab) -> None:
    lab.run(3)
    acknowledged = sum(w.ok for w in lab.events if isinstance(w, e.Write))
    count = int(lab.do('sql db1 "SELECT COUNT(*) FROM writes"').splitlines()[1])
    assert count == acknowledged > 8
