"""Every shipped lesson is passable on real keepalived and MySQL too."""

from __future__ import annotations

import json

import pytest

from lab.cli import main


@pytest.mark.docker
@pytest.mark.timeout(1800)
def test_every_shipped_lesson_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """Some minutes: several labs at once, each as long as its lesson's solutions and wrong answers take.

    A lesson that fails beside others is tried once more by itself: two cores that start six labs can hold a
    mysqld up for longer than any learner's machine.
    """
    main(["verify", "--engine", "docker", "--json"])
    results = json.loads(capsys.readouterr().out)["results"]
    assert len(results) >= 12
    again = list(dict.fromkeys(result["lesson"] for result in results if not result["ok"]))
    if again:
        code = main(["verify", *again, "--engine", "docker", "--jobs", "1"])
        assert code == 0, capsys.readouterr().out
