"""Reads a text line by line, of whichever kind each is: a paste may have several, one behind another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from hatlab.capture_files import to_ethernet
from hatlab.incident.sources.cleaning import clean_line
from hatlab.incident.sources.configuration import PastedBlocks, is_block_start, path_shown
from hatlab.incident.sources.dating import Dating
from hatlab.incident.sources.ip_monitor import Change, IpMonitorReader
from hatlab.incident.sources.journal_fields import JournalFields
from hatlab.incident.sources.journal_json import STARTS, JsonObjects, read_clock_offset, read_json_line
from hatlab.incident.sources.log_lines import DAEMON, LogLine, split_log_line
from hatlab.incident.sources.mysqld_log import PROGRAM as MYSQLD
from hatlab.incident.sources.mysqld_log import is_mysqld_text, split_mysqld_line
from hatlab.incident.sources.records import (
    AddressRecord,
    ClockStep,
    ConfRecord,
    FrameRecord,
    LinkRecord,
    LogRecord,
    Place,
    Record,
    SourceNote,
    Stamp,
)
from hatlab.incident.sources.relevance import (
    MAY_MATTER,
    is_daemon_text,
    is_no_form,
    is_relevant,
    read_clock_step,
    tells_clock_was_set,
)
from hatlab.incident.sources.tcpdump_text import FrameText, TcpdumpReader, match_head
from hatlab.incident.sources.tshark_text import TsharkReader, read_layers
from hatlab.incident.sources.written_time import WrittenTime
from hatlab.keepalived import parse_log_line
from hatlab.util.text import plural

_ETHERNET = 1
_REPEATED = re.compile(r"message repeated (?P<count>\d{1,6}) times?: \[ ?(?P<text>.*?)\]?")
_LAST_REPEATED = re.compile(r"(?:\S+ )?last message (?:buffered|repeated) (?P<count>\d{1,6}) times?")
_MOST_REPEATED = 100
"""Records that one line of a repeated message becomes."""
_IS_TSHARK = re.compile(r"\s*+(?:Frame \d|\d[\d: .Z-]{7,49}\s++\S++\s++(?:→|->|\u00e2\u2020\u2019)\s)")
_JOURNAL = re.compile(r"-- (?:Boot \S+|Reboot|No entries|Journal|Logs)\b.*--|Hint: .*")
_NOISE = re.compile(
    r"[!#]|[\[\],]+$|tcpdump: |listening on |reading from file |Warning: interface names"
    r"|Running as user|Capturing on |dropped privs|\d+ packets? (?:captured|received|dropped)|\^C"
    r"|[●○×*] \S+\.service|(?:Loaded|Active|Docs|Process|Main PID|Tasks|Memory|CPU|CGroup|Status): "
    r"|[├└]─|lines \d+-\d+"
)
"""What tools print around what they tell, and comments before a configuration."""
_LEAST_STEP = 1.5
"""Seconds by which the clock of a journal in JSON is set; what is less is how it is kept right."""
_MOST_STEP = 6 * 3600.0
"""Seconds by which times of a log go back at most because the clock was set."""
_SLEW = 1e-3
"""Seconds a second by which a clock is kept right without being set (RFC 5905: 500 ppm), doubled."""


class TextReader:
    """Reads the lines of one text.

    Args:
        name: as the user named it.
        form: of tcpdump's times, as `FileEnds` has it.
    """

    def __init__(self, name: str, dating: Dating, form: str = "day") -> None:
        self._name, self._dating = name, dating
        self._tcpdump = TcpdumpReader(form)
        self._tshark = TsharkReader(form)
        self._monitor = IpMonitorReader()
        self._json = JsonObjects()
        self._fields = JournalFields()
        self._conf = PastedBlocks()
        self._path = ""
        self._kind = ""
        self._start = b""
        """What the last line begins with that was understood: lines of one log have it in common."""
        self._said: set[str] = set()
        self._is_daemon = False
        self._held: LogRecord | None = None
        self._last: LogRecord | None = None
        self._boots: dict[str, tuple[float, float]] = {}
        self._left_out = self._unknown = self._records = 0
        self._first_unknown = 0

    def read(self, number: int, raw: bytes) -> Iterator[Record]:
        """Yield what a line says; what may go on in the next one is kept until then."""
        if (
            self._kind == "log"
            and raw[:3] == self._start
            and not (self._held or self._json.is_open or MAY_MATTER.search(raw))
        ):
            self._left_out += 1
            return
        line = clean_line(raw)
        if not line and raw.strip():
            self._dating.begin_part()
            self._path = path_shown(raw) or self._path
        if self._is_daemon and self._kind in ("", "stream") and not self._is_open and is_no_form(line):
            self._count_unknown(number)
            return
        records = self._read_line(number, line)
        if records is None:
            if (joined := self._join(line)) is not None:
                self._held = joined
            elif line.strip():
                self._count_unknown(number)
            return
        self._start = raw[:3]
        for record in records:
            yield from self._release()
            if type(record) is LogRecord and self._may_go_on(record):
                self._held = record
            else:
                yield record
            self._records += 1

    @property
    def _is_open(self) -> bool:
        """True if the next line may belong to what was read last."""
        return self._held is not None or self._conf.is_open or self._json.is_open or bool(self._path)

    def finish(self, number: int) -> Iterator[Record]:
        """Yield what was kept, and what was left out."""
        frames = (self._tcpdump.flush(), self._tshark.flush())
        for record in chain(
            self._release(),
            *(self._frame(frame) for frame in frames if frame),
            self._take_conf(),
            self._read_entry(self._fields.flush(), self._fields.place),
        ):
            yield record
            self._records += 1
        place = Place(self._name, max(1, number))
        if self._left_out and self._records:
            yield SourceNote(
                plural(
                    self._left_out,
                    "{count} line of other programs was left out.",
                    "{count} lines of other programs were left out.",
                ),
                place,
            )
        if self._unknown:
            yield SourceNote(
                plural(
                    self._unknown,
                    "{count} line was not understood.",
                    "{count} lines were not understood, the first of them here.",
                ),
                Place(self._name, self._first_unknown),
            )
        elif not self._records:
            yield SourceNote("Nothing in it bears on an incident.", place)

    def _read_line(self, number: int, line: str) -> Iterator[Record] | None:
        """What a line says, by the first kind that it is of; None if it is of none."""
        stripped = line.strip()
        if self._conf.is_open:
            if self._conf.add(number, line):
                return iter(())
            return self._chain(self._take_conf(), number, line)
        if self._kind == "fields" and "=" not in line:
            self._kind = ""
            return self._chain(self._read_entry(self._fields.flush(), self._fields.place), number, line)
        if self._kind == "tshark" or _IS_TSHARK.match(line):
            taken, frame = self._tshark.read(number, line)
            if taken or frame:
                self._kind = "tshark" if taken else ""
                before = self._frame(frame) if frame else iter(())
                return before if taken else self._chain(before, number, line)
        if not stripped:
            return iter(())
        if self._json.is_open or STARTS.match(line):
            return self._read_objects(self._json.add(number, line), self._json.place)
        if "=" in line and (fields := self._fields.add(number, line))[0]:
            self._kind = "fields"
            return self._read_entry(fields[1], self._fields.place)
        if self._kind == "tcpdump" or " > " in line or "ARP" in line or "arp " in line:
            taken, frame = self._tcpdump.read(number, line)
            if taken or frame:
                self._kind = "tcpdump" if taken else ""
                before = self._frame(frame) if frame else iter(())
                return before if taken else self._chain(before, number, line)
        if (log := split_log_line(stripped)) and (records := self._read_log(number, log)) is not None:
            return records
        if log := split_mysqld_line(stripped):
            self._kind = "mysqld"
            return self._log(number, log)
        if self._kind != "tcpdump" and match_head(line):
            self._kind = "tcpdump"
            return self._read_line(number, line)
        if (changes := self._monitor.read(line)) is not None:
            self._kind = "monitor"
            return self._changes(number, changes)
        if is_block_start(line):
            self._kind = "conf"
            self._conf.add(number, line)
            return iter(())
        if _NOISE.match(stripped) or (line[:1].isspace() and self._kind in ("log", "stream")):
            return iter(())
        if _JOURNAL.fullmatch(stripped):
            return self._log(number, LogLine(None, "", "journalctl", None, stripped))
        if parse_log_line(stripped) is not None or (self._is_daemon and is_daemon_text(stripped)):
            self._is_daemon = True
            return self._log(number, LogLine(None, "", DAEMON, None, stripped))
        if self._kind == "mysqld":
            return iter(())  # what a message or a crash has on further lines
        return None

    def _chain(self, before: Iterator[Record], number: int, line: str) -> Iterator[Record]:
        """What stood before a line of another kind, and what that says."""
        yield from before
        records = self._read_line(number, line)
        if records is None:
            self._count_unknown(number)
        else:
            yield from records

    def _count_unknown(self, number: int) -> None:
        self._dating.begin_part()
        self._unknown += 1
        self._first_unknown = self._first_unknown or number

    def _take_conf(self) -> Iterator[Record]:
        if self._conf.is_open:
            place = Place(self._name, self._conf.first)
            path, self._path = self._path or self._name, ""
            yield ConfRecord(self._conf.take(), path, place)

    def _read_log(self, number: int, log: LogLine) -> Iterator[Record] | None:
        """A line with a stamp of a log's; None if the stamp is another kind's."""
        if not log.program:
            if mysqld := _of_mysqld(log):
                self._kind = "mysqld"
                return self._log(number, mysqld)
            if repeated := _LAST_REPEATED.fullmatch(log.text):
                return self._repeat(number, log, int(repeated["count"]), "")
            if parse_log_line(log.text) is not None:
                self._is_daemon = True
            elif not self._is_daemon:
                if log.time is None:
                    return None
                self._left_out += 1
                return iter(())
            self._kind = "stream"
            return self._log(number, replace(log, program=DAEMON))
        self._is_daemon = self._is_daemon or log.program == DAEMON
        self._kind = "stream" if log.program == DAEMON else "log"
        if not is_relevant(log.program, log.text):
            if read_clock_step(log.program, log.text) is None:
                self._left_out += 1
            return iter(())
        if repeated := _REPEATED.fullmatch(log.text):
            return self._repeat(number, log, int(repeated["count"]), repeated["text"])
        return self._log(number, log)

    def _repeat(self, number: int, log: LogLine, count: int, text: str) -> Iterator[Record]:
        last = self._last
        if not text:
            if last is None or (log.host and last.host != log.host):
                return iter(())
            log = replace(log, host=last.host, program=last.program, pid=last.pid)
        line = replace(log, text=text or (last.text if last else ""))
        return (record for _ in range(min(count, _MOST_REPEATED)) for record in self._log(number, line))

    def _log(self, number: int, log: LogLine) -> Iterator[Record]:
        place = Place(self._name, number)
        stamp, step = self._stamp(log.time, f"log {log.host}")
        told = read_clock_step(log.program, log.text)
        if stamp is not None and told is not None and abs(told) >= _LEAST_STEP:
            yield from self._step(stamp, told, place)
        elif stamp is not None and step:
            yield from self._step_back(stamp, step, place)
        elif tells_clock_was_set(log.program, log.text):
            yield SourceNote("The clock was set here; the log does not say by how much.", place)
        yield from self._assumptions(place)
        self._last = LogRecord(stamp, log.host, log.program, log.pid, log.text.rstrip(), place)
        yield self._last

    def _step_back(self, stamp: Stamp, seconds: float, place: Place) -> Iterator[Record]:
        """Times that go back: the clock was set, unless it is by so much that the log was put together."""
        if seconds < _MOST_STEP:
            yield ClockStep(stamp, -seconds, False, place)
            text = f"The clock was set back here, by {seconds:.6g} s or more: times before and after differ."
        else:
            text = f"The times go back here by {seconds / 3600:.3g} h: this is taken for an earlier part."
        yield SourceNote(text, place)

    def _step(self, stamp: Stamp, seconds: float, place: Place) -> Iterator[Record]:
        yield ClockStep(stamp, seconds, True, place)
        if seconds < 0:
            text = f"The clock was set back here by {-seconds:.3f} s: times before and after differ."
        else:
            text = f"The clock was set forward here by {seconds:.3f} s: times before and after differ."
        yield SourceNote(text, place)

    def _stamp(self, time: WrittenTime | None, writer: str) -> tuple[Stamp | None, float]:
        moment = self._dating.date(time, writer) if time else None
        if moment is None:
            return None, 0.0
        return Stamp(moment.unix, moment.precision, moment.assumed), moment.step

    def _assumptions(self, place: Place) -> Iterator[Record]:
        for text in self._dating.tell_assumptions(self._said):
            yield SourceNote(text, place)

    def _read_entry(self, data: dict[str, Any] | None, number: int) -> Iterator[Record]:
        if data is None or (log := read_json_line(data)) is None:
            if data is not None:
                self._count_unknown(number)
            return
        place = Place(self._name, number)
        if (offset := read_clock_offset(data)) and log.time:
            boot, ahead = offset
            before, at = self._boots.get(boot, (ahead, log.time.seconds))
            stamp, _ = self._stamp(log.time, f"log {log.host}")
            if stamp and abs(ahead - before) > _LEAST_STEP + _SLEW * abs(log.time.seconds - at):
                yield from self._step(stamp, ahead - before, place)
            self._boots[boot] = (ahead, log.time.seconds)
        yield from self._read_log(number, log) or ()

    def _read_objects(self, found: list[dict[str, Any]] | None, number: int) -> Iterator[Record]:
        if found == []:
            self._count_unknown(number)
        for data in found or ():
            source = data.get("_source")
            layers = source if isinstance(source, dict) else data
            if frame := read_layers(layers, number):
                yield from self._frame(frame)
            elif "layers" not in layers and "index" not in data:
                yield from self._read_entry(data, number)

    def _frame(self, frame: FrameText) -> Iterator[Record]:
        place = Place(self._name, frame.number)
        stamp, step = self._stamp(frame.time, "tcpdump")
        if stamp is not None and step:
            yield from self._step_back(stamp, step, place)
        yield from self._assumptions(place)
        ethernet = to_ethernet(_ETHERNET, frame.data) if frame.data else None
        data = ethernet.data if ethernet else b""
        yield FrameRecord(stamp, frame.interface, data, place, frame.packet, frame.direction)

    def _changes(self, number: int, changes: list[Change]) -> Iterator[Record]:
        place = Place(self._name, number)
        stamp, step = self._stamp(self._monitor.time, "ip monitor") if changes else (None, 0.0)
        if stamp is not None and step:
            yield from self._step_back(stamp, step, place)
        yield from self._assumptions(place)
        for change in changes:
            if change.address:
                yield AddressRecord(stamp, change.interface, change.address, change.there, place)
            else:
                yield LinkRecord(stamp, change.interface, change.there, place)

    def _may_go_on(self, record: LogRecord) -> bool:
        """True for a line of keepalived's that a mail may have wrapped: it means nothing as it stands."""
        return "eepalived" in record.program and len(record.text) > 20 and parse_log_line(record.text) is None

    def _join(self, line: str) -> LogRecord | None:
        """The line before with this one behind it, if only both together mean something."""
        if self._held is None or not line.strip():
            return None
        text = f"{self._held.text} {line.strip()}"
        return None if parse_log_line(text) is None else replace(self._held, text=text)

    def _release(self) -> Iterator[Record]:
        held, self._held = self._held, None
        if held is not None:
            yield held


def _of_mysqld(log: LogLine) -> LogLine | None:
    """A line of mysqld's error log, whose own stamp looks like another log's."""
    if is_mysqld_text(log.text):
        digits, space, text = log.text.partition(" ")
        return replace(log, program=MYSQLD, text=text if digits.isdecimal() and space else log.text)
    if log.text.startswith(("mysqld_safe ", "mysqld: ")):
        return replace(log, program=MYSQLD)
    return None
