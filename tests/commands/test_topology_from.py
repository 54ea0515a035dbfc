"""The command `hatlab topology-from`: what it reads beside the files, what it says, and bad input."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hatlab.keepalived import read_settings, write_config
from hatlab.topology import Layout
from hatlab.topology.file import parse_topology
from tests.keepalived.conf import OTHER, SOUND
from tests.support.command_line import CommandLine

SCRIPTED = SOUND.replace("/usr/bin/mysql --execute 'SELECT 1'", "/etc/keepalived/scripts/check.sh")


def _layout(text: str) -> Layout:
    examined = parse_topology(text.encode())
    assert examined.topology is not None, text
    return Layout.numbered("lab", examined.topology)


def test_what_a_file_includes_becomes_part_of_it(tmp_path: Path, hatlab: CommandLine) -> None:
    for node, text in (("a", SOUND), ("b", OTHER.replace("51", "52"))):
        (tmp_path / node / "conf.d").mkdir(parents=True)
        (tmp_path / node / "conf.d" / "vi.conf").write_text(text)
        (tmp_path / node / "keepalived.conf").write_text(
            "include conf.d/*.conf\ninclude /etc/keepalived/conf.d/vi.conf\ninclude nothing.conf\n"
        )
    out, err = hatlab("topology-from", *(tmp_path / node / "keepalived.conf" for node in "ab"))
    layout = _layout(out)
    assert layout.node_names == ("a", "b")
    settings = [read_settings(write_config(layout, node, {"lan": "eth0"})) for node in "ab"]
    assert [found["VI_1"].vrid for found in settings] == [51, 52]
    assert out.count("# conf.d/vi.conf") == 4
    assert (
        f"{tmp_path}/a/keepalived.conf, line 3: no file matches nothing.conf; the line is kept as it is."
        in err
    )
    assert "# - " in out


def _priorities(layout: Layout) -> dict[str, int]:
    return {name: member.priority for name, member in layout.topology.instances["VI_1"].members.items()}


def test_one_file_for_several_nodes(tmp_path: Path, hatlab: CommandLine) -> None:
    both = tmp_path / "both.conf"
    both.write_text(SOUND.replace("priority 150", "@db1 priority 150\n    @db2 priority 100"))
    layout = _layout(hatlab("topology-from", both).out)
    assert _priorities(layout) == {"db1": 150, "db2": 100}
    layout = _layout(hatlab("topology-from", "--config-id", "db2", both).out)
    assert {name: m.priority for name, m in layout.topology.instances["VI_1"].members.items()} == {
        "both": 100
    }
    hatlab("topology-from", "--config-id", "x", "--config-id", "y", both, both, tmp_path / "z.conf", code=2)


def test_scripts_and_what_they_read_come_along(tmp_path: Path, hatlab: CommandLine) -> None:
    (tmp_path / "a.conf").write_text(SCRIPTED)
    (tmp_path / "scripts").mkdir()
    script = tmp_path / "scripts" / "check.sh"
    script.write_text(
        '#!/bin/sh\n. /etc/keepalived/env\n. "$(dirname "$0")/lib.sh"\nBASE=/opt/x\n"$BASE"/more.sh\n'
        "cat /var/log/nothing /etc/passwd\n"
    )
    script.chmod(0o755)
    for name in ("env", "scripts/lib.sh", "more.sh"):
        (tmp_path / name).write_text(f"# {name}\n")
    out, err = hatlab("topology-from", tmp_path / "a.conf")
    assert err == ""
    assert [*_layout(out).topology.nodes["a"].files] == [
        "/etc/keepalived/scripts/check.sh",
        "/etc/keepalived/env",
        "/etc/keepalived/scripts/lib.sh",
        "/opt/x/more.sh",
    ]


def test_a_script_named_without_a_path_stands_where_keepalived_looks(
    tmp_path: Path, hatlab: CommandLine
) -> None:
    (tmp_path / "a.conf").write_text(SCRIPTED.replace("/etc/keepalived/scripts/", ""))
    (tmp_path / "check.sh").write_text("#!/bin/sh\n")
    out, err = hatlab("topology-from", tmp_path / "a.conf")
    assert [*_layout(out).topology.nodes["a"].files] == ["/usr/local/bin/check.sh"]
    assert "a names check.sh without a path; here it is /usr/local/bin/check.sh." in err


def test_what_definitions_come_to_counts(tmp_path: Path, hatlab: CommandLine) -> None:
    text = SCRIPTED.replace("/etc/keepalived/scripts/", "${BASE}/").replace("eth0", "${_INSTANCE}0")
    (tmp_path / "a.conf").write_text(f"$BASE=/opt/scripts\n{text}")
    (tmp_path / "check.sh").write_text("#!/bin/sh\n")
    out, _ = hatlab("topology-from", tmp_path / "a.conf")
    node = _layout(out).topology.nodes["a"]
    assert [*node.files] == ["/opt/scripts/check.sh"]
    assert "interface lan" in (node.conf or "")


def test_a_script_that_is_not_there_is_told_by_name(tmp_path: Path, hatlab: CommandLine) -> None:
    (tmp_path / "a.conf").write_text(SCRIPTED)
    out, err = hatlab("topology-from", tmp_path / "a.conf")
    said = "/etc/keepalived/scripts/check.sh of a is not among the files, so the lab has no such program."
    assert err == f"hatlab: {said}\n"
    assert out.splitlines()[:3] == [
        "# Made from a.conf by hatlab topology-from.",
        "# What differs from the files:",
        f"# - {said}",
    ]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"vrrp_instance X {\n\0", "line 2: this is not text"),
        (b"a" * 100_000, "is too large"),
        (b"# nothing\n", "there is no vrrp_instance in it"),
        (b"include bad.conf\n", "line 1: these files include each other endlessly"),
        (b"\xff\xfevrrp_instance", "there is no vrrp_instance in it"),
    ],
)
def test_bad_input_is_a_located_sentence(raw: bytes, said: str, tmp_path: Path, hatlab: CommandLine) -> None:
    (tmp_path / "bad.conf").write_bytes(raw)
    out, err = hatlab("topology-from", tmp_path / "bad.conf", code=2)
    assert said in err
    assert "bad" in err
    assert out == ""


def test_what_is_no_file_is_said(tmp_path: Path, hatlab: CommandLine) -> None:
    os.mkfifo(tmp_path / "pipe.conf")
    for name in ("pipe.conf", ".", "nowhere.conf"):
        err = hatlab("topology-from", tmp_path / name, code=2).err
        assert "is not a file" in err or "there is no file" in err


def test_odd_names_stay_inside_the_comment(tmp_path: Path, hatlab: CommandLine) -> None:
    odd = tmp_path / "a\nb: c.conf"
    odd.write_text(SOUND)
    assert _layout(hatlab("topology-from", odd).out).node_names == ("a-b--c",)
