"""Times as sources write them: with or without a year, a date, a zone. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv ene gen 1月 янв",
            "feb févr fév fev 2月 фев",
            "mar mär mrz mars maa 3月 мар",
            "apr avr abr 4月 апр",
            "may mai mag mei 5月 мая май",
            "jun juin giu 6月 июн",
            "jul juil lug 7月 июл",
            "aug août aoû ago 8月 авг",
            "sep sept set 9月 сен",
            "oct okt ott out 10月 окт",
            "nov 11月 ноя",
            "dec dez déc dic 12月 дек",
        ),
        1,
    )
    for name in names.split()
}
"""Names of months as journalctl and others shorten them, also in some other languages."""
WEEKDAYS = {
    name: number
    for number, names in enumerate(("mon mo", "tue di", "wed mi", "thu do", "fri fr", "sat sa", "sun so"))
    for name in names.split()
}
_HOURS_OF_ZONES = {
    0.0: "UTC GMT WET Z",
    1.0: "CET BST WEST",
    2.0: "CEST EET SAST",
    3.0: "EEST MSK",
    5.5: "IST",
    8.0: "HKT SGT AWST",
    9.0: "JST KST",
    10.0: "AEST",
    11.0: "AEDT",
    -3.0: "BRT ART",
    -4.0: "EDT",
    -5.0: "EST CDT",
    -6.0: "CST MDT",
    -7.0: "MST PDT",
    -8.0: "PST",
}
OFFSETS = {name: hours * 3600 for hours, names in _HOURS_OF_ZONES.items() for name in names.split()}
"""Abbreviations of zones → seconds east of UTC, where one meaning is usual."""
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?")


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """A time as a line has it."""

    seconds: float
    """Since midnight; since the epoch if `form` is `unix`, since an unknown start if it is `start`, and since
    the line before if it is `delta`."""
    precision: float
    form: str = "day"
    """day, unix, start or delta."""
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    """Monday is 0."""
    offset: float | None = None
    """Seconds east of UTC."""
    zone: str = ""
    """An abbreviation whose offset is not known."""


def seconds_of(clock: str, fraction: str | None = None) -> tuple[float, float] | None:
    """Return the seconds since midnight of `hh:mm:ss` with the digits behind it, and their precision.

    None for no time of day. A leap second is the last of its minute.
    """
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    if hours > 23 or minutes > 59 or seconds > 60:
        return None
    whole = hours * 3600 + minutes * 60 + min(seconds, 59)
    if not fraction:
        return float(whole), 1.0
    digits = fraction[1:] if fraction[0] in ".," else fraction
    return whole + int(digits) / 10 ** len(digits), max(10.0 ** -len(digits), 1e-6)


def offset_of(text: str | None) -> tuple[float | None, str]:
    """Return seconds east of UTC of `Z`, `+01:00`, `+0100`, `UTC` or `CET`, and what of it is not known."""
    if not text:
        return None, ""
    if match := _OFFSET.fullmatch(text):
        east = int(match[2]) * 3600 + int(match[3] or 0) * 60
        return (-east if match[1] == "-" else east), ""
    known = OFFSETS.get(text)
    return (known, "") if known is not None else (None, text)


def time_of(
    clock: str,
    fraction: str | None = None,
    *,
    year: str | int | None = None,
    month: str | int | None = None,
    day: str | int | None = None,
    weekday: str | None = None,
    zone: str | None = None,
) -> WrittenTime | None:
    """Return the time of a stamp's parts as they are written; None if they make none."""
    of_day = seconds_of(clock, fraction)
    if of_day is None:
        return None
    number: int | None = None
    if month is not None:
        number = int(month) if isinstance(month, int) or month.isdigit() else month_of(month)
        if number is None or not 1 <= number <= 12 or day is None or not 1 <= int(day) <= 31:
            return None
    if year is not None and not _is_date(int(year), number, day):
        return None
    offset, unknown = offset_of(zone)
    return WrittenTime(
        of_day[0],
        of_day[1],
        year=None if year is None else int(year),
        month=number,
        day=None if day is None else int(day),
        weekday=WEEKDAYS.get(weekday.lower().rstrip(".,")[:3]) if weekday else None,
        offset=offset,
        zone=unknown,
    )


def month_of(name: str) -> int | None:
    """Return 1 to 12 for a month's short name, None for another word."""
    return MONTHS.get(name.lower().rstrip("."))


def unix_of(time: WrittenTime, offset: float) -> float:
    """Return the seconds since the epoch of a time that has its year, in a zone `offset` s east of UTC.

    Raises:
        ValueError: the calendar has no such day.
        OverflowError: it is out of the calendar's range.
    """
    day = datetime(time.year or 1970, time.month or 1, time.day or 1, tzinfo=timezone(timedelta()))
    return day.timestamp() + time.seconds - offset


def _is_date(year: int, month: int | None, day: str | int | None) -> bool:
    try:
        datetime(year, month or 1, int(day or 1), tzinfo=timezone(timedelta()))
    except ValueError:
        return False
    return 1970 <= year < 2200
