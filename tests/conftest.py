"""Decides, once, whether tests marked `docker` can run; HATLAB_REQUIRE_DOCKER=1 forbids leaving them out."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from hatlab.errors import LabError
from hatlab.registry import tell_problems_to, use_extensions
from hatlab.settings.effective import Settings, use_settings
from tests.docker_files import may_use_docker
from tests.support.browser import CHROMIUM, Browser, running_browser
from tests.support.garbage import collect_failed_attempts

for name in [name for name in os.environ if name.startswith("HATLAB_")]:
    if name not in {"HATLAB_REQUIRE_DOCKER", "HATLAB_IMAGE"}:
        del os.environ[name]  # settings of whoever runs the tests
signal.signal(signal.SIGINT, signal.default_int_handler)
"""A shell lets its background jobs ignore Ctrl-C, and so would all that they start."""
os.environ["HATLAB_CONFIG"] = os.devnull
os.environ["HATLAB_EXTENSIONS"] = "off"  # what else is installed here is no matter of these tests
settings.register_profile("hatlab", deadline=None)
settings.load_profile("hatlab")  # how long an example may take is no matter of pass or fail

LONGEST_FIRST = (
    "tests/parity/test_docker.py",
    "tests/docker/test_drills.py",
    "tests/docker/test_command_line.py",
    "tests/engine/test_topologies.py",
    "tests/docker/test_engine_life.py",
)
"""Files of Docker tests that take minutes come first, so that no worker is left alone with one at the end."""


@pytest.hookimpl(tryfirst=True)  # xdist's own reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Docker tests of one file run one after the other, as many share a lab; other files run beside it."""
    root = Path(__file__).parents[1]
    files = {item.nodeid: item.path.relative_to(root).as_posix() for item in items}
    for item in items:
        if item.get_closest_marker("docker"):
            item.add_marker(pytest.mark.xdist_group(files[item.nodeid]))
            if not may_use_docker(files[item.nodeid]):
                raise pytest.UsageError(f"{files[item.nodeid]}: add it to PLACES in tests/docker_files.py")
    rank = {file: number for number, file in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(files[item.nodeid], len(rank)))


@cache
def _obstacle() -> str:
    """Why a Docker lab cannot run here; empty if it can."""
    from hatlab.engine.docker.connection import connect
    from hatlab.engine.docker.image.name import choose_image

    try:
        client = connect()
        try:
            choose_image(client)
        finally:
            client.close()
    except LabError as error:
        obstacle = f"{error.message} ({error.hint})"
    else:
        return ""
    collect_failed_attempts()
    return obstacle


@pytest.fixture(scope="session")
def docker_ready() -> None:
    """A Docker engine answers and has the node image; otherwise the test is skipped, or fails if required."""
    _require_docker()


def _require_docker() -> None:
    if obstacle := _obstacle():
        if os.environ.get("HATLAB_REQUIRE_DOCKER") == "1":
            pytest.fail(f"HATLAB_REQUIRE_DOCKER=1, but {obstacle}", pytrace=False)
        pytest.skip(obstacle)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; without one the test is skipped, or fails if HATLAB_REQUIRE_BROWSER says so."""
    if CHROMIUM is None:
        words = "there is no Chromium here: `apt-get install chromium` brings it"
        if os.environ.get("HATLAB_REQUIRE_BROWSER"):
            pytest.fail(words)
        pytest.skip(words)
    with running_browser() as running:
        yield running


@pytest.hookimpl(tryfirst=True)  # before any fixture starts a lab
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("docker"):
        _require_docker()


@pytest.fixture(autouse=True)
def _no_settings_of_another_test() -> Iterator[None]:
    """A command that was run here leaves its settings to none of the next tests."""
    use_extensions(lambda: False)
    yield
    use_settings(Settings())
    use_extensions(lambda: False)
    tell_problems_to(None)


@pytest.fixture(autouse=True)
def _no_lab_runs_on() -> Iterator[None]:
    """A simulated lab that a test forgot to stop takes processor time from all tests after it: Textual's
    pilot waits for an idle processor, up to a second a key."""
    before = {thread for thread in threading.enumerate() if thread.name == "sim-clock"}
    yield
    left = [t for t in threading.enumerate() if t.name == "sim-clock" and t not in before]
    assert not left, "a simulated lab still runs: stop its session"
