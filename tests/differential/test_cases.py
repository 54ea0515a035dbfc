"""The simulator does what real keepalived did in every case that is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.judge import differences
from tests.differential.kept import FOLDER, read_case, write_case


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_simulator_agrees_with_what_real_keepalived_did(file: Path) -> None:
    case, real = read_case(file)

    assert list(map(str, differences(case, real))) == []


def test_a_kept_case_reads_as_it_was_written(tmp_path: Path) -> None:
    file = next(iter(sorted(FOLDER.glob("*.yaml"))))
    case, real = read_case(file)

    write_case(tmp_path / "again.yaml", case, real, ["a comment"])

    assert read_case(tmp_path / "again.yaml") == (case, real)
