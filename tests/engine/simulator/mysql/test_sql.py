"""Statements, and how they are answered."""

from __future__ import annotations

import pytest

from hatlab.errors import ActionFailed
from tests.support.simulated_lab import SimLab


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
def test_a_statement_is_answered(lab: SimLab, statement: str, printed: str | None) -> None:
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
def test_a_bad_statement_is_answered_with_the_servers_error(lab: SimLab, statement: str, number: int) -> None:
    with pytest.raises(ActionFailed, match=rf"MySQL says: \({number}, "):
        lab.do(f'sql db1 "{statement}"')


def test_a_wide_answer_has_a_line_a_value(lab: SimLab) -> None:
    told = lab.do('sql db1 "SHOW REPLICA STATUS"').splitlines()
    assert told[0] == "Replica_IO_State: Waiting for source to send event"
    assert "Last_Errno: 0" in told
