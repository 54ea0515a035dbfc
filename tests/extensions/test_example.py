"""The example of the documentation, installed and driven on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hatlab.lessons.compile import compile_lesson
from hatlab.lessons.library.catalogue import load_lesson
from hatlab.settings.model import config_schema
from hatlab.topology import Layout
from hatlab.topology.library import load_topology
from tests.docs.test_extending_page import TEXT
from tests.keepalived.conf import SOUND
from tests.support.command_line import CommandLine
from tests.support.installed_extensions import find_in, install_example

(LESSON,) = re.findall(r"^````markdown\n(.*?)^````$", TEXT, re.M | re.S)
SCRIPT = "0 strike mysqld\n0.5 end\n"


@pytest.fixture
def hatlab(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(capsys)


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    install_example(packages)
    find_in(packages, monkeypatch)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    Path("strike.md").write_text(LESSON, encoding="utf-8")
    Path("db1.conf").write_text(SOUND, encoding="utf-8")
    Path("script.txt").write_text(SCRIPT, encoding="utf-8")


def test_its_check_finds_what_its_rule_says(hatlab: CommandLine) -> None:
    found = hatlab("check", "db1.conf").out
    line = SOUND.splitlines().index("    virtual_router_id 51") + 1
    assert f"db1.conf:{line}:5: SITE001 warning: 51 is an id of the network team" in found
    assert "fix:    use an id from 100 on" in found
    (file,) = json.loads(hatlab("check", "db1.conf", "--json").out)["files"]
    assert "SITE001" in {finding["code"] for finding in file["findings"]}
    assert "a virtual_router_id of the network team" in hatlab("check", "--explain", "site001").out
    assert "### SITE001" in hatlab("help", "checks").out


def test_its_action_is_done_by_hatlab_s_own(hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("start", "--engine", "sim", "--script", "script.txt", "--json", "--record", "run.jsonl")
    events = [json.loads(line) for line in hatlab(*words).out.splitlines()]
    done = [event for event in events if event["kind"] == "action" and event["phase"] == "done"]
    assert [(event["name"], event["targets"]) for event in done[:1]] == [("strike", ["mysqld"])]
    assert "mysqld" in done[0]["effect"]
    down = [event["node"] for event in events if event["kind"] == "process" and event["state"] == "down"]
    assert down[0] == "db1"

    # its recording is played where the extension is not installed
    monkeypatch.setenv("HATLAB_EXTENSIONS", "off")
    told = hatlab("replay", "run.jsonl", "--headless").out
    assert "strike mysqld" in told
    hatlab("explain", "run.jsonl")


def test_its_condition_is_waited_for_in_a_lesson(hatlab: CommandLine) -> None:
    assert "no problems" in hatlab("check", "strike.md").out
    assert "all 1 passed" in hatlab("verify", "strike.md", "--engine", "sim").out
    assert "| `ready NODE` |" in hatlab("help", "writing-lessons").out
    assert "ready db2" in hatlab("schema", "lesson").out


def test_nobody_says_that_what_its_action_breaks_is_not_needed() -> None:
    layout = Layout.numbered("lab", load_topology("two-node"))
    compiled = compile_lesson(load_lesson("strike.md", None), layout)
    assert not compiled.can_tell_effects(0, "strike")
    shipped = compile_lesson(load_lesson("kill-mysqld", None), layout)
    assert all(shipped.can_tell_effects(step, task.id) for step, task in shipped.lesson.tasks())


def test_a_lesson_says_what_to_install(hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    text = LESSON.replace("extensions: hatlab-example", "extensions: [hatlab-example, other-one]")
    Path("strike.md").write_text(text, encoding="utf-8")
    told = hatlab("learn", "strike.md", "--plain", "--engine", "sim", code=2).err
    assert "this lesson needs the extension other-one, which is not installed: pip install other-one" in told
    monkeypatch.setenv("HATLAB_EXTENSIONS", "off")
    told = hatlab("learn", "strike.md", "--plain", "--engine", "sim", code=2).err
    assert "needs the extension hatlab-example, and extensions are turned off" in told


def test_its_engine_runs_a_lab(hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("start", "--headless", "--for", "0")
    assert "two-node on slow-motion" in hatlab(*words, "--engine", "slow-motion").out
    monkeypatch.setenv("HATLAB_ENGINE", "slow-motion")
    assert "two-node on slow-motion (chosen with HATLAB_ENGINE=slow-motion)" in hatlab(*words).out
    assert "'sim' or 'slow-motion', not 'slow'" in hatlab(*words, "--engine", "slow", code=2).err
    assert "slow-motion" in config_schema()["properties"]["engine"]["examples"]


def test_a_lesson_is_verified_on_its_engine(hatlab: CommandLine) -> None:
    told = hatlab("verify", "strike.md", "--engine", "slow-motion").out
    assert "slow-motion" in told
    assert "all 1 passed" in told
    told = hatlab("verify", "strike.md", "--engine", "fast-motion", code=2).err
    assert "use one of: both, docker, sim, slow-motion" in told


def test_it_is_listed(hatlab: CommandLine) -> None:
    assert hatlab("extensions").out.splitlines()[:2] == [
        "hatlab-example 1.0",
        "  ✔ check      router-ids   SITE001 a virtual_router_id of the network team",
    ]
    listed = [json.loads(line) for line in hatlab("extensions", "--json").out.splitlines()]
    assert {(each["kind"], each["name"]) for each in listed if each["works"]} == {
        ("check", "router-ids"),
        ("action", "strike"),
        ("condition", "ready"),
        ("engine", "slow-motion"),
    }
    assert "strike mysqld|keepalived" in hatlab("help", "do").out
    assert "strike mysqld|keepalived" in hatlab("man", "--roff").out


def test_without_extensions_it_is_as_if_there_were_none(
    hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "SITE001" not in hatlab("check", "db1.conf", "--no-extensions").out
    assert "turned off" in hatlab("extensions", "--no-extensions").out
    Path("config.toml").write_text("extensions = false\n", encoding="utf-8")
    assert "SITE001" not in hatlab("check", "db1.conf", "--config", "config.toml").out
    monkeypatch.setenv("HATLAB_EXTENSIONS", "no")
    assert "strike" not in hatlab("help", "do").out
    assert "'docker' or 'sim', not 'slow-motion'" in hatlab("start", "--engine", "slow-motion", code=2).err
