"""Every shipped lesson is passable on real keepalived and MySQL too."""

from __future__ import annotations

import pytest

from lab.cli import main


@pytest.mark.docker
@pytest.mark.timeout(1800)
def test_every_shipped_lesson_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """Some minutes: several labs at once, each as long as its lesson's solutions and wrong answers take."""
    code = main(["verify", "--engine", "docker"])
    assert code == 0, capsys.readouterr().out
