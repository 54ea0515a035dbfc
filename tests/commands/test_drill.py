"""hatlab drill: what is played, what is listed, what is refused."""

from __future__ import annotations

import io
import json
from functools import partialmethod
from pathlib import Path

import pytest

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.lessons.records.drill_file import DrillFile
from tests.support.command_line import CommandLine
from tests.support.drill_texts import DRILL
from tests.support.lesson_texts import LESSON


@pytest.fixture
def drill(tmp_path: Path) -> Path:
    path = tmp_path / "one-way.md"
    path.write_text(DRILL)
    return path


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a learner types, on a simulator whose time runs fast."""
    monkeypatch.setattr(SimulatorEngine, "__init__", partialmethod(SimulatorEngine.__init__, speed=20.0))
    found = io.StringIO("1\nheal heartbeat\nwait 12\n")
    monkeypatch.setattr("sys.stdin", found)
    return found


@pytest.mark.parametrize("command", ["drill", "learn"])
def test_a_drill_of_a_file(hatlab: CommandLine, drill: Path, typed: io.StringIO, command: str) -> None:
    read = hatlab(command, drill, "--plain", "--engine", "sim").out
    assert "# Solved in" in read
    assert "level 2" in hatlab("drill", "--list").out
    rows = [json.loads(row) for row in hatlab("drill", "--list", "--json").out.splitlines()]
    assert [row["id"] for row in rows if row["tries"]] == ["one-way"]
    assert len(rows) == 21
    assert "one-way networks" in hatlab("drill", "--table").out
    (row,) = hatlab("drill", "--table", "--json").out.splitlines()
    assert (json.loads(row)["tries"], json.loads(row)["missed"]) == (1, 0)
    assert not hatlab("lessons", "--export", "-").out.count("one-way")


def test_a_drill_of_a_seed(hatlab: CommandLine, typed: io.StringIO) -> None:
    read = hatlab("drill", "--seed", "5", "--level", "1", "--minutes", "3", "--plain", "--engine", "sim").out
    assert "The clock allows 3 minutes." in read
    assert "8. " in read


def test_the_next_drill_is_told(hatlab: CommandLine) -> None:
    assert "--level 1 --seed" in hatlab("drill", "--next").out
    told = json.loads(hatlab("drill", "--next", "--level", "2", "--json").out)
    assert told["level"] == 2
    assert told["faults"]


def test_the_record_is_exported_imported_and_forgotten(
    hatlab: CommandLine, drill: Path, typed: io.StringIO, tmp_path: Path
) -> None:
    hatlab("drill", drill, "--plain", "--engine", "sim")
    hatlab("drill", "--export", tmp_path / "mine.json")
    hatlab("drill", "--reset", "one-way")
    assert "one-way" not in hatlab("drill", "--list", "--json").out
    assert "1 drill imported" in hatlab("drill", "--import", tmp_path / "mine.json").out
    assert set(DrillFile(tmp_path / "mine.json").drills) == {"one-way"}
    hatlab("drill", "--reset", "all")
    assert "not played" in hatlab("drill", "--table").out
    assert "not played" in hatlab("drill", "--reset", "one-way", code=2).err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("no-such-drill",), "no-such-drill"),
        (("one-way.md", "--seed", "3"), "--seed has no meaning together with"),
        (("--minutes", "0"), "out of range"),
        (("--json",), "--json has no meaning here"),
        (("--topology", "no-such-lab"), "no-such-lab"),
        (("--level", "7"), "--level"),
    ],
)
def test_what_says_nothing_is_refused(hatlab: CommandLine, words: tuple[str, ...], message: str) -> None:
    assert message in hatlab("drill", *words, code=2).err


def test_a_lesson_is_no_drill(hatlab: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "small.md"
    path.write_text(LESSON)
    assert "a lesson, not a drill" in hatlab("drill", path, code=2).err


def test_a_new_drill_is_sound(hatlab: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "hatlab verify" in hatlab("new", "drill", "mine").out
    hatlab("check", "mine.md")
    hatlab("verify", "mine.md", "--engine", "sim")
