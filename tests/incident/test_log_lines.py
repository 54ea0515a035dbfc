"""Each form in which logs write a line; hosts and addresses are replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.incident.sources import Hints, LogRecord, SourceNote, find_zone, read_source

AT = 1796004764.0
"""2026-11-30 03:12:44 in Berlin."""
TEXT = "(VI_1) Entering MASTER STATE"
LINES = [
    ("Nov 30 03:12:44 db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("Nov 30 03:12:44.123456 db1 Keepalived_vrrp[812]: ", 0.123456, 1e-6),
    ("2026-11-30T03:12:44+0100 db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("2026-11-30T03:12:44.123456+01:00 db1 Keepalived_vrrp[812]: ", 0.123456, 1e-6),
    ("Mon 2026-11-30 03:12:44 CET db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("1796004764.123456 db1 Keepalived_vrrp[812]: ", 0.123456, 1e-6),
    ("<30>Nov 30 03:12:44 db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("<30>1 2026-11-30T03:12:44.123+01:00 db1 Keepalived_vrrp 812 - - ", 0.123, 1e-3),
]


@pytest.mark.parametrize(("prefix", "fraction", "precision"), LINES)
def test_each_form_of_a_line_is_read(tmp_path: Path, prefix: str, fraction: float, precision: float) -> None:
    (tmp_path / "messages").write_text(f"{prefix}{TEXT}\n")
    records = read_source(tmp_path / "messages", "db1/messages", Hints(find_zone("Europe/Berlin"), year=2026))
    record = next(record for record in records if not isinstance(record, SourceNote))
    assert isinstance(record, LogRecord)
    assert record.stamp is not None
    assert record.stamp.unix == pytest.approx(AT + fraction, abs=1e-6)
    assert record.stamp.precision == pytest.approx(precision)
    assert (record.host, record.program, record.pid, record.text) == ("db1", "Keepalived_vrrp", 812, TEXT)
    assert str(record.place) == "db1/messages:1"
