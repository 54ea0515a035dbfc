"""Decides, once, whether tests marked `docker` can run; HATLAB_REQUIRE_DOCKER=1 forbids leaving them out."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from lab.errors import LabError


@pytest.hookimpl(tryfirst=True)  # xdist's own reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Labs in containers mostly wait: the lessons' tests can run beside all others, which go one by one."""
    for item in items:
        if item.get_closest_marker("docker"):
            lessons = item.path.name == "test_lessons.py"
            item.add_marker(pytest.mark.xdist_group("lessons" if lessons else "labs"))


def _obstacle() -> str:
    """Why a Docker lab cannot run here; empty if it can."""
    from lab.engine.docker.connect import connect
    from lab.engine.docker.image import chosen

    try:
        client = connect()
        try:
            chosen(client)
        finally:
            client.close()
    except LabError as error:
        return f"{error.message} ({error.hint})"
    return ""


@pytest.fixture(scope="session")
def docker_ready() -> None:
    """A Docker engine answers and has the node image; otherwise the test is skipped, or fails if required."""
    if obstacle := _obstacle():
        if os.environ.get("HATLAB_REQUIRE_DOCKER") == "1":
            pytest.fail(f"HATLAB_REQUIRE_DOCKER=1, but {obstacle}", pytrace=False)
        pytest.skip(obstacle)


@pytest.fixture(autouse=True)
def _needs_docker(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("docker"):
        request.getfixturevalue("docker_ready")


@pytest.fixture(autouse=True)
def _no_lab_runs_on() -> Iterator[None]:
    """A simulated lab that a test forgot to stop takes processor time from all tests after it: Textual's
    pilot waits for an idle processor, up to a second a key."""
    before = {thread for thread in threading.enumerate() if thread.name == "sim-clock"}
    yield
    left = [t for t in threading.enumerate() if t.name == "sim-clock" and t not in before]
    assert not left, "a simulated lab still runs: stop its session"
