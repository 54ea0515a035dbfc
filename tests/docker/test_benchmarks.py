"""The benchmarks on Docker in their shortest form; see tests/benchmarks/test_shortest.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import commands, naive, screen

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("docker_ready")]


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))  # `hatlab down` ends the labs of this test alone


def test_a_life_is_measured() -> None:
    assert commands.life().keys() == {"answer", "reset", "down"}


def test_the_screen_is_measured() -> None:
    assert all(any(character.isdigit() for character in row) for row in screen.rows(1.5))


def test_the_naive_order_is_written() -> None:
    assert "hatlab-naive" in naive.naive_file()
