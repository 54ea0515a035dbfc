"""One way to write a time: a moment is a clock (`1:23.4`), a length of time is seconds (`3.41 s`). Pure.

The two are never written alike, so that nobody takes one for the other; JSON has seconds for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

DAY = 86_400
"""Seconds of a day."""


def format_moment(at: float, digits: int = 0) -> str:
    """Return a moment since the lab began as minutes, seconds and so many decimals: `0:42`, `1:02:31.402`.

    Decimals are cut, not rounded, as on any clock: 0:59.96 is not yet 1:00.
    """
    scale = 10**digits
    units = int(abs(at) * scale + 1e-6)
    seconds, rest = divmod(units, scale)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    tail = f".{rest:0{digits}d}" if digits else ""
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{'-' * (at < 0 and units > 0)}{head}:{seconds % 60:02d}{tail}"


@dataclass(frozen=True, slots=True)
class RunClock:
    """How a run's moments are written: since the lab began, or of an incident as the time of day."""

    day_start: float | None = None
    """The time of day at which the run begins, s; None: moments count from its beginning."""

    @classmethod
    def of_day(cls, started: str) -> RunClock:
        """Return the clock of a run that began at this wall-clock time, ISO 8601; else the usual one."""
        try:
            began = datetime.fromisoformat(started)
        except ValueError:
            return cls()
        return cls(began.hour * 3600 + began.minute * 60 + began.second + began.microsecond / 1e6)

    def format(self, at: float, digits: int = 0) -> str:
        """Return a moment: `1:02.4`, or `03:12:07.4`."""
        if self.day_start is None:
            return format_moment(at, digits)
        written = format_moment((self.day_start + at) % DAY, digits)
        hours, colon, rest = written.partition(":")
        return f"{int(hours):02d}:{rest}" if rest.count(":") else f"00:{int(hours):02d}{colon}{rest}"

    def parse(self, text: str) -> float:
        """Return the moment that somebody writes: as `format` does, or a time of day without its seconds.

        Raises:
            ValueError: it is none.
        """
        if self.day_start is None:
            return parse_moment(text)
        hours, minutes, seconds = [*text.strip().split(":"), "0"][:3]
        at = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
        return (at - self.day_start + DAY / 2) % DAY - DAY / 2


def parse_moment(text: str) -> float:
    """Return the seconds of a moment as `format_moment` writes it, or of plain seconds.

    Raises:
        ValueError: it is neither.
    """
    *larger, seconds = text.strip().split(":")
    minutes = 0
    for part in larger:
        minutes = minutes * 60 + int(part)
    return minutes * 60 + float(seconds)


def format_seconds(seconds: float, digits: int = 2) -> str:
    """Return a length of time: `3.41 s`.

    Two decimals for what was measured, three in sums, one for what still runs, so that it does not flicker.
    """
    return f"{seconds:.{digits}f} s"


def format_length(seconds: float) -> str:
    """Return a length of time as short as it can be read: `0.61 s`, `12.4 s`, `3 min`."""
    if seconds < 10:
        return format_seconds(seconds)
    return format_seconds(seconds, 1) if seconds < 180 else f"{seconds / 60:.0f} min"


def format_milliseconds(milliseconds: float, sign: str = "") -> str:
    """Return a latency with the digits that matter: `0.21 ms`, `3.4 ms`, `120 ms`; with a `+` as `sign`."""
    size = abs(milliseconds)
    digits = 2 if size < 1 else 1 if size < 10 else 0
    return f"{milliseconds:{sign}.{digits}f} ms"
