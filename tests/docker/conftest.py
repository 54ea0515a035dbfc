from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.docker.watched import Watched


@pytest.fixture(scope="module")
def running(docker_ready: None) -> Iterator[Watched]:
    """One lab for all tests of a file."""
    lab = Watched()
    lab.start()
    yield lab
    lab.engine.stop()


@pytest.fixture
def lab(running: Watched) -> Watched:
    """The file's lab, at its beginning: db1 is Master and nothing is broken."""
    if running.all(type(running.events[0])):
        running.do("reset")
    running.healthy()
    return running
