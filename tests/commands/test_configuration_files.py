"""Which nodes configuration files are of, and for which ids they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.commands.support.configuration_files import configuration_files, ids_of_files, node_name
from hatlab.errors import UserError
from tests.keepalived.conf import OTHER, SOUND
from tests.support.command_line import CommandLine


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("db1.conf", "db1"),
        ("db1/keepalived.conf", "db1"),
        ("keepalived.conf.db1", "db1"),
        ("keepalived-db1.conf", "db1"),
        ("db1.conf.bak", "db1"),
        ("db1.example.com.conf", "db1"),
        ("192.0.2.11.conf", "192.0.2.11"),
        ("keepalived_master.conf~", "master"),
    ],
)
def test_a_file_s_node(path: str, name: str) -> None:
    assert node_name(Path("x") / path) == name


def _nodes(text: str, *ids: str) -> list[tuple[str, str]]:
    path = Path("both.conf")
    files = configuration_files({path: text}, ids_of_files([path], ids))
    return [(file.node, file.config_id) for file in files]


def test_a_file_for_several_ids_is_that_of_several_nodes() -> None:
    text = "@db1 priority 150\n  @^db1 priority 100\n@db2 nopreempt\n@ nothing\n@alone\n"
    assert _nodes(text) == [("db1", "db1"), ("db2", "db2")]
    assert _nodes("@db1 priority 150\n@^db1 priority 100\n") == [("db1", "db1"), ("other", "other")]
    assert _nodes("@both priority 150\n@db2 priority 100\n") == [("both", "both")]
    assert _nodes(text, "x") == [("both", "x")]
    assert _nodes(text, "x", "y") == [("x", "x"), ("y", "y")]
    assert _nodes("priority 150\n") == [("both", "both")]


def test_ids_are_given_once_or_once_a_file() -> None:
    paths = [Path("a.conf"), Path("b.conf")]
    assert ids_of_files(paths, ()) == {}
    assert ids_of_files(paths, ("x",)) == {paths[0]: ("x",), paths[1]: ("x",)}
    assert ids_of_files(paths, ("x", "y")) == {paths[0]: ("x",), paths[1]: ("y",)}
    with pytest.raises(UserError, match="3 ids do not match 2 files"):
        ids_of_files(paths, ("x", "y", "z"))


def test_each_file_of_a_pair_is_read_for_its_own_name(tmp_path: Path, hatlab: CommandLine) -> None:
    marked = SOUND.replace("priority 150", "@db1 priority 150\n    @db2 priority 100")
    for name in ("db1", "db2"):
        (tmp_path / f"{name}.conf").write_text(marked)
    assert hatlab("check", tmp_path / "db1.conf", tmp_path / "db2.conf").out.count(": no problems") == 2
    out = hatlab("check", "--config-id", "db1", tmp_path / "db1.conf", tmp_path / "db2.conf").out
    assert "KA307" in out


def test_each_file_includes_what_lies_beside_itself(tmp_path: Path, hatlab: CommandLine) -> None:
    for node, text in (("a", SOUND), ("b", OTHER.replace("auth_pass secret", "auth_pass other"))):
        (tmp_path / node / "conf.d").mkdir(parents=True)
        (tmp_path / node / "conf.d" / "vi.conf").write_text(text)
        (tmp_path / node / "keepalived.conf").write_text("include conf.d/*.conf\n")
    out = hatlab("check", *(tmp_path / node / "keepalived.conf" for node in "ab"), code=1).out
    assert "a password here, but another in b/keepalived.conf" in out


def test_a_pattern_does_not_mean_the_file_of_another_node(tmp_path: Path, hatlab: CommandLine) -> None:
    (tmp_path / "more.conf").write_text(SOUND)
    for node in "ab":
        (tmp_path / f"{node}.conf").write_text("include *.conf\n")
    out = hatlab("check", "--json", tmp_path / "a.conf", tmp_path / "b.conf").out
    assert "KA307" in out
    assert "KA008" not in out


def test_lines_for_nobody_here_are_told(tmp_path: Path, hatlab: CommandLine) -> None:
    marked = SOUND.replace("priority 150", "priority 150\n    @db9 nopreempt")
    for name, text in (("db1", marked), ("db2", OTHER)):
        (tmp_path / f"{name}.conf").write_text(text)
    out = hatlab("check", tmp_path / "db1.conf", tmp_path / "db2.conf").out
    assert "KA016 note: lines for `@db9` are ignored" in out
