"""Every shipped lesson is passable on real keepalived and MySQL too."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from shutil import copy

import pytest

from hatlab.cli import main
from hatlab.commands.support.lesson_options import open_library
from hatlab.engine.docker.cleanup import find_labs
from hatlab.engine.docker.connection import connect
from hatlab.lessons.library.loader import read_lesson
from hatlab.topology.library import find_topology
from tests.support.waiting import wait_until


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
def test_a_signal_ends_every_lab_of_a_proof(docker_ready: None, tmp_path: Path) -> None:
    lessons = [_on_a_topology_of_its_own(name, tmp_path) for name in ("one-server", "timers")]
    client = connect()

    def labs() -> list[str]:
        return [remains.lab for remains in find_labs(client) if remains.topology == tmp_path.name]

    argv = [sys.executable, "-m", "hatlab.cli", "verify", *lessons, "--engine", "docker"]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as proof:
        wait_until(lambda: len(labs()) == 2, 60, "two labs")
        proof.send_signal(signal.SIGTERM)
        assert proof.wait(60) == 128 + signal.SIGTERM
    assert not labs()
    client.close()


def _on_a_topology_of_its_own(lesson: str, folder: Path) -> str:
    """A copy of a lesson whose labs are told from those of tests beside this one."""
    shipped, own = open_library().find(lesson), folder / f"{folder.name}.yaml"
    copy(find_topology(read_lesson(shipped).front.topology), own)
    text = re.sub(r"^topology: .*", f"topology: {own.name}", shipped.read_text("utf-8"), count=1, flags=re.M)
    (folder / shipped.name).write_text(text, "utf-8")
    return str(folder / shipped.name)
