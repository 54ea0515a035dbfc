"""The command line's manners: help, suggestions, exit codes, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hatlab import cli
from hatlab.cli import main
from hatlab.commands import COMMANDS, Ended
from hatlab.errors import LabError

HEAVY = ("textual", "rich", "docker", "scapy", "pydantic", "yaml", "platformdirs", "requests", "markdown_it")


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def _modules_after(argv: list[str]) -> set[str]:
    code = (
        "import json, sys\nfrom hatlab.cli import main\n"
        f"try: main({argv!r})\nexcept SystemExit: pass\n"
        "print(); print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("argv", [["--help"], ["start", "--help"], ["do", "--help"]], ids=" ".join)
def test_help_imports_nothing_heavy(argv: list[str]) -> None:
    assert _modules_after(argv).isdisjoint(HEAVY)


def test_checking_configurations_imports_nothing_heavy(tmp_path: Path) -> None:
    for name in ("a.conf", "b.conf"):
        (tmp_path / name).write_text("vrrp_instance VI_1 {\n}\n", encoding="utf-8")
    files = [str(tmp_path / "a.conf"), str(tmp_path / "b.conf")]
    assert _modules_after(["check", *files]).isdisjoint(HEAVY)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    out = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"hatlab {name}" in out.partition("example:")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_no_word_of_a_help_is_broken_at_eighty_columns(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main([name, "--help"])
    told = capsys.readouterr().out.partition("\n\n")[2]  # argparse leaves a usage as long as its options are
    commands = [line for line in told.splitlines() if line.startswith("  hatlab ") and "   " not in line[2:]]
    assert [line for line in told.splitlines() if len(line) > 80 and line not in commands] == []


def test_help_for_do_lists_every_action(capsys: pytest.CaptureFixture[str]) -> None:
    from hatlab.actions import VERBS

    assert main(["help", "do"]) == 0
    out = capsys.readouterr().out
    assert all(verb.usage in out and verb.example in out for verb in VERBS.values())


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["strat"], "did you mean `hatlab start`?"),
        (["start", "--heedless"], "did you mean --headless?"),
        (["start", "two-nodes"], "did you mean 'two-node'?"),
        (["start", "--for", "-1"], "not a number of seconds"),
        (["do", "kil", "mysqld", "db1"], "did you mean 'kill'?"),
        (["do", "kill", "mysqld"], "too few words"),
        (["do", "kill", "mysqld", "db1"], "no lab is running"),
        (["do"], "there is no action on this line"),
        (["shell", "db1"], "a shell needs a terminal"),
        (["conf", "two-node", "db3"], "did you mean"),
        (["check", "nowhere.yaml"], "there is no file"),
        (["replay", "nowhere.jsonl"], "there is no file"),
        (["image", "save"], "needs a file"),
        (["image", "load", "nowhere.tar"], "there is no file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_is_one_sentence_with_a_cure(
    argv: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (Ended(15), 143),
        (Ended(1), 129),
        (BrokenPipeError(), 0),
        (LabError("no"), 1),
    ],
)
def test_the_exit_code_tells_the_kind_of_error(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(argv: object) -> int:
        raise error

    monkeypatch.setattr(cli, "run", fail)
    assert main([]) == code


def test_a_bug_is_reported_and_its_traceback_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(argv: object) -> int:
        raise ZeroDivisionError("one\ntwo")

    monkeypatch.setattr(cli, "run", fail)
    assert main([]) == 1
    err = capsys.readouterr().err
    crash = tmp_path / "state" / "hatlab" / "crash.txt"
    assert str(crash) in err
    assert "Traceback" not in err
    assert "Traceback" in crash.read_text()


def test_check_names_the_line_of_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("version: 1\ntitle: one\nnetworks: [lan]\nnodes: {a: 11}\n")
    bad.write_text("version: 1\ntitle: one\nnetworks: [lan]\nnodes:\n  a: 999\n")
    assert main(["check", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert f"{bad}:5:" in out
    assert f"{good}: no problems" in out


def test_conf_prints_a_nodes_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conf", "two-node", "db2", "--plain"]) == 0
    assert "priority 100" in capsys.readouterr().out


def test_topologies_lists_the_shipped_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["topologies"]) == 0
    assert "two-node" in capsys.readouterr().out


def test_status_says_that_no_lab_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 0
    assert "no lab is running" in capsys.readouterr().out


def start(*arguments: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """A start where no Docker engine can answer."""
    env = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/none.sock", "XDG_STATE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "hatlab.cli", "start", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_without_docker_auto_is_the_simulator_and_says_so(tmp_path: Path) -> None:
    done = start("--json", "--for", "0.2", tmp_path=tmp_path)
    assert done.returncode == 0
    assert "using the simulator instead" in done.stderr
    first = json.loads(done.stdout.splitlines()[0])
    assert (first["kind"], first["engine"]) == ("lab", "sim")
    assert "Docker" in first["reason"]


def test_asked_for_docker_without_docker_is_an_error(tmp_path: Path) -> None:
    done = start("--engine", "docker", "--headless", tmp_path=tmp_path)
    assert done.returncode == 1
    assert "Docker" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("options", "is_ascii"), [((), True), (("--json",), False)])
def test_ascii_is_written_where_asked_for_but_json_stays(options: tuple[str, ...], is_ascii: bool) -> None:
    code = "import sys\nfrom hatlab import cli\ncli.run = lambda _: sys.stdout.write('★ → db1\\n') and 0\n"
    code += f"sys.exit(cli.main({['replay', '--ascii', *options]!r}))"
    environ = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environ)
    assert done.stdout.decode().strip() == ("* > db1" if is_ascii else "★ → db1")
