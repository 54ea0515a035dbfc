"""What authors of lessons copy from the page: each command of its examples runs, and so do the hooks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.command_line import CommandLine

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "lessons-in-ci.md").read_text(encoding="utf-8")
EXAMPLES: list[Any] = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)]
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def _commands(data: Any) -> Iterator[str]:
    """Yield every command of hatlab's in an example, wherever it stands."""
    if isinstance(data, dict):
        for value in data.values():
            yield from _commands(value)
    elif isinstance(data, list):
        for value in data:
            yield from _commands(value)
    elif (
        isinstance(data, str)
        and data.startswith("hatlab ")
        and data != "hatlab check"
        and data != "hatlab verify"
    ):
        yield data


COMMANDS = {*_commands(EXAMPLES), *(" ".join([hook["entry"], *hook["args"]]) for hook in HOOKS)}


@pytest.fixture
def course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """A repository with a lesson, its topology, and a page beside them that is neither."""
    hatlab = CommandLine(capsys)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "lessons").mkdir()
    monkeypatch.chdir(tmp_path / "lessons")
    hatlab("new", "lesson", "first")
    hatlab("new", "topology", "own")
    Path("README.md").write_text("# A course\n")
    monkeypatch.chdir(tmp_path)
    return hatlab


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_command_of_an_example_passes_a_sound_course(command: str, course: CommandLine) -> None:
    course(*shlex.split(command)[1:])


def test_checking_fails_on_a_mistake(course: CommandLine) -> None:
    lesson = Path("lessons/first.md")
    lesson.write_text(lesson.read_text().replace("minutes: 5", "minutes: soon"))
    assert "first.md:" in course("check", "--quiet", "lessons/", code=1).out


def test_both_systems_and_the_hook_are_on_the_page() -> None:
    assert len(EXAMPLES) == 3
    assert "hatlab verify --engine sim lessons/" in COMMANDS


def test_a_hook_has_what_pre_commit_asks_for() -> None:
    assert [hook["id"] for hook in HOOKS] == ["hatlab-check", "hatlab-verify"]
    assert all({"id", "name", "entry", "language"} <= hook.keys() for hook in HOOKS)
