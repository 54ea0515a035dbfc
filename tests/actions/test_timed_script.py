"""Scripts: every fault is told at once with its line, before a lab is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.actions import Action
from hatlab.actions.timed_script import parse_script, read_script
from hatlab.errors import ActionError, UserError
from hatlab.topology import Layout
from tests.support.story import layout


def test_a_script_of_the_documentation() -> None:
    text = "# split and heal\n2.0   cut heartbeat\n9.0   heal heartbeat # and on\n\n14.0  end\n"
    steps = parse_script(text, layout())
    assert [(s.at, s.words, s.line) for s in steps] == [
        (2.0, ("cut", "heartbeat"), 2),
        (9.0, ("heal", "heartbeat"), 3),
        (14.0, ("end",), 5),
    ]
    assert steps[0].action(layout()) == Action("cut", ("heartbeat",))


def test_all_faults_are_told_at_once() -> None:
    text = '1 kill mysqld db9\nsoon end\n3 sql db1 "SELECT\n2 heal lan\n4 end\n5 heal lan\n-1 end\n'
    with pytest.raises(UserError) as caught:
        parse_script(text, layout(), "s.txt")
    lines = caught.value.message.splitlines()
    assert caught.value.exit_code == 2
    assert [one.split(":")[1] for one in lines[1:]] == ["1", "2", "3", "6", "7"]
    assert "s.txt:1: there is no node 'db9' (did you mean" in caught.value.message
    assert "close the quotes" in caught.value.message


def test_times_do_not_go_back() -> None:
    with pytest.raises(UserError, match=r"s.txt:2: 1 s comes after 2 s \(line 1\)"):
        parse_script("2 cut lan\n1 heal lan\n", layout(), "s.txt")


def test_quotes_are_a_shells() -> None:
    (step,) = parse_script('3 sql client "SELECT @@hostname"', layout())
    assert step.words == ("sql", "client", "SELECT @@hostname")


def test_a_virtual_address_by_its_last_octet_is_resolved_in_the_running_lab() -> None:
    (step,) = parse_script("3 address delete db1 .100", layout())
    running = Layout.numbered("two-node", layout().topology, first=8)
    assert step.action(running).args == ("db1", "198.18.8.100")
    with pytest.raises(UserError, match=r"no virtual address '\.99'"):
        parse_script("3 address delete db1 .99", layout())


def test_a_full_address_is_checked_when_the_lab_runs() -> None:
    (step,) = parse_script("3 address delete db1 198.18.8.100", layout())
    with pytest.raises(ActionError, match="no virtual address"):
        step.action(layout())


def test_the_file_of_an_edit_is_read_with_the_script(tmp_path: Path) -> None:
    (tmp_path / "new.conf").write_text("global_defs {\n}\n")
    script = tmp_path / "s.txt"
    script.write_text("3 edit db1 new.conf\n")
    (step,) = read_script(script, layout())
    assert step.action(layout()).text == "global_defs {\n}\n"
    script.write_text("3 edit db1 gone.conf\n")
    with pytest.raises(UserError, match=r"s\.txt:1: there is no file"):
        read_script(script, layout())


def test_files_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    with pytest.raises(UserError, match="there is no file"):
        read_script(path, layout())
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="not UTF-8"):
        read_script(path, layout())


def test_a_script_reads_no_file_outside_its_folder(tmp_path: Path) -> None:
    """A stranger's script would otherwise copy a private file into a node."""
    folder = tmp_path / "script"
    folder.mkdir()
    secret = tmp_path / "id_rsa"
    secret.write_text("private")
    (folder / "link.conf").symlink_to(secret)
    script = folder / "s.txt"
    for name in (str(secret), "../id_rsa", "link.conf"):
        script.write_text(f"1 edit db1 {name}\n")
        with pytest.raises(UserError, match="not in the script's folder"):
            read_script(script, layout())


@pytest.mark.parametrize("line", ["1 loss lan \u0663\u0660", "\u0661 cut lan"])
def test_other_digits_are_no_numbers(tmp_path: Path, line: str) -> None:
    script = tmp_path / "s.txt"
    script.write_text(line)
    with pytest.raises(UserError, match="is not"):
        read_script(script, layout())
