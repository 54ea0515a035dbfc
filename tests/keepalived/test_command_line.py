"""A line that names a program is split as keepalived splits it (held to the daemon in tests/docker)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.keepalived.command_line import split_command
from hatlab.keepalived.parser import parse_config

SPLIT: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
    ('script "/usr/bin/killall -0 mysqld"', ("/usr/bin/killall", "-0", "mysqld"), ()),
    ("script /usr/bin/killall -0 mysqld", ("/usr/bin/killall",), ("-0", "mysqld")),
    ("script '/usr/bin/killall -0 mysqld'", ("/usr/bin/killall", "-0", "mysqld"), ()),
    (
        """script "/usr/bin/mysql --execute 'SELECT 1; x'" """,
        ("/usr/bin/mysql", "--execute", "SELECT 1; x"),
        (),
    ),
    ('notify_master "/a b" root root', ("/a", "b"), ("root", "root")),
    ('script "/a | b > c"', ("/a", "|", "b", ">", "c"), ()),
    (r'script "/a \"b c\" d\ e \x41\102\t"', ("/a", '"b', 'c"', "d e", "AB\t"), ()),
    ('script "/usr/bin/bash -c "exit 1""', ("/usr/bin/bash", "-c", "exit"), ("1",)),
    ('script ""', (), ()),
    ("script", (), ()),
]


@pytest.mark.parametrize(("line", "words", "behind"), SPLIT)
def test_a_line_is_split_twice(line: str, words: tuple[str, ...], behind: tuple[str, ...]) -> None:
    command = split_command(line)
    assert (command.words, command.behind, command.open_quote) == (words, behind, "")


def test_a_quote_that_is_not_closed_drops_the_command() -> None:
    assert split_command("""script "/a 'b" """).open_quote == "'"
    assert split_command("script '/a").open_quote == "'"
    assert split_command("script /a\\").open_quote == "\\"


def test_quotes_of_one_kind_within_each_other_are_noticed() -> None:
    assert split_command('script "/usr/bin/bash -c "exit 1""').glued
    assert not split_command("""script "/usr/bin/bash -c 'exit 1'" """).glued


def test_a_statement_keeps_its_quotes_for_this() -> None:
    root = parse_config("""$X=mysqld\nvrrp_script a { script "/a '$X  b'" # why\n}\n""")
    (statement,) = next(root.all("vrrp_script")).body or ()
    assert statement.text == """script "/a 'mysqld  b'\""""
    assert split_command(statement.text).words == ("/a", "mysqld  b")


@given(st.text(alphabet="ab \t'\"\\x09c$|", max_size=30))
def test_no_line_raises(text: str) -> None:
    command = split_command(f"script {text}")
    assert all(len(each.text) == len(each.quoting) for each in command.arguments)
