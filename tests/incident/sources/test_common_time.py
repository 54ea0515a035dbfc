"""What one file does not say of its times, another may."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hatlab.incident.sources import Hints, find_hints, find_zone, read_source

HINTS = Hints(find_zone("UTC"))
ADVERT = "IP 198.18.0.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype none, intvl 1s"
LOG = "db1 Keepalived_vrrp[812]: (VI_1) Entering MASTER STATE"
JOURNAL = '{"__REALTIME_TIMESTAMP": "1709173800000000", "MESSAGE": "(VI_1) Entering MASTER STATE"}'
"""2024-02-29 02:30:00."""


def _days(folder: Path, texts: dict[str, bytes]) -> dict[str, str]:
    """The day that each file's first record is of; all were written years later."""
    for name, text in texts.items():
        (folder / name).write_bytes(text)
        os.utime(folder / name, (1796050000.0, 1796050000.0))
    paths = [folder / name for name in texts]
    days = {}
    for path, hints in zip(paths, find_hints(paths, HINTS), strict=True):
        stamps = (getattr(record, "stamp", None) for record in read_source(path, path.name, hints))
        first = next(stamp for stamp in stamps if stamp is not None)
        days[path.name] = datetime.fromtimestamp(first.unix, UTC).isoformat()[:10]
    return days


@pytest.mark.parametrize(
    "dated",
    [
        JOURNAL.encode(),
        f"2024-02-29T02:30:00+00:00 {LOG}\n".encode(),
        gzip.compress(f"Thu Feb 29 02:30:00 2024: {LOG}\n".encode()),
        f"1709173800.0 {LOG}\n".encode(),
    ],
    ids=["json", "iso", "compressed", "unix"],
)
def test_a_year_and_a_day_are_those_of_the_other_files(tmp_path: Path, dated: bytes) -> None:
    texts = {
        "capture": f"02:29:59.1 {ADVERT}\n02:31:00.1 {ADVERT}\n".encode(),
        "log": f"Feb 29 02:30:00 {LOG}\n".encode(),
        "dated": dated,
    }
    assert set(_days(tmp_path, texts).values()) == {"2024-02-29"}


def test_a_day_is_that_of_a_log_without_years(tmp_path: Path) -> None:
    texts = {"capture": f"23:59:59.1 {ADVERT}\n".encode(), "log": f"Mar 12 00:00:02 {LOG}\n".encode()}
    assert _days(tmp_path, texts) == {"capture": "2026-03-11", "log": "2026-03-12"}


def test_what_cannot_be_read_is_left_to_the_reader(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 10)
    paths = [tmp_path / "binary", tmp_path / "nowhere", tmp_path, Path("/dev/zero")]
    assert find_hints(paths, HINTS) == [HINTS] * 4
