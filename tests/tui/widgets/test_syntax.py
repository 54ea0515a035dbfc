"""Syntax colours: what is a keyword, a value, a comment."""

from __future__ import annotations

import pytest

from hatlab.keepalived.tokens import conf_tokens, paint_conf
from hatlab.tui.widgets.syntax import guess_language, highlight_code, highlight_rows
from hatlab.util.words import command_tokens, paint_words, sql_tokens


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("vrrp_instance VI_1 {", {"vrrp_instance": "block", "{": "sign"}),
        ("    priority 100   # low", {"priority": "keyword", "100": "number", "# low": "comment"}),
        ("    state MASTER", {"state": "keyword", "MASTER": "constant"}),
        ('    script "/bin/check --all # no comment"', {"script": "keyword"}),
        ("    198.18.0.100/24 dev eth0", {"198.18.0.100/24": "number", "dev": "constant"}),
        ("    fd00:198:18::100/64", {"fd00:198:18::100/64": "number"}),
        ("@db1 priority $PRIO", {"@db1": "variable", "priority": "keyword", "$PRIO": "variable"}),
        ("authentication { auth_type PASS }", {"authentication": "block", "auth_type": "keyword"}),
        ("    prioritty 100", {"100": "number"}),
    ],
)
def test_words_of_keepalived_conf(line: str, kinds: dict[str, str]) -> None:
    found = {line[start:end]: kind for start, end, kind in conf_tokens(line)}
    assert kinds.items() <= found.items()
    assert "prioritty" not in found
    assert not ("script" in found and "comment" in found.values())


def test_words_of_sql() -> None:
    text = "SELECT id FROM lab.writes WHERE id > 3 -- all"
    found = {text[start:end]: kind for start, end, kind in sql_tokens(text)}
    assert {"SELECT": "keyword", "3": "number", "-- all": "comment"}.items() <= found.items()


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("vrrp_script check_mysql {\n}", "conf"),
        ("    nopreempt", "conf"),
        ("SHOW REPLICA STATUS\\G", "sql"),
        ("mysql> set global read_only = on;", "sql"),
        ("ip addr del 198.18.0.100/24 dev eth0", ""),
        ("", ""),
    ],
)
def test_the_language_of_a_piece_of_code(code: str, language: str) -> None:
    assert guess_language(code) == language
    assert highlight_code(code).plain == code


def test_an_answer_of_sql_has_its_columns_and_values_in_colours() -> None:
    fields = highlight_rows("Replica_IO_Running: Yes\nLast_Errno: 1062\nSource_Host: 198.18.1.12")
    assert [(fields.plain[s.start : s.end], s.style) for s in fields.spans] == [
        ("Replica_IO_Running:", "$wire"),
        ("Yes", "$master"),
        ("Last_Errno:", "$wire"),
        ("1062", "$vip"),
        ("Source_Host:", "$wire"),
    ]
    table = highlight_rows("id | owner\n9 | carol")
    assert [(table.plain[s.start : s.end], s.style) for s in table.spans] == [
        ("id | owner", "bold $wire"),
        ("9", "$vip"),
        (" | ", "$quiet"),
    ]


def test_a_line_painted_for_a_terminal_steers_nothing() -> None:
    painted = paint_conf("    priority 100 # \x1b[2J")
    assert painted.count("\x1b[") == 6
    assert "\x1b[2J" not in painted
    assert "\\x1b[2J" in painted


@pytest.mark.parametrize(
    ("line", "coloured"),
    [
        ('sql db1 "SELECT 1"', ["SELECT"]),
        ("sql db1 SELECT 1", ["SELECT"]),
        ("""mysql -N -e 'SHOW REPLICA STATUS' | grep Yes""", ["SHOW", "STATUS"]),
        ('/usr/bin/mysql --user=root --execute="SELECT 1', ["SELECT"]),
        ("kill mysqld db1", []),
        ("mysqladmin ping", []),
        ("cat /tmp/select", []),
    ],
)
def test_the_sql_in_a_command_has_colours(line: str, coloured: list[str]) -> None:
    found = [line[start:end] for start, end, kind in command_tokens(line) if kind == "keyword"]
    assert [word for word in found if word in coloured] == coloured
    assert bool(found) == bool(coloured)


def test_a_painted_line_steers_no_terminal() -> None:
    assert "\x1b" not in paint_words("\x1b[2J", [])
