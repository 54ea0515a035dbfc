"""Many commands are tried here without a Docker engine."""

from collections.abc import Iterator

import pytest

from tests.support.garbage import collect_failed_attempts


@pytest.fixture(autouse=True, scope="module")
def _nothing_left_for_a_later_test() -> Iterator[None]:
    yield
    collect_failed_attempts()
