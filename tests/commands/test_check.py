"""The command `hatlab check`: what it reads, what it prints, its exit codes, watching."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hatlab.cli import main
from hatlab.commands.support.configuration_files import IncludedFiles
from hatlab.commands.support.file_checks import check_files, find_files
from hatlab.commands.support.file_watch import watch_files
from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.to_topology.convert import NodeInput, topology_from
from tests.keepalived.blog import NODE_1, NODE_2, SCRIPT
from tests.keepalived.conf import OTHER, SOUND
from tests.support.command_line import CommandLine
from tests.support.lesson_texts import LESSON
from tests.topology.test_file import GOOD


def _write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        path = folder / f"{stem}.{suffix}"
        path.write_text(text, encoding="utf-8")
    return folder


def _findings(*paths: Path, together: bool = False) -> list[Finding]:
    return [f for each in check_files(find_files(map(str, paths)), together=together) for f in each.findings]


def test_sound_files_are_fine(tmp_path: Path, hatlab: CommandLine) -> None:
    _write(tmp_path, lab_yaml=GOOD, a_conf=SOUND, b_conf=OTHER)
    assert hatlab("check", tmp_path).out.splitlines() == [
        f"{tmp_path}/{n}: no problems" for n in ("a.conf", "b.conf", "lab.yaml")
    ]


def test_lessons_are_checked_and_pages_are_not(tmp_path: Path, hatlab: CommandLine) -> None:
    _write(tmp_path, small_md=LESSON, README_md="# A page\n")
    assert hatlab("check", tmp_path).out == f"{tmp_path}/small.md: no problems\n"
    _write(tmp_path, small_md=LESSON.replace("owner db2]", "owner db22]"))
    out = hatlab("check", tmp_path, code=1).out
    assert f"{tmp_path}/small.md:32:33: LS021 error: there is no node `db22`; did you mean `db2`?\n" in out
    assert (
        "   32 | when: [process mysqld db1 down, owner db22]\n      |                                 ^\n"
        in out
    )
    assert "LS007" in hatlab("check", tmp_path / "README.md", code=1).out
    hatlab("check", "--explain", "LS021")


def test_each_finding_has_its_position_line_and_cure(tmp_path: Path, hatlab: CommandLine) -> None:
    _write(tmp_path, lab_yaml=GOOD.replace("priority: 100", "prioirty: 100").replace("[mysql]", "[mysq]"))
    file = tmp_path / "lab.yaml"
    out = hatlab("check", file, code=1).out
    assert f"{file}:13:13: TP010 error: unknown key `prioirty`; did you mean `priority`?\n" in out
    assert "   13 |       db2: {prioirty: 100}\n      |             ^\n" in out
    assert f"{file}:15:14: TP020 error: " in out
    assert "        fix:    define it, or correct the name\n" in out
    assert out.endswith("2 errors in 1 file\n")


def test_warnings_alone_are_no_failure(tmp_path: Path, hatlab: CommandLine) -> None:
    _write(tmp_path, lab_yaml=GOOD.replace("weight: -60", "weight: -50"))
    assert "TP036 warning: " in hatlab("check", tmp_path).out


def test_a_pair_given_together_is_checked_as_one(tmp_path: Path) -> None:
    _write(tmp_path, a_conf=SOUND, b_conf=OTHER.replace("auth_pass secret", "auth_pass other"))
    a, b = tmp_path / "a.conf", tmp_path / "b.conf"
    assert {f.code for f in _findings(a, b, together=True)} == {"KA302"}
    assert {f.code for f in _findings(tmp_path)} == {"KA302"}
    assert _findings(a) == []


def test_a_configuration_inside_a_topology_is_checked_in_its_place(tmp_path: Path) -> None:
    text = topology_from([NodeInput("a", NODE_1), NodeInput("b", NODE_2)]).text
    (tmp_path / "lab.yaml").write_text(text)
    lines = text.splitlines()
    found = [f for f in _findings(tmp_path) if f.code in {"KA005", "KA205", "KA306"}]
    assert {f.severity for f in found} == {"warning"}
    assert [lines[f.line - 1][f.column - 1 :] for f in _findings(tmp_path) if f.code == "KA006"] == [
        "3306{",
        "TCP_CHECK{",
    ]
    assert [lines[f.line - 1][f.column - 1 :].split()[0] for f in found if f.code != "KA306"] == [
        "nopreempt",
        "nb_get_retry",
        "nb_get_retry",
    ]
    assert [lines[f.line - 1].strip() for f in found if f.code == "KA306"] == ["lan.222/24", "lan.122"]
    (tmp_path / "lab.yaml").write_text(text.replace("conf: |2", "conf: |2-"))
    assert [f.line for f in _findings(tmp_path) if f.code == "KA205"] == [
        f.line for f in found if f.code == "KA205"
    ]


def test_what_stands_beside_lessons_is_not_checked_as_a_topology(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "small.md").write_text(LESSON)
    (tmp_path / "glossary.md").write_text("# Words\n\n## quokka\n\nA small animal.\n")
    (tmp_path / "drills.yaml").write_text("# Drills\n\n- id: one\n  level: 1\n")
    assert main(["check", str(tmp_path)]) == 0
    assert capsys.readouterr().out.count("\n") == 1


def test_files_of_other_labs_in_one_folder_are_no_pair(tmp_path: Path) -> None:
    _write(tmp_path, a_conf=SOUND, b_conf=OTHER.replace("VI_1", "VI_9").replace("51", "52"))
    assert _findings(tmp_path) == []


def test_a_script_beside_the_file_is_read(tmp_path: Path) -> None:
    _write(tmp_path, node_conf=NODE_1)
    script = tmp_path / "closekeepalived.sh"
    assert "KA106" not in {f.code for f in _findings(tmp_path)}
    script.write_text(SCRIPT["/home/shell/closekeepalived.sh"].text)
    script.chmod(0o644)
    assert {"KA106", "KA108", "KA109", "KA110"} <= {f.code for f in _findings(tmp_path)}


def test_included_files_are_read_inside_the_folder_only(tmp_path: Path, hatlab: CommandLine) -> None:
    inside, outside = tmp_path / "lab", tmp_path / "secret.inc"
    (inside / "conf.d").mkdir(parents=True)
    outside.write_text("vrrp_instance X {\n wrong 1\n}\n")
    (inside / "conf.d" / "one.inc").write_text(SOUND.replace("advert_int 1", "advert_in 1"))
    (inside / "link.inc").symlink_to(outside)
    os.mkfifo(inside / "pipe.inc")
    main_file = inside / "keepalived.conf"
    main_file.write_text(
        f"include conf.d/*.inc\ninclude ../secret.inc\ninclude {outside}\n"
        "include link.inc\ninclude pipe.inc\n"
    )
    out = hatlab("check", main_file, code=1).out
    assert f"{inside}/conf.d/one.inc:13:5: KA005 error: " in out
    assert [line.split(":")[1] for line in out.splitlines() if "KA008" in line] == ["2", "3", "4", "5"]
    assert "wrong" not in out


def test_an_included_file_counts_its_own_lines(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("include more/x.conf\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "x.conf").write_text("include y.inc\n")
    (tmp_path / "more" / "y.inc").write_text("\n\nnonsense\n")
    (found,) = [f for f in _findings(tmp_path / "a.conf") if f.code == "KA005"]
    assert (Path(found.file).name, found.line) == ("y.inc", 3)


def test_an_include_pattern_cannot_leave_the_folder(tmp_path: Path) -> None:
    include = IncludedFiles(tmp_path / "a.conf")
    for pattern in ("../*", "/etc/passwd", "a/../../b", "", "**", "\0", "[", "~/x"):
        with pytest.raises(OSError, match=r".+"):
            include(pattern, "")


def test_json_has_every_finding(tmp_path: Path, hatlab: CommandLine) -> None:
    _write(tmp_path, a_conf=NODE_1, b_conf=NODE_2)
    data = json.loads(hatlab("check", "--json", tmp_path, code=1).out)
    assert [Path(each["file"]).name for each in data["files"]] == ["a.conf", "b.conf"]
    first = data["files"][0]["findings"][0]
    assert set(first) == {"file", "code", "severity", "line", "column", "message", "effect", "older", "cure"}
    assert data["errors"] == sum(f["severity"] == "error" for each in data["files"] for f in each["findings"])


def test_quiet_is_one_line_each(tmp_path: Path, hatlab: CommandLine) -> None:
    _write(tmp_path, a_conf=NODE_1)
    *lines, summary = hatlab("check", "--quiet", tmp_path, code=1).out.splitlines()
    assert all(": KA" in line for line in lines)
    assert not any(" note: " in line for line in lines)
    assert "errors" in summary or "error" in summary


def test_explain_tells_a_code_s_rule(hatlab: CommandLine) -> None:
    out = hatlab("check", "--explain", "ka106").out
    assert "execve" in out
    assert out.endswith("/sh`\n\nFor example:\n\n    +#!/bin/sh\n     mysql --execute 'SELECT 1'\n")
    assert "example" not in hatlab("check", "--explain", "TP006").out
    hatlab("check", "--explain", "KA999", code=2)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.yaml", b""),
        ("a.yaml", b"\xff\xfe\x00"),
        ("a.yaml", b"a" * 10_000_000),
        ("a.conf", b"a {" * 5_000_000),
        ("a.conf", b"vrrp_instance \xff\x1b[31m {\n\x00\n"),
    ],
    ids=range(5),
)
def test_bad_input_is_located_and_harms_none(
    name: str, raw: bytes, tmp_path: Path, hatlab: CommandLine
) -> None:
    (tmp_path / name).write_bytes(raw)
    out, err = hatlab("check", tmp_path / name, code=1)
    assert f"{tmp_path / name}:1:1: " in out
    assert "\x1b" not in out
    assert err == ""


@pytest.mark.parametrize("name", ["nowhere.conf", "nowhere/", "notes.txt", "empty"])
def test_what_cannot_be_checked_is_a_mistake(name: str, tmp_path: Path, hatlab: CommandLine) -> None:
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    assert "Traceback" not in hatlab("check", tmp_path / name, code=2).err


def test_no_path_is_a_mistake(hatlab: CommandLine) -> None:
    hatlab("check", code=2)


def test_watching_survives_a_file_that_disappears(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "lab.yaml"
    steps = iter([GOOD.replace("vrid: 51", "vrid: 999"), None, "", GOOD])
    monkeypatch.setattr("hatlab.commands.support.file_watch._POLL_SECONDS", 0)
    file.write_text(GOOD)
    runs: list[int] = []

    def once() -> int:
        runs.append(main(["check", str(file)]))
        if runs[-1] == 2:
            from hatlab.errors import UserError

            raise UserError("there is no file")
        return runs[-1]

    def more() -> bool:
        step = next(steps, "end")
        if step == "":
            file.unlink()
        elif step not in {None, "end"}:
            file.write_text(str(step))
        return step != "end"

    assert watch_files([str(file)], once, more) == 0
    assert runs == [0, 1, 2, 0]
    assert "waiting for it" in capsys.readouterr().out


@pytest.mark.parametrize("given", ["lesson.md", "."])
def test_watching_a_lesson_sees_its_lab(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a relative path too, whose topology is a relative path as it stands in the lesson."""
    monkeypatch.setattr("hatlab.commands.support.file_watch._POLL_SECONDS", 0)
    course = tmp_path / "course"
    course.mkdir()
    monkeypatch.chdir(course)
    own = course / "labs" / "own.yaml"
    own.parent.mkdir()
    own.write_text(GOOD)
    Path("lesson.md").write_text("---\nversion: 1\ntopology: 'labs/own.yaml' # ours\n---\n")
    steps = iter([None, lambda: own.write_text(GOOD + "nonsense: 1\n"), None, own.unlink, None])
    runs: list[bool] = []

    def more() -> bool:
        step = next(steps, "end")
        if callable(step):
            step()
        return step != "end"

    def once() -> int:
        runs.append(own.is_file())
        return 0

    assert watch_files([given], once, more) == 0
    assert runs == [True, True, False]


def test_no_more_findings_are_shown_than_anybody_reads(tmp_path: Path, hatlab: CommandLine) -> None:
    path = tmp_path / "db1.conf"
    path.write_text("x\n" * 5000)
    told = hatlab("check", path, code=1)
    assert "more findings are not shown; --json lists them all" in told.out
    assert len(told.out) < 100_000


def test_a_finding_shows_its_line_without_the_end_that_windows_gives_it(
    tmp_path: Path, hatlab: CommandLine
) -> None:
    path = tmp_path / "odd.conf"
    path.write_bytes(b"vrrp_instance VI_1 {\r\n    virtual_router_id 51\r\n}\r\n")
    assert "\N{REPLACEMENT CHARACTER}" not in hatlab("check", path, code=None).out
