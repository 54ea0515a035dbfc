"""Where tests on Docker may stand, so that nothing else is collected for them."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

LESSONS_ON_DOCKER = "tests/docker/test_lessons.py"
PLACES = (
    "tests/docker/*",
    "tests/parity/*",
    "tests/engine/test_*.py",
    "tests/field_cases/*",
    "tests/differential/test_docker.py",
    "tests/lessons/play/test_checkpoints.py",
)


def may_use_docker(file: str) -> bool:
    return any(fnmatch(file, place) for place in PLACES)


def docker_paths() -> Iterator[str]:
    """The same places, as pytest takes them."""
    for place in PLACES:
        if place.endswith("/*"):
            yield place.removesuffix("/*")
        else:
            yield from sorted(str(path) for path in Path().glob(place))
