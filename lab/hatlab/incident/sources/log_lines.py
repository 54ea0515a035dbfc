"""The lines of a system's log, in each form in which tools write them: time, host, program, text. Pure.

journalctl (`short`, `short-precise`, `short-iso`, `short-iso-precise`, `short-full`, `short-monotonic`,
`short-unix`, `with-unit`), files of rsyslog and syslog-ng (RFC 3164, RFC 5424, ISO), `docker logs -t`,
`kubectl logs --timestamps`, files of containerd, and keepalived's own standard output.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from hatlab.incident.sources.written_time import WrittenTime, time_of


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line as its form has it; `host` and `program` are empty where it does not."""

    time: WrittenTime | None
    host: str
    program: str
    pid: int | None
    text: str


DAEMON = "Keepalived"
"""The program of a line that names none, and that is keepalived's by its stamp or by what it says."""
Match = re.Match[str]
_CLOCK = r"(?P<clock>\d\d:\d\d:\d\d)(?P<fraction>[.,]\d{1,9})?"
_DATE = r"(?P<year>\d{4})[-/.](?P<month>\d\d)[-/.](?P<day>\d\d)"
_OFFSET = r"(?P<zone>Z|[+-]\d\d(?::?\d\d)?)"
_PRI = r"(?:<\d{1,3}>)?"
_WEEKDAY = r"(?P<weekday>[^\W\d]{2,4}\.?,?)"
_MONTH = r"(?P<month>[^\W\d]{3,5}\.?|\d{1,2}月)"
_LEVEL = r"(?:[a-z]+\d?\.[a-z]+ )?"
"""`daemon.info `, of busybox and OpenWrt."""
_PROGRAM = r"(?P<program>\(?[\w./@+-]{1,64}\)?)(?:\[(?P<pid>\d{1,10})\])?: ?(?P<text>.*)"
_SOURCE = re.compile(rf"(?P<host>[\w.:%@/-]+) {_LEVEL}{_PROGRAM}", re.DOTALL)
"""`db1 Keepalived_vrrp[812]: text`."""
_HOSTLESS = re.compile(
    r"(?P<host>)(?:[a-z]+\d?\.[a-z]+ )?(?P<program>[\w./@+-]{1,64})(?:\[(?P<pid>\d{1,10})\])?: ?(?P<text>.*)",
    re.DOTALL,
)
"""The same as some syslog daemons write it, without a host."""
_DAEMON_STAMP = re.compile(
    rf"{_WEEKDAY} {_MONTH} +(?P<day>\d\d?) {_CLOCK} (?P<year>\d{{4}}): (?P<rest>.*)", re.DOTALL
)


def _calendar_time(match: Match) -> WrittenTime | None:
    parts = match.groupdict()
    return time_of(
        parts["clock"],
        parts.get("fraction"),
        year=parts.get("year"),
        month=parts.get("month"),
        day=parts.get("day"),
        weekday=parts.get("weekday"),
        zone=parts.get("zone"),
    )


def _european_time(match: Match) -> WrittenTime | None:
    """`30.11.2026`, `30/Nov/2026`, and `30/11/2026` or `11/30/2026` where only one of both is a date."""
    day, month = match["day"], match["month"]
    if month.isdigit() and "/" in match[0][:4]:
        if int(day) <= 12 and int(month) <= 12:
            return None
        if int(month) > 12:
            day, month = month, day
    return time_of(
        match["clock"], match["fraction"], year=match["year"], month=month, day=day, zone=match["zone"]
    )


def _counted_time(form: str) -> Callable[[Match], WrittenTime | None]:
    def read(match: Match) -> WrittenTime | None:
        digits = match["seconds"].partition(".")[2]
        return WrittenTime(float(match["seconds"]), max(10.0 ** -len(digits), 1e-6), form)

    return read


_FORMS: tuple[tuple[re.Pattern[str], Callable[[Match], WrittenTime | None]], ...] = tuple(
    (re.compile(pattern, re.DOTALL), read)
    for pattern, read in (
        # RFC 3164, journalctl -o short and short-precise, with a year and a weekday as some daemons add them
        (
            rf"{_PRI}(?:{_WEEKDAY} )?{_MONTH} +(?P<day>\d\d?)(?: (?P<year>\d{{4}}))? {_CLOCK}:? (?P<rest>.*)",
            _calendar_time,
        ),
        # the same with the year first, as one may configure it
        (
            rf"{_PRI}(?P<year>\d{{4}}) {_MONTH} +(?P<day>\d\d?) {_CLOCK} (?P<rest>.*)",
            _calendar_time,
        ),
        # the day first, or an American date that can be no other
        (
            rf"\[?(?P<day>\d\d)[./](?P<month>\d\d|[A-Z][a-z]{{2}})[./](?P<year>\d{{4}})[: ,]+"
            rf"{_CLOCK} ?{_OFFSET}?\]? (?P<rest>.*)",
            _european_time,
        ),
        # OpenWrt's logread
        (rf"{_WEEKDAY} {_MONTH} +(?P<day>\d\d?) {_CLOCK} (?P<year>\d{{4}}) (?P<rest>.*)", _calendar_time),
        # rsyslog's ISO form, journalctl -o short-iso and short-iso-precise
        (rf"{_PRI}{_DATE}[T ]{_CLOCK} ?{_OFFSET}? (?P<rest>.*)", _calendar_time),
        # journalctl -o short-full and with-unit
        (
            rf"{_WEEKDAY} {_DATE} {_CLOCK} (?P<zone>[A-Z]{{1,5}}|[+-]\d\d(?::?\d\d)?) (?P<rest>.*)",
            _calendar_time,
        ),
        # journalctl -o short-unix
        (r"(?P<seconds>\d{9,10}\.\d{1,9}) (?P<rest>.*)", _counted_time("unix")),
        # journalctl -o short-monotonic and short-delta, dmesg
        (r"\[ *(?P<seconds>\d{1,9}\.\d{1,6})(?: <[^>\]]{0,20}>)?\] (?P<rest>.*)", _counted_time("start")),
    )
)
_RFC5424 = re.compile(
    rf"(?:<\d{{1,3}}>)?1 (?:-|{_DATE}T{_CLOCK}{_OFFSET}) (?P<host>\S+) (?P<program>\S+) (?P<pid>\S+) \S+ "
    r"(?:-|(?:\[(?:[^\]\\\"]|\\.|\"(?:[^\"\\]|\\.)*\")*\])+)(?: (?P<text>.*))?",
    re.DOTALL,
)
_NANOSECONDS = 10
"""Characters of a fraction in nanoseconds, which only stamps of container engines have."""
_CRI = re.compile(r"(?:stdout|stderr) [FP](?: |$)")
_COMPOSE = re.compile(r"(?P<host>[\w.-]{1,64}) +\| (?P<rest>.*)", re.DOTALL)
_KUBECTL = re.compile(r"\[pod/(?P<host>[\w.-]{1,253})/[\w.-]{1,64}\] (?P<rest>.*)", re.DOTALL)


_NAMED = re.compile(
    r"(?P<before>.{0,200}?)(?P<program>[\w./-]{0,100}[Kk]eepalived[\w./-]{0,100}+)(?:\[(?P<pid>\d{1,10})\](?::|(?=\s))|:)\s*"
    r"(?P<text>.*)",
    re.DOTALL,
)
"""keepalived's own name, wherever a viewer of logs has put it."""
_HOST = re.compile(r"[A-Za-z][\w.-]{0,63}")
_NO_HOST = re.compile(
    r"info|notice|warn(?:ing)?|err(?:or)?|debug|crit(?:ical)?|alert|emerg(?:ency)?|daemon|user|local\d|stdout|stderr",
    re.IGNORECASE,
)
_STAMP_INSIDE = re.compile(
    r"(?<![\w.+-])(?:<\d{1,3}>)?(?:[^\W\d]{2,4},? )?"
    r"(?:[^\W\d]{3,5} +\d\d?(?: \d{4})? \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d|\d{9,10}\.\d{3})"
)
"""What a stamp begins with, where something else stands before it."""
_WITHIN = 300
"""Characters within which it does."""
_CLOCKED, _CLOCK_LENGTH = re.compile(r"\d:\d\d:\d\d|\d{9}\.\d{3}"), 40
"""What each such stamp has in it, and how far behind its beginning at most."""


def split_log_line(text: str) -> LogLine | None:
    """Split a line into its parts; None if it has no stamp that is known, and does not name keepalived.

    Before the stamp may stand what a tool has put there: where grep found it, a host, the sign of a list.
    """
    whole = _split(text)
    if whole is not None and (whole.program or whole.time is None or DAEMON[1:] not in text):
        return whole
    if not _CLOCKED.search(text, 0, _WITHIN + _CLOCK_LENGTH):
        return whole
    first = 0 if "\t" in text else 1
    text = text.replace("\t", " ")
    for stamp in _STAMP_INSIDE.finditer(text, first, _WITHIN):
        line = _split(text[stamp.start() :])
        if line is not None and line.time is not None and line.program:
            before = text[: stamp.start()]
            mark = before[-1:]
            told = line.text.removesuffix(mark) if mark in "\"'`" else line.text
            return replace(line, text=told, host=line.host or _host_in(before))
    return whole


def _host_in(words: str) -> str:
    """The first of some words that may be a host, `db1: ` or `db1 | `; empty if none is, or one is a path."""
    if "/" in words:
        return ""
    found = (word for word in re.split(r"[\s,:;|\"']+", words) if _HOST.fullmatch(word))
    return next((word for word in found if not _NO_HOST.fullmatch(word)), "")


def _named(rest: str) -> Match | None:
    return _NAMED.fullmatch(rest) if "eepalived" in rest else None


_STAMPED = re.compile(r".{0,40}?(?:\d\d:\d\d:\d\d|\d\.\d)|(?:<\d{1,3}>)?1 - ", re.DOTALL)
"""The beginning of each line that has a stamp: a time of day or a number of seconds."""


def _split(text: str) -> LogLine | None:
    host = ""
    if outer := _COMPOSE.fullmatch(text) or _KUBECTL.fullmatch(text):
        host, text = outer["host"], outer["rest"]
    if _STAMPED.match(text):
        if match := _RFC5424.fullmatch(text):
            return _rfc5424_line(match)
        if match := _DAEMON_STAMP.fullmatch(text):
            time = _calendar_time(match)
            return None if time is None else LogLine(time, host, DAEMON, None, match["rest"].strip())
        for form, read in _FORMS:
            if match := form.fullmatch(text):
                time = read(match)
                is_container = len(match.groupdict().get("fraction") or "") == _NANOSECONDS
                return None if time is None else _with_source(time, host, match["rest"], is_container)
    if "eepalived" not in text:
        return LogLine(None, host, "", None, text) if host else None
    if (match := _SOURCE.fullmatch(text) or _HOSTLESS.fullmatch(text)) and DAEMON in match["program"]:
        return _sourced(match, None, host)
    return LogLine(None, host, "", None, text) if host else None


def _with_source(time: WrittenTime, host: str, rest: str, is_container: bool) -> LogLine:
    if is_container and (cri := _CRI.match(rest)):
        rest = rest[cri.end() :]
    if is_container:
        inner = _split(rest)
        return (
            replace(inner, time=time, host=inner.host or host)
            if inner
            else LogLine(time, host, "", None, rest)
        )
    if match := _SOURCE.fullmatch(rest) or _HOSTLESS.fullmatch(rest.lstrip()):
        line = _sourced(match, time, host)
        inner_stamp = _DAEMON_STAMP.fullmatch(line.text)
        return replace(line, program=DAEMON, pid=None, text=inner_stamp["rest"]) if inner_stamp else line
    if match := _named(rest):
        pid = int(match["pid"]) if match["pid"] else None
        return LogLine(time, _host_in(match["before"]) or host, match["program"], pid, match["text"])
    return LogLine(time, host, "", None, rest)


def _sourced(match: Match, time: WrittenTime | None, host: str) -> LogLine:
    pid = int(match["pid"]) if match["pid"] else None
    return LogLine(time, match["host"] or host, match["program"], pid, match["text"])


def _rfc5424_line(match: Match) -> LogLine:
    host, program, pid = ("" if match[name] == "-" else match[name] for name in ("host", "program", "pid"))
    text = (match["text"] or "").removeprefix("\ufeff")
    time = _calendar_time(match) if match["clock"] else None
    return LogLine(time, host, program, int(pid) if pid.isdecimal() else None, text)
