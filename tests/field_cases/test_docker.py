"""The field cases on Docker, a few labs at once: those in which real programs decide."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.field_cases.lab import play, write_topology
from tests.field_cases.table import CASES, NOT_YET

pytestmark = [pytest.mark.docker, pytest.mark.timeout(240), pytest.mark.xdist_group("field cases")]
AT_ONCE = 5


def test_labs_of_containers_show_what_was_reported(docker_ready: None, tmp_path: Path) -> None:
    chosen = [case for case in CASES if case.docker and (case.folder, "docker") not in NOT_YET]
    files = [write_topology(case, tmp_path) for case in chosen]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        missing = list(pool.map(lambda case, file: play(case, file, "docker"), chosen, files))
    not_shown = {case.folder: texts for case, texts in zip(chosen, missing, strict=True) if texts}
    assert not_shown == {}
