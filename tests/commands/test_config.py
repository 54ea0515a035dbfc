"""`hatlab config`, and the settings as commands take them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hatlab.commands.support.engine_choice import make_engine
from hatlab.commands.support.lifecycle import new_recording
from hatlab.commands.support.open_settings import apply_settings
from hatlab.commands.support.parsers import command_parser
from hatlab.recorder import KEEP
from hatlab.session import Session
from hatlab.settings.effective import Settings, use_settings
from hatlab.topology.library import load_topology
from hatlab.util.kiosk import KIOSK_VARIABLE
from tests.support.command_line import CommandLine


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a person's own file, which is not there yet."""
    monkeypatch.delenv("HATLAB_CONFIG")
    monkeypatch.setenv("HATLAB_ASCII", "0")
    monkeypatch.delenv("HATLAB_ASCII")  # what a command sets is undone
    path = tmp_path / "config" / "config.toml"
    monkeypatch.setattr("hatlab.util.paths.config_path", lambda: path)
    return path


def test_init_writes_a_file_that_counts_and_never_overwrites_it(config: Path, hatlab: CommandLine) -> None:
    assert "`hatlab config init` writes" in hatlab("config").out
    assert str(config) in hatlab("config", "init").out
    text = config.read_text(encoding="utf-8").replace('#theme = "nord"', 'theme = "nord"')
    config.write_text(text, encoding="utf-8")
    theme = next(line for line in hatlab("config").out.splitlines() if line.startswith("theme"))
    assert theme.split() == ["theme", "nord", f"{config}:{text[: text.index('theme = ')].count(chr(10)) + 1}"]
    assert "is already there" in hatlab("config", "init", code=2).err
    assert config.read_text(encoding="utf-8") == text


def test_the_settings_as_json(config: Path, hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATLAB_PANE", "log")
    found = json.loads(hatlab("config", "--json").out)
    assert found["settings"]["pane"] == {"value": "log", "from": "variable", "place": "HATLAB_PANE"}


def test_check_lists_every_mistake(config: Path, hatlab: CommandLine) -> None:
    config.parent.mkdir()
    config.write_text('engine = "sum"\n\nthem = 1\n', encoding="utf-8")
    lines = hatlab("config", "check", code=1).out.splitlines()
    assert [line.removeprefix(f"{config}:").split(":")[0] for line in lines] == ["1", "3"]
    config.write_text("a = = 1", encoding="utf-8")
    assert "not valid TOML" in hatlab("config", "check", code=1).out


@pytest.mark.parametrize("where", ["before", "behind", "with =", "variable"])
def test_a_file_is_named_before_a_command_or_behind_it(
    tmp_path: Path, hatlab: CommandLine, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "other.toml"
    path.write_text('language = "de"\n', encoding="utf-8")
    option: dict[str, tuple[list[object], list[object]]] = {
        "before": (["--config", path], []),
        "behind": ([], ["--config", path]),
        "with =": ([f"--config={path}"], []),
    }
    if where == "variable":
        monkeypatch.setenv("HATLAB_CONFIG", str(path))
    before, behind = option.get(where, ([], []))
    found = json.loads(hatlab(*before, "config", "--json", *behind).out)
    assert found["settings"]["language"]["value"] == "de"


@pytest.mark.parametrize("command", [["start", "--headless", "--for", "0"], ["lessons"], ["topologies"]])
def test_a_damaged_file_ends_a_command_with_its_place(
    config: Path, hatlab: CommandLine, command: list[str]
) -> None:
    config.parent.mkdir()
    config.write_text("\nascii = yes\n", encoding="utf-8")
    said = hatlab(*command, code=2)
    assert f"{config}:2:9: not valid TOML" in said.err
    with pytest.raises(SystemExit):
        hatlab(command[0], "--help")


def test_help_and_version_need_no_file(config: Path, hatlab: CommandLine) -> None:
    config.parent.mkdir()
    config.write_text("x x", encoding="utf-8")
    assert hatlab("--version").out.startswith("hatlab ")
    assert hatlab("--help").out.startswith("usage")


@pytest.mark.parametrize(
    ("words", "environ", "reason"),
    [
        (["--engine", "sim"], {}, "chosen with --engine sim"),
        ([], {"HATLAB_ENGINE": "sim"}, "chosen with HATLAB_ENGINE=sim"),
        ([], {}, "chosen in config.toml:1"),
    ],
)
def test_an_engine_says_where_it_was_chosen(
    config: Path, words: list[str], environ: dict[str, str], reason: str
) -> None:
    config.parent.mkdir()
    config.write_text('engine = "sim"\n', encoding="utf-8")
    use_settings(Settings(config, environ))
    args = command_parser("start").parse_args(words)
    apply_settings(args)
    engine = make_engine(args.engine, "two-node", load_topology("two-node"))
    assert vars(engine)["_reason"] == reason


@pytest.mark.parametrize(
    ("words", "engine"),
    [(["--context", "far"], "docker"), (["--context", "far", "--engine", "auto"], "auto"), ([], "auto")],
)
def test_a_context_as_an_option_asks_for_docker(words: list[str], engine: str) -> None:
    use_settings(Settings(None, {"HATLAB_DOCKER_CONTEXT": "near"}))
    args = command_parser("start").parse_args(words)
    apply_settings(args)
    assert (args.engine, args.context) == (engine, "far" if words else "near")


def test_ascii_in_the_file_concerns_every_command(config: Path, hatlab: CommandLine) -> None:
    config.parent.mkdir()
    config.write_text("ascii = true\n", encoding="utf-8")
    assert hatlab("topologies").out.isascii()
    assert os.environ["HATLAB_ASCII"] == "1"


def test_a_kiosk_reads_only_a_file_that_is_named(
    config: Path, hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.parent.mkdir()
    config.write_text('theme = "mine"\n', encoding="utf-8")
    monkeypatch.setenv(KIOSK_VARIABLE, "1")
    assert json.loads(hatlab("config", "--json").out)["settings"]["theme"]["value"] != "mine"
    named = json.loads(hatlab("config", "--json", "--config", config).out)
    assert named["settings"]["theme"]["value"] == "mine"


def test_runs_are_recorded_where_the_settings_say(tmp_path: Path) -> None:
    session = Session(make_engine("sim", "two-node", load_topology("two-node")))
    folder = tmp_path / "runs"
    use_settings(Settings(None, {"HATLAB_RECORD": str(folder)}))
    paths = [new_recording(session) for _ in range(KEEP + 1)]
    assert sorted(folder.glob("*.jsonl")) == sorted(filter(None, paths))
    use_settings(Settings(None, {"HATLAB_RECORD": "no"}))
    assert new_recording(session) is None
