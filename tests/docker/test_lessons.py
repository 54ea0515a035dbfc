"""Every shipped lesson is passable on real keepalived and MySQL too."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from lab.cli import main
from lab.engine.docker.connect import connect
from lab.engine.docker.leftovers import leftovers
from tests.waiting import wait_until


@pytest.mark.docker
@pytest.mark.timeout(1800)
def test_every_shipped_lesson_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """Some minutes: several labs at once, each as long as its lesson's solutions and wrong answers take.

    A lesson that fails beside others is tried once more by itself: two cores that start four labs can hold a
    mysqld up for longer than any learner's machine.
    """
    main(["verify", "--engine", "docker", "--jobs", "3", "--json"])
    results = json.loads(capsys.readouterr().out)["results"]
    assert len(results) >= 12
    again = list(dict.fromkeys(result["lesson"] for result in results if not result["ok"]))
    if again:
        code = main(["verify", *again, "--engine", "docker", "--jobs", "1"])
        assert code == 0, capsys.readouterr().out


@pytest.mark.docker
def test_a_signal_ends_every_lab_of_a_proof(docker_ready: None) -> None:
    client = connect()
    before = {remains.lab for remains in leftovers(client)}

    def labs() -> set[str]:
        return {remains.lab for remains in leftovers(client)} - before

    argv = [sys.executable, "-m", "lab.cli", "verify", "one-server", "timers", "--engine", "docker"]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as proof:
        wait_until(lambda: len(labs()) == 2, 60, "two labs")
        proof.send_signal(signal.SIGTERM)
        assert proof.wait(30) == 128 + signal.SIGTERM
    wait_until(lambda: not labs(), 10, "end of both labs")
    client.close()
