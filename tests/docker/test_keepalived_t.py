"""`keepalived -t` finds a mistake exactly where `hatlab check` has a finding that says so."""

from __future__ import annotations

from typing import Any

import pytest

from hatlab.keepalived.diagnose import diagnose_config
from tests.keepalived.mistakes import FILES, right_values, wrong_values
from tests.keepalived.random_files import random_files

pytestmark = pytest.mark.docker
CORPUS = list(dict.fromkeys([*FILES, *wrong_values(), *right_values(), *random_files(1, 400)]))
BATCH = 200
"""Configurations of one container."""


@pytest.mark.parametrize("start", range(0, len(CORPUS), BATCH))
def test_what_it_reports_is_found_and_nothing_else_is_said_to_be(start: int, keepalived: Any) -> None:
    for text, code, output in keepalived("keepalived -t", CORPUS[start : start + BATCH]):
        found = [(finding.code, finding.line) for finding in diagnose_config(text) if finding.reported]
        assert bool(code) == bool(found), f"{text}\nexit {code}: {output}\nfound: {found}"
