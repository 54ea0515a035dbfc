"""Times that lack a zone, a year or a day; summer time; a clock that is set."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hatlab.errors import UserError
from hatlab.incident.sources import ClockStep, Hints, find_zone
from tests.incident.sources.texts import logs, notes, read

LINE = "db1 Keepalived_vrrp[812]: (VI_1) Entering MASTER STATE"
UTC_ZONE = find_zone("UTC")


def _times(
    folder: Path, stamps: list[str], zone: str = "UTC", written: str = "2026-11-30T12:00:00"
) -> list[str]:
    """When each line was written, in UTC; the file was written on that day."""
    at = datetime.fromisoformat(written).replace(tzinfo=UTC).timestamp()
    records = read(folder, "".join(f"{stamp} {LINE}\n" for stamp in stamps), Hints(find_zone(zone)), at)
    return [
        datetime.fromtimestamp(record.stamp.unix, UTC).isoformat()[:19]
        for record in logs(records)
        if record.stamp
    ]


def test_a_missing_year_is_that_of_the_file(tmp_path: Path) -> None:
    assert _times(tmp_path, ["Mar  3 01:00:00"], written="2021-04-01T00:00:00") == ["2021-03-03T01:00:00"]
    assert _times(tmp_path, ["Dec 31 01:00:00"], written="2021-01-02T00:00:00") == ["2020-12-31T01:00:00"]


def test_a_year_turns_inside_a_file(tmp_path: Path) -> None:
    stamps = ["Dec 31 23:59:58", "Dec 31 23:59:59", "Jan  1 00:00:01"]
    assert _times(tmp_path, stamps, written="2022-01-02T00:00:00") == [
        "2021-12-31T23:59:58",
        "2021-12-31T23:59:59",
        "2022-01-01T00:00:01",
    ]


def test_a_leap_day_is_of_a_leap_year(tmp_path: Path) -> None:
    assert _times(tmp_path, ["Feb 29 01:00:00"], written="2023-04-01T00:00:00") == ["2020-02-29T01:00:00"]


def test_a_day_of_the_week_tells_the_year(tmp_path: Path) -> None:
    assert _times(tmp_path, ["Tue Nov 30 01:00:00"], written="2026-12-30T00:00:00") == ["2021-11-30T01:00:00"]


def test_a_header_of_the_journal_tells_the_year_and_the_zone(tmp_path: Path) -> None:
    header = "-- Logs begin at Thu 2019-08-01 10:00:00 CEST, end at Fri 2019-11-29 12:00:00 CET. --"
    records = read(tmp_path, f"{header}\nNov 29 11:00:00 {LINE}\n", Hints())
    (record,) = [line for line in logs(records) if line.host]
    assert record.stamp is not None
    assert datetime.fromtimestamp(record.stamp.unix, UTC).isoformat() == "2019-11-29T10:00:00+00:00"


def test_the_hour_that_autumn_has_twice_is_told_by_the_order(tmp_path: Path) -> None:
    stamps = ["2026-10-25 01:59:59", "2026-10-25 02:30:00", "2026-10-25 02:59:59", "2026-10-25 02:00:01"]
    assert _times(tmp_path, [*stamps, "2026-10-25 02:30:00", "2026-10-25 03:00:00"], "Europe/Berlin") == [
        "2026-10-24T23:59:59",
        "2026-10-25T00:30:00",
        "2026-10-25T00:59:59",
        "2026-10-25T01:00:01",
        "2026-10-25T01:30:00",
        "2026-10-25T02:00:00",
    ]


def test_the_hour_that_spring_has_not_is_no_error(tmp_path: Path) -> None:
    stamps = ["2026-03-29 01:59:59", "2026-03-29 03:00:00"]
    assert _times(tmp_path, stamps, "Europe/Berlin") == ["2026-03-29T00:59:59", "2026-03-29T01:00:00"]
    assert len(_times(tmp_path, ["2026-03-29 02:30:00"], "Europe/Berlin")) == 1


def test_summer_time_counts_without_a_zone_of_the_user_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        records = read(tmp_path, f"2026-07-01 12:00:00 {LINE}\n", Hints())
    finally:
        monkeypatch.undo()
        time.tzset()
    (record,) = logs(records)
    assert record.stamp is not None
    assert datetime.fromtimestamp(record.stamp.unix, UTC).hour == 10
    assert any("have no zone" in note for note in notes(records))


def test_what_is_assumed_is_told_once(tmp_path: Path) -> None:
    records = read(tmp_path, f"Nov 30 01:00:00 {LINE}\n" * 3, Hints(UTC_ZONE))
    assert notes(records) == ["db1/source:1: Its times have no year: the last is taken for one of 2026."]
    assert {record.stamp.assumed for record in logs(records) if record.stamp} == {"year"}


def test_a_log_with_its_newest_lines_first_is_read_from_its_end(tmp_path: Path) -> None:
    stamps = ["Nov 30 01:00:03", "Nov 30 01:00:02", "Nov 30 01:00:02", "Nov 29 01:00:00"]
    records = read(tmp_path, "".join(f"{stamp}  {LINE[4:]}\n" for stamp in stamps), Hints(UTC_ZONE))
    assert [record.place.number for record in logs(records)] == [4, 3, 2, 1]
    assert not [record for record in records if isinstance(record, ClockStep)]
    assert notes(records)[0] == "db1/source:1: Its newest lines stand first: it is read from its end."


def test_a_clock_that_goes_back_is_told(tmp_path: Path) -> None:
    stamps = ["Nov 30 01:00:00", "Nov 30 01:00:45", "Nov 30 01:00:15", "Nov 30 01:00:14", "Nov 30 01:00:16"]
    records = read(tmp_path, "".join(f"{stamp} {LINE}\n" for stamp in stamps), Hints(UTC_ZONE))
    assert [
        (step.seconds, step.exact, step.place.number) for step in records if isinstance(step, ClockStep)
    ] == [(-30.0, False, 3)]
    assert [record.place.number for record in logs(records)] == [1, 2, 3, 4, 5]


STEPS = [
    ("chronyd[1]: System clock was stepped by -25.123456 seconds", -25.123456),
    ("ntpd[1]: time reset +45.123456 s", 45.123456),
    ("ntpd[1]: step time server 198.18.0.1 offset 12.5 sec", 12.5),
]


@pytest.mark.parametrize(("line", "seconds"), STEPS)
def test_a_daemon_tells_by_how_much_it_set_the_clock(tmp_path: Path, line: str, seconds: float) -> None:
    records = read(tmp_path, f"Nov 30 01:00:00 {LINE}\nNov 30 01:00:00 db1 {line}\n", Hints(UTC_ZONE))
    assert [(step.seconds, step.exact) for step in records if isinstance(step, ClockStep)] == [
        (seconds, True)
    ]


def test_a_clock_set_by_an_unknown_time_is_told(tmp_path: Path) -> None:
    records = read(
        tmp_path, f"Nov 30 01:00:00 {LINE}\nNov 30 01:00:01 db1 systemd[1]: Time has been changed\n"
    )
    assert "db1/source:2: The clock was set here; the log does not say by how much." in notes(records)


def test_several_hosts_in_one_file_have_clocks_of_their_own(tmp_path: Path) -> None:
    text = "".join(f"Nov 30 01:00:{second:02} db{second % 2} {LINE[4:]}\n" for second in (50, 11, 52, 13))
    assert not [record for record in read(tmp_path, text) if isinstance(record, ClockStep)]


def test_times_of_day_are_of_the_day_on_which_the_file_was_written(tmp_path: Path) -> None:
    advert = "IP 198.18.0.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype none, intvl 1s"
    at = datetime(2026, 11, 30, 0, 0, 5, tzinfo=UTC).timestamp()
    stamps = ("23:59:59.0", "00:00:00.1", "00:00:01.1")
    records = read(tmp_path, "".join(f"{stamp} {advert}\n" for stamp in stamps), Hints(UTC_ZONE), at)
    times = [getattr(record, "stamp", None) for record in records]
    assert [round(stamp.unix - at, 1) for stamp in times if stamp] == [-6.0, -4.9, -3.9]
    assert {stamp.assumed for stamp in times if stamp} == {"date"}


def test_a_zone_that_does_not_exist_is_an_error() -> None:
    for name in ("Mars/Base", "../etc/passwd", ""):
        with pytest.raises(UserError, match="no time zone"):
            find_zone(name)
