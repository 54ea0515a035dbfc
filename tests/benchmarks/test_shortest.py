"""The benchmarks in their shortest form: what they measure means nothing, but they still run."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.benchmarks import (
    captures,
    codec,
    first_screen,
    forms,
    imports,
    keys,
    lessons,
    page,
    replay,
    simulator,
)

SHORTEST: dict[str, Callable[[], Iterable[str]]] = {
    "captures": lambda: captures.rows(1000),
    "codec": lambda: [codec.main(10)],
    "first": lambda: first_screen.rows(1, compiling=False),
    "forms": lambda: forms.rows(2000),
    "imports": lambda: imports.rows(40, 4000),
    "keys": lambda: keys.rows(1, ("1", "2", "?", "\x1b"), 0.01),
    "replay": lambda: replay.rows(0.01),
    "simulator": lambda: simulator.rows(0.005),
}


@pytest.mark.parametrize("part", SHORTEST)
def test_a_benchmark_runs(part: str) -> None:
    rows = list(SHORTEST[part]())
    assert rows
    assert all(any(character.isdigit() for character in row) for row in rows)


def test_a_page_is_made(tmp_path: Path) -> None:
    assert page.make_page(tmp_path / "page.html", "two-node", minutes=1) > 0


def test_a_task_ticks() -> None:
    assert len(lessons.ticked(1)) == 1


def test_the_app_at_rest_is_measured() -> None:
    """In a process of its own: the measured one is forked from it."""
    command = [sys.executable, "-m", "tests.benchmarks.resting", "0.2", "80x24", "0"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert re.fullmatch(r"80x24: \d+\.\d % of a core, \d+ MB\n", told.stdout), told.stderr
