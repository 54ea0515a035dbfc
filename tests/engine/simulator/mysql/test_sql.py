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


def answers(lab: SimLab, *statements: str) -> list[str]:
    """What each is answered: (node, statement) in one text, `db1 SELECT 1`."""
    told = []
    for text in statements:
        node, _, statement = text.partition(" ")
        told.append(lab.do(f'sql {node} "{statement}"'))
    return told


def test_a_generated_key_follows_increment_and_offset_as_mysql_counts(lab: SimLab) -> None:
    answers(lab, "db1 CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)")
    lab.run(1)
    answers(lab, "db1 INSERT INTO t (v) VALUES (1), (2)")
    lab.run(1)
    answers(
        lab,
        "db2 INSERT INTO t (v) VALUES (3)",
        "db1 SET GLOBAL auto_increment_increment=10, GLOBAL auto_increment_offset=5",
    )
    lab.run(1)
    told = answers(
        lab,
        "db1 INSERT INTO t (v) VALUES (4)",
        "db1 INSERT INTO t VALUES (0, 5), (NULL, 6)",
        "db1 SELECT id FROM t",
    )
    assert told[-1] == "id\n1\n3\n4\n5\n15\n25", "two sources count by 2; db2 has offset 2"


def test_the_same_keys_on_both_sides_of_a_split_stop_the_replica(lab: SimLab) -> None:
    answers(
        lab,
        *(
            f"{node} SET GLOBAL auto_increment_increment=1, GLOBAL auto_increment_offset=1"
            for node in ("db1", "db2")
        ),
        "db1 CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)",
    )
    lab.run(2)
    lab.do("cut lan")
    lab.do("cut heartbeat")
    lab.run(1)
    answers(lab, "db1 INSERT INTO t (v) VALUES (1)", "db2 INSERT INTO t (v) VALUES (2)")
    lab.do("heal lan")
    lab.do("heal heartbeat")
    lab.run(20)
    assert "Duplicate entry '1' for key 't.PRIMARY'" in answers(lab, "db1 SHOW REPLICA STATUS")[0]


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("CREATE TABLE t (a INT, b INT AUTO_INCREMENT PRIMARY KEY)", 1235),
        ("CREATE TABLE t (a INT, b INT)", 1235),
        ("CREATE TABLE t (a INT PRIMARY KEY, b INT AUTO_INCREMENT)", 1075),
        ("INSERT INTO s (v) VALUES (1)", 1364),
        ("INSERT INTO s (id, v) VALUES (NULL, 1)", 1048),
        ("INSERT INTO s (id, v) VALUES (1, NULL)", 1048),
        ("SET read_only = 1", 1229),
        ("SET GLOBAL read_only = maybe", 1231),
        ("SET GLOBAL auto_increment_offset = many", 1232),
        ("SET GLOBAL server_uuid = 1", 1238),
        ("SET GLOBAL offline_mode = 1", 1235),
        ("SET auto_increment_offset = 2", 1235),
        ("SHOW SLAVE STATUS", 1064),
        ("STOP SLAVE", 1064),
        ("SELECT GTID_SUBSET('x')", 1582),
        ("SELECT GTID_SUBSET('x', 'y')", 1772),
        ("SELECT WAIT_FOR_EXECUTED_GTID_SET('3e11fa47-71ca-11e1-9e33-c80aa9429562:1')", 1235),
    ],
)
def test_what_it_cannot_do_right_it_refuses(lab: SimLab, statement: str, number: int) -> None:
    answers(lab, "db1 CREATE TABLE s (id INT, v INT NOT NULL, w INT DEFAULT 7, PRIMARY KEY (id))")
    with pytest.raises(ActionFailed, match=rf"MySQL says: \({number}, "):
        lab.do(f'sql db1 "{statement}"')


def test_defaults_and_the_functions_of_gtids(lab: SimLab) -> None:
    a = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
    told = answers(
        lab,
        "db1 CREATE TABLE s (id INT, v INT NOT NULL, w INT DEFAULT 7, PRIMARY KEY (id))",
        "db1 INSERT INTO s (id, v) VALUES (1, 2)",
        "db1 SELECT w FROM s",
        f"db1 SELECT GTID_SUBSET('{a}:2-3', '{a}:1-5')",
        f"db1 SELECT GTID_SUBTRACT('{a}:1-5:9', '{a}:2-3')",
        "db1 SELECT WAIT_FOR_EXECUTED_GTID_SET(@@gtid_executed, 1)",
        "db1 SHOW GLOBAL VARIABLES LIKE 'read\\_only'",
    )
    assert [text.splitlines()[-1] for text in told[2:]] == ["7", "1", f"{a}:1:4-5:9", "0", "read_only | OFF"]


def test_what_is_persisted_outlives_the_server(lab: SimLab) -> None:
    answers(lab, "db2 SET GLOBAL auto_increment_offset = 7", "db2 SET PERSIST read_only = ON")
    lab.do("kill mysqld db2")
    lab.do("start mysqld db2")
    lab.run(2)
    assert answers(lab, "db2 SELECT @@read_only, @@auto_increment_offset")[0].splitlines()[-1] == "1 | 2"
