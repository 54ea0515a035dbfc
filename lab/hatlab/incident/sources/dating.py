"""From the times of a file's lines to seconds since the epoch: zone, year, day, summer time, clock steps.

The lines of a file are in the order in which they were written. So the hour that autumn has twice is told by
the line before, a year turns where December is followed by January, and a stamp that goes back is a clock
that was set.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hatlab.errors import UserError
from hatlab.incident.sources.file_ends import FileEnds
from hatlab.incident.sources.written_time import WrittenTime, unix_of

_DAY = 86400.0
_LEAST_STEP = 1.5
"""Seconds by which stamps go back without a step: lines of several processes, each stamped in a hurry."""
_YEARS_BACK = 8
"""A stamp's 29 February, or its day of the week, is found within so many years."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of a file from elsewhere.

    Attributes:
        zone: of stamps that name none; None for that of the reader's machine.
        near: what other files of the incident are about, in seconds since the epoch; None if that is not
            known. Then a file's last time is taken for one shortly before it was written.
        year: of the last stamp, if stamps have none; None to find it.
    """

    zone: tzinfo | None = None
    near: float | None = None
    year: int | None = None


def find_zone(name: str) -> tzinfo:
    """Return a zone by its name, such as `Europe/Berlin`.

    Raises:
        UserError: there is none of this name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UserError(
            f"there is no time zone {name!r}", "use a name such as Europe/Berlin or UTC"
        ) from None


@dataclass(frozen=True, slots=True)
class Moment:
    """A line's time, dated.

    Attributes:
        step: seconds that the clock went back before it; 0 for none.
    """

    unix: float
    precision: float
    assumed: str
    step: float = 0.0


class Dating:
    """Dates the times of one file, in their order.

    Args:
        ends: what its first lines say of its times.
        last: its last time, if that lacks its year: a year or a day is found from it.
        mtime: when the file was last written, in seconds since the epoch.
    """

    def __init__(
        self,
        hints: Hints,
        ends: FileEnds,
        *,
        last: WrittenTime | None = None,
        mtime: float | None = None,
    ) -> None:
        self._zone = hints.zone
        if hints.zone is None and ends.offset is not None:
            self._zone = timezone(timedelta(seconds=ends.offset))
        now = time.time()
        self._latest = now if mtime is None else min(mtime, now)
        self._near = hints.near
        self._hinted_year = hints.year or ends.year
        self._first, self._last = ends.first, last
        self._year: int | None = None
        self._last_year = 0
        self._month = 0
        self._date: datetime | None = None
        self._seconds = 0.0
        self._before: dict[str, float] = {}
        """The latest time so far by each clock."""
        self._sum = 0.0
        self._assumed: set[str] = set()

    def begin_part(self) -> None:
        """What follows is another part of a paste: it may be from before, and the clock was not set."""
        self._before.clear()

    def date(self, written: WrittenTime, writer: str = "") -> Moment | None:
        """Return when a line was written; None if its time cannot be.

        Args:
            writer: whose clock it is by, if the file has lines of several.
        """
        before = self._before.get(writer)
        try:
            unix, assumed = self._resolve(written, before)
        except (ValueError, OverflowError):
            return None
        if assumed:
            self._assumed.add(assumed)
        step = 0.0
        if before is not None and unix < before - max(_LEAST_STEP, written.precision):
            step = before - unix
        self._before[writer] = unix if step or before is None else max(before, unix)
        return Moment(unix, written.precision, assumed, step)

    def tell_assumptions(self, told: set[str]) -> list[str]:
        """Return a sentence on each thing that had to be assumed and is not in `told`, and add it there."""
        new, told_before = self._assumed - told, told.copy()
        if not new:
            return []
        told |= new
        return [text for kind in sorted(new) if (text := self._describe(kind)) and kind not in told_before]

    def _describe(self, kind: str) -> str:
        match kind:
            case "zone":
                if self._zone is not None:
                    return ""
                name = datetime.now(UTC).astimezone().tzname()
                return f"Its times have no zone: this machine's, {name}, is assumed (--tz names another)."
            case "year":
                return f"Its times have no year: the last is taken for one of {self._last_year}."
            case "date":
                if self._near is not None:
                    return "Its times have no date: that of the other files is assumed."
                return "Its times have no date: the day on which the file was last written is assumed."
            case "start":
                return "Its times count from a moment that it does not say."
        return (
            f"The zone {kind.removeprefix('zone ')} has several meanings: the times are taken for local ones."
        )

    def _resolve(self, written: WrittenTime, before: float | None) -> tuple[float, str]:
        match written.form:
            case "unix":
                return written.seconds, ""
            case "start":
                return written.seconds, "start"
            case "delta":
                self._sum += written.seconds
                return self._sum, "start"
        assumed = ""
        if written.month is None:
            written, assumed = self._with_date(written), "date"
        elif written.year is None:
            written, assumed = self._with_year(written), "year"
        return self._in_zone(written, before), assumed

    def _in_zone(self, written: WrittenTime, before: float | None) -> float:
        if written.offset is not None:
            return unix_of(written, written.offset)
        self._assumed.add(f"zone {written.zone}" if written.zone else "zone")
        early, late = (unix_of(written, self._offset(written, fold)) for fold in (0, 1))
        if late > early and before is not None and early < before - _LEAST_STEP:
            return late
        return early

    def _offset(self, written: WrittenTime, fold: int) -> float:
        naive = datetime(written.year or 1970, written.month or 1, written.day or 1, fold=fold)  # noqa: DTZ001
        naive = (naive + timedelta(seconds=written.seconds)).replace(fold=fold)
        at = naive.replace(tzinfo=self._zone) if self._zone else naive.astimezone()
        return (at.utcoffset() or timedelta()).total_seconds()

    def _with_year(self, written: WrittenTime) -> WrittenTime:
        month = written.month or 1
        if self._year is None:
            last = self._last if self._last and self._last.month and self._last.year is None else written
            self._year = self._last_year = self._hinted_year or self._find_year(last)
            if self._first and self._first.month and _of_year(last) < _of_year(self._first) - 1:
                self._year -= 1
        elif month - self._month <= -6:
            self._year += 1
        elif month - self._month >= 6:
            self._year -= 1
        self._month = month
        return replace(written, year=self._year)

    def _find_year(self, written: WrittenTime) -> int:
        """The latest year in which this day was not after the latest moment, or the one nearest to others."""
        if self._near is not None:
            this = datetime.fromtimestamp(self._near, self._zone).year
            years = (year for year in range(this - _YEARS_BACK, this + 2) if _is_day(written, year))
            return min(
                years, key=lambda year: abs(_moment(written, year) - (self._near or 0.0)), default=this
            )
        this = datetime.fromtimestamp(self._latest, self._zone).year
        for year in range(this, this - _YEARS_BACK, -1):
            if _is_day(written, year) and _moment(written, year) <= self._latest + _DAY:
                return year
        return this

    def _with_date(self, written: WrittenTime) -> WrittenTime:
        if self._date is None:
            last = self._last if self._last and self._last.month is None else written
            end = datetime.fromtimestamp(self._latest if self._near is None else self._near, self._zone)
            midnight = end.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
            past = end.hour * 3600 + end.minute * 60 + end.second
            later = (last.seconds - past) / _DAY
            days = int(last.seconds > past + 1) if self._near is None else round(later)
            days += int(self._first is not None and self._first.seconds > last.seconds)
            self._date = midnight - timedelta(days=days)
        elif self._seconds - written.seconds > _DAY / 2:
            self._date += timedelta(days=1)
        elif written.seconds - self._seconds > _DAY / 2:
            self._date -= timedelta(days=1)
        self._seconds = written.seconds
        return replace(written, year=self._date.year, month=self._date.month, day=self._date.day)


def _is_day(written: WrittenTime, year: int) -> bool:
    """True if a year has the day, on the day of the week that is written."""
    try:
        day = datetime(year, written.month or 1, written.day or 1, tzinfo=UTC)
    except ValueError:
        return False
    return written.weekday in (None, day.weekday())


def _moment(written: WrittenTime, year: int) -> float:
    return unix_of(replace(written, year=year), 0.0)


def _of_year(written: WrittenTime) -> int:
    """The day of the year, nearly: clocks are set by less than a day."""
    return 31 * (written.month or 0) + (written.day or 0)
