"""Syntax colours: what is a keyword, a value, a comment."""

from __future__ import annotations

import pytest

from hatlab.tui.widgets.syntax import conf_tokens, guess_language, highlight_code, sql_tokens


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
