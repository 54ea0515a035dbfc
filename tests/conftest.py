"""Decides, once, whether tests marked `docker` can run; HATLAB_REQUIRE_DOCKER=1 forbids leaving them out."""

from __future__ import annotations

import os

import pytest

from lab.errors import LabError


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
