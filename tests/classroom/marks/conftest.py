"""A class's work, made once: each test forges a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.classroom.marks.students import STUDENTS, take_lesson, write_lesson


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `course/` and `handed-in/NAME/`."""
    root = tmp_path_factory.mktemp("class")
    lesson = write_lesson(root / "course")
    for name, seed in STUDENTS.items():
        take_lesson(lesson, root / "handed-in" / name, seed)
    return root


@pytest.fixture
def work(honest: Path, tmp_path: Path) -> Path:
    """A copy of the class's work, in which the lesson stands where it stood."""
    shutil.copytree(honest / "handed-in", tmp_path / "handed-in")
    shutil.copytree(honest / "course", tmp_path / "course")
    return tmp_path
