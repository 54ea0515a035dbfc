"""Which files are read: configurations under other names too, and of a folder no copies and no templates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hatlab.commands.support.file_kinds import kind_of, skip_in_folder
from tests.keepalived.conf import OTHER, SOUND
from tests.support.command_line import CommandLine


@pytest.mark.parametrize(
    "name",
    [
        "a.conf",
        "keepalived.conf",
        "keepalived.conf.db1",
        "keepalived.conf.bak",
        "keepalived.conf~",
        "keepalived.conf.20240131",
        "keepalived.conf.rpmnew",
        "keepalived.conf.sample",
        "keepalived.conf.j2",
        "keepalived.cfg",
        "keepalived-node1",
        "db1-keepalived.conf.orig",
        "db1.conf.bak",
        "db1.bak",
    ],
)
def test_configurations_go_under_many_names(name: str) -> None:
    assert kind_of(Path(name)) == "configuration"


@pytest.mark.parametrize("name", ["check.sh", "README", "notes.txt", "keepalived.log", "keepalived-check.sh"])
def test_what_else_lies_there_is_none(name: str) -> None:
    assert kind_of(Path(name)) is None


def test_of_a_folder_copies_and_templates_are_left_out() -> None:
    names = ["a.conf", "a.conf.bak", "b.conf.old", "c.conf.j2", "c.conf.j2.bak", "keepalived.conf.db1"]
    skipped = {each.path.name: each.reason for each in skip_in_folder(map(Path, names))}
    assert skipped.keys() == {"a.conf.bak", "c.conf.j2", "c.conf.j2.bak"}
    assert skipped["a.conf.bak"].startswith("a copy of a.conf")


def test_what_was_skipped_is_told_and_can_be_named(tmp_path: Path, hatlab: CommandLine) -> None:
    for name, text in {"a.conf": SOUND, "b.conf": OTHER, "a.conf.bak": SOUND, "a.conf.j2": "{{ x }}"}.items():
        (tmp_path / name).write_text(text)
    lines = hatlab("check", tmp_path).out.splitlines()
    assert lines[:2] == [f"{tmp_path}/{name}: no problems" for name in ("a.conf", "b.conf")]
    assert [line.partition(": skipped: ")[0] for line in lines[2:]] == [
        f"{tmp_path}/{name}" for name in ("a.conf.bak", "a.conf.j2")
    ]
    data = json.loads(hatlab("check", "--json", tmp_path).out)
    assert [Path(each["file"]).name for each in data["skipped"]] == ["a.conf.bak", "a.conf.j2"]
    out = hatlab("check", tmp_path / "a.conf.bak", tmp_path / "b.conf").out
    assert out.count(": no problems") == 2


def test_a_template_that_is_named_is_told_to_be_one(tmp_path: Path, hatlab: CommandLine) -> None:
    file = tmp_path / "keepalived.conf.j2"
    file.write_text("vrrp_instance VI_1 {\n    priority {{ priority }}\n}\n")
    out = hatlab("check", file).out
    assert "KA020 note" in out
    assert out.count("KA0") == 1


def test_files_that_agree_are_fine_and_the_network_is_named(tmp_path: Path, hatlab: CommandLine) -> None:
    (tmp_path / "a.conf").write_text(SOUND)
    (tmp_path / "b.conf").write_text(OTHER)
    out = hatlab("check", tmp_path / "a.conf", tmp_path / "b.conf").out
    assert out.count(": no problems") == 2
    assert "KA331 note" in out
    assert "tcpdump -ni eth0 proto 112" in out
    (tmp_path / "b.conf").write_text(OTHER.replace("secret", "other"))
    out = hatlab("check", tmp_path / "a.conf", tmp_path / "b.conf", code=1).out
    assert "KA331" not in out


def test_the_file_with_the_cause_comes_first(tmp_path: Path, hatlab: CommandLine) -> None:
    (tmp_path / "a.conf").write_text(SOUND)
    (tmp_path / "b.conf").write_text(OTHER.replace("auth_pass secret", "unknown x\n auth_pass secret"))
    out = hatlab("check", tmp_path / "a.conf", tmp_path / "b.conf", code=1).out
    assert out.startswith(f"{tmp_path}/b.conf:")


def test_each_node_may_have_a_folder_and_what_is_included_is_no_node(
    tmp_path: Path, hatlab: CommandLine
) -> None:
    for node, text in {"db1": SOUND, "db2": OTHER.replace("id 51", "id 52")}.items():
        begin = text.index("vrrp_script")
        (tmp_path / node / "conf.d").mkdir(parents=True)
        (tmp_path / node / "keepalived.conf").write_text(f"{text[:begin]}include conf.d/*.conf\n")
        (tmp_path / node / "conf.d" / "vi.conf").write_text(text[begin:])
    out = hatlab("check", tmp_path, code=1).out
    assert out.count("KA301 error") == 2
    assert f"{tmp_path}/db1/conf.d/vi.conf: skipped: read as part of {tmp_path}/db1/keepalived.conf" in out
    assert "KA101" not in out
