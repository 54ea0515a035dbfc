"""A first look at all that was brought: who was there, what each node has, and by which clock.

Logs of months and captures of a million frames are read, not kept: what is remembered of them is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from zlib import crc32

from hatlab.errors import UserError
from hatlab.incident.brought import BroughtFile
from hatlab.incident.sources import (
    AddressRecord,
    ClockStep,
    ConfRecord,
    FrameRecord,
    Hints,
    LinkRecord,
    LogRecord,
    Place,
    Record,
    SourceNote,
    Stamp,
    find_hints,
    read_source,
)
from hatlab.keepalived import (
    HigherPriorityHeard,
    LowerPriorityHeard,
    MasterChanged,
    PriorityChanged,
    PriorityZero,
    StateEntered,
    parse_log_line,
)
from hatlab.keepalived.log_line import (
    ChildDied,
    ChildStarted,
    DaemonStarted,
    DaemonStopped,
    DaemonStopping,
    LogLine,
)
from hatlab.keepalived.to_topology.names import free_name
from hatlab.util.addresses import is_address
from hatlab.vrrp.codec import Advertisement

_OTHER_PROGRAMS = {
    "kernel",
    "systemd",
    "systemd-logind",
    "systemd-networkd",
    "networkmanager",
    "sudo",
    "init",
}
_BOOT = re.compile(r"Linux version |systemd .*running in system mode|-- Boot ")
_SAME_START = 1.5
"""Seconds within which lines of a start are of one start."""
_SHORTEST_ON_A_WIRE = 60
"""Bytes of the shortest frame on an Ethernet, without its checksum; a sender's own capture has it shorter."""
_MISSED = 4
"""Intervals without an advert that end a streak."""
_MOST_SIGHTINGS = 20_000
_SAME_FRAME = 0.05
"""Seconds within which one frame may be captured several times."""
_MOST_REPEATS = 500
_MOST_MARKS = 20_000
RouterKey = tuple[int, bool]
"""VRID, and whether it is of IPv6."""


@dataclass
class SeenSource:
    """What a capture has of the adverts from one address."""

    count: int = 0
    sent: int = 0
    """How many the capture itself calls sent."""
    priorities: set[int] = field(default_factory=set)
    first_priority: int = 0
    """The first that is not 0."""
    interval: float = 1.0
    """The last."""
    first_interval: float = 0.0
    version: int = 2
    addresses: tuple[str, ...] = ()
    unpadded: int = 0
    """How many are shorter than an Ethernet frame on a wire: those that the capturing machine itself sent."""
    streaks: list[tuple[float, float]] = field(default_factory=list)
    """First and last of adverts that followed one another."""

    def last_before(self, unix: float) -> float | None:
        """When the last advert before a moment was captured."""
        ends = [min(last, unix) for first, last in self.streaks if first < unix]
        return max(ends, default=None)


@dataclass
class Mark:
    """A moment that another node's sources may have, too, as an interval of this node's clock."""

    kind: str
    earliest: float
    latest: float


@dataclass(frozen=True, slots=True)
class SilentEnd:
    """A keepalived that ended without a word: after its last line another one starts."""

    seconds: float
    """From its last line to the first line of the next one: it ended in between."""
    next_line: Place
    rebooted: bool
    """The machine started in between."""


@dataclass
class NodeSurvey:
    """What there is of one node."""

    name: str
    confs: list[ConfRecord] = field(default_factory=list)
    files: list[BroughtFile] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    """`conf`, `log`, `capture`, `addresses`, `mysqld`."""
    states: dict[str, list[str]] = field(default_factory=dict)
    """Instance, as its log calls it → the states that it entered."""
    priorities: dict[str, int] = field(default_factory=dict)
    """Instance, as its log calls it → the first priority of its own that it tells."""
    masters: dict[str, Place] = field(default_factory=dict)
    """Instance that was Master already when its log began → the line that says so."""
    heard_from: set[str] = field(default_factory=set)
    """Addresses that its own log names as others'."""
    adverts: dict[tuple[RouterKey, str], SeenSource] = field(default_factory=dict)
    """Of its captures."""
    silent_ends: dict[Place, SilentEnd] = field(default_factory=dict)
    """By the place of the last line."""
    began: bool = False
    """True while its log is that of a keepalived which runs."""
    spoke: tuple[Stamp, Place] | None = None
    """Its last line of keepalived's."""
    booted: bool = False
    """True if the machine started since that line."""
    started: bool = False
    """True if its log has a start of keepalived."""
    sightings: dict[int, tuple[float, str]] = field(default_factory=dict)
    """A frame's fingerprint → when it was captured first, and which address it is from."""
    repeats: dict[int, list[float]] = field(default_factory=dict)
    """A fingerprint that several frames have, as a node's adverts over IPv6 do → when each was captured."""
    marks: list[Mark] = field(default_factory=list)
    first: float | None = None
    last: float | None = None

    def note_time(self, stamp: Stamp) -> None:
        self.first = stamp.unix if self.first is None else min(self.first, stamp.unix)
        self.last = stamp.unix if self.last is None else max(self.last, stamp.unix)


@dataclass
class Survey:
    """What there is of all nodes."""

    nodes: dict[str, NodeSurvey] = field(default_factory=dict)
    steps: dict[str, list[ClockStep]] = field(default_factory=dict)
    """A file's name → the steps of its clock, in its order."""
    notes: list[SourceNote] = field(default_factory=list)
    hosts: dict[tuple[str, str], str] = field(default_factory=dict)
    """(file, host as its lines say it) → node."""
    named: tuple[str, ...] = ()
    """Nodes that somebody named, as those of files."""
    hints: dict[str, Hints] = field(default_factory=dict)
    """A file's name → what it is read with."""
    timed_files: set[str] = field(default_factory=set)
    untimed_files: set[str] = field(default_factory=set)
    """Names of logs none of whose lines has a time."""
    counted: dict[str, NodeSurvey] = field(default_factory=dict)
    """A file's name → what it shows by times that count from an unknown moment."""
    is_timed: bool = False
    """True if anything has a time; else the order of the lines is all that is known."""

    def _named_node(self, host: str) -> str:
        """The node that was named and that a host is: `DB1.example.com`, or its container `lab-db1-1`."""
        same = [
            name for name in self.named if re.search(rf"(?:^|[-_.]){re.escape(name)}(?:$|[-_.])", host, re.I)
        ]
        first = host.partition(".")[0].lower()
        exact = [name for name in same if name.lower() == first]
        found = exact or same
        return found[0] if len(found) == 1 and not is_address(host) else ""

    def node(self, name: str) -> NodeSurvey:
        return self.nodes.setdefault(name, NodeSurvey(name))

    def counts_apart(self, file: BroughtFile, stamp: Stamp | None) -> bool:
        """True for a time that counts from an unknown moment, while other files have whole ones."""
        return stamp is not None and stamp.assumed == "start" and self.hints[file.name].near is not None

    def node_of(self, file: BroughtFile, record: Record) -> str:
        """The node of a record: the file's, or the host's that its line names, or the file's own name."""
        if file.node:
            return file.node
        host = getattr(record, "host", "")
        key = (file.name, host)
        if key not in self.hosts:
            known = {h: n for (_, h), n in self.hosts.items()}
            named = self._named_node(host)
            if named and named != host and host not in known:
                self.notes.append(
                    SourceNote(f"What {host} wrote is taken for that of {named}.", record.place)
                )
            self.hosts[key] = (
                known.get(host) or named or free_name(_short_name(host) or _name_of(file.path), (), "node")
            )
        return self.hosts[key]


def survey_files(
    files: list[BroughtFile],
    zone: tzinfo | None,
    on_progress: Callable[[BroughtFile], None] = lambda _: None,
) -> Survey:
    """Read all files once.

    Raises:
        UserError: one cannot be read, or nothing of it means anything here.
    """
    hints = find_hints([file.path for file in files], Hints(zone=zone))
    found = Survey(
        named=tuple(dict.fromkeys(file.node for file in files if file.node)),
        hints={file.name: hint for file, hint in zip(files, hints, strict=True)},
    )
    for file in files:
        on_progress(file)
        count = 0
        for record in read_records(found, file):
            count += _note(found, file, record)
        if not count:
            said = [note for note in found.notes if note.place.file == file.name]
            if not said:
                raise UserError(
                    f"{file.name}: nothing in it is of keepalived, mysqld, VRRP or an address",
                    "give keepalived's log or configuration, a capture, or what `ip monitor` printed",
                )
    return found


def read_records(found: Survey, file: BroughtFile) -> Iterator[Record]:
    """Yield a file's records."""
    yield from read_source(file.path, file.name, found.hints[file.name])


def _short_name(host: str) -> str:
    """A host's own name, without its domain; an address as a whole."""
    return f"at-{re.sub('[.:]', '-', host)}" if is_address(host) else host.partition(".")[0]


def _name_of(path: Path) -> str:
    return path.name.partition(".")[0]


def _note(found: Survey, file: BroughtFile, record: Record) -> int:
    """Note what a record tells; return how many facts that are."""
    match record:
        case SourceNote():
            found.notes.append(record)
            return 0
        case ClockStep():
            found.steps.setdefault(file.name, []).append(record)
            return 0
    node = found.node(found.node_of(file, record))
    if file not in node.files:
        node.files.append(file)
    stamp = getattr(record, "stamp", None)
    if isinstance(record, FrameRecord) and found.counts_apart(file, stamp):
        counted = found.counted.setdefault(file.name, NodeSurvey(node.name))
        if isinstance(record.packet, Advertisement):
            _note_advert(counted, record, record.packet)
        record, stamp = record._replace(stamp=None), None
        found.timed_files.add(file.name)
    if stamp is not None:
        found.is_timed = True
        found.timed_files.add(file.name)
        found.untimed_files.discard(file.name)
        node.note_time(stamp)
    elif isinstance(record, LogRecord | FrameRecord) and file.name not in found.timed_files:
        found.untimed_files.add(file.name)
    match record:
        case ConfRecord():
            node.confs.append(record)
            node.kinds.add("conf")
        case LogRecord():
            _note_line(node, record)
        case FrameRecord():
            node.kinds.add("capture")
            if isinstance(record.packet, Advertisement):
                _note_advert(node, record, record.packet)
        case AddressRecord():
            node.kinds.add("addresses")
        case LinkRecord():
            pass
    return 1


def _note_line(node: NodeSurvey, record: LogRecord) -> None:
    program = record.program.lower()
    if "mysql" in program or "maria" in program:
        node.kinds.add("mysqld")
        return
    if program in _OTHER_PROGRAMS:
        node.booted = node.booted or bool(_BOOT.match(record.text))
        return
    node.kinds.add("log")
    line = parse_log_line(record.text)
    _note_life(node, record, line)
    if line is None:
        return
    match line:
        case StateEntered():
            states = node.states.setdefault(line.instance, [])
            if not states or states[-1] != line.state:
                states.append(line.state)
                _mark(node, line.state.lower(), record.stamp)
        case MasterChanged() | LowerPriorityHeard() | HigherPriorityHeard():
            if line.address:  # keepalived before 2.0 does not say it
                node.heard_from.add(line.address)
            _note_master(node, record, line)
            node.states.setdefault(line.instance, [])
            _mark(node, "heard", record.stamp)
            if isinstance(line, HigherPriorityHeard):
                _mark(node, "heard_higher", record.stamp)
            elif isinstance(line, LowerPriorityHeard) and (line.ours is not None or not line.address):
                _mark(node, "answered_lower", record.stamp)
        case PriorityZero():
            node.states.setdefault(line.instance, [])
            _mark(node, f"zero_{line.direction}", record.stamp)
        case PriorityChanged():
            node.states.setdefault(line.instance, [])
            node.priorities.setdefault(line.instance, line.after if line.before is None else line.before)
        case _ if name := getattr(line, "instance", ""):
            node.states.setdefault(name, [])


def _note_master(
    node: NodeSurvey, record: LogRecord, line: MasterChanged | LowerPriorityHeard | HigherPriorityHeard
) -> None:
    """Note an own priority, and that only a Master writes such a line: it was one before its log began."""
    if isinstance(line, MasterChanged):
        return
    if line.ours is not None:
        node.priorities.setdefault(line.instance, line.ours)
    is_master = isinstance(line, HigherPriorityHeard) or line.ours is not None
    if is_master and not node.states.get(line.instance) and not node.started:
        node.masters.setdefault(line.instance, record.place)


def _note_life(node: NodeSurvey, record: LogRecord, line: LogLine | None) -> None:
    """Note a start that no end came before."""
    is_end = isinstance(line, DaemonStopped | ChildDied | DaemonStopping)
    if is_end:
        node.began = False
        _mark(node, "ended", record.stamp)
    elif isinstance(line, DaemonStarted) or (isinstance(line, ChildStarted) and line.child == "VRRP"):
        node.started = True
        _note_silent_end(node, record)
        _mark(node, "ended", record.stamp)
    if not is_end:
        node.began = True
        node.booted = False
    if record.stamp is not None:
        node.spoke = record.stamp, record.place


def _note_silent_end(node: NodeSurvey, record: LogRecord) -> None:
    """A start: if no end was told, the one before ended without a word."""
    if node.began and node.spoke is not None and record.stamp is not None:
        after, last_line = node.spoke
        gap = record.stamp.unix - after.unix
        if node.booted or gap > _SAME_START:
            node.silent_ends[last_line] = SilentEnd(max(0.0, gap), record.place, node.booted)


def _mark(node: NodeSurvey, kind: str, stamp: Stamp | None) -> None:
    if stamp is not None and len(node.marks) < _MOST_MARKS:
        node.marks.append(Mark(kind, stamp.unix, stamp.unix + stamp.precision))


def _note_advert(node: NodeSurvey, record: FrameRecord, advert: Advertisement) -> None:
    if advert.vrid is None or advert.priority is None:
        return
    key = ((advert.vrid, ":" in advert.source), advert.source)
    seen = node.adverts.setdefault(key, SeenSource())
    seen.count += 1
    seen.sent += record.direction == "sent"
    if len(seen.priorities) < 300:
        seen.priorities.add(advert.priority)
    seen.first_priority = seen.first_priority or advert.priority
    seen.first_interval = seen.first_interval or advert.interval or 0.0
    seen.interval, seen.version = advert.interval or seen.interval, advert.version or seen.version
    seen.addresses = advert.addresses or seen.addresses
    seen.unpadded += 0 < len(record.data) < _SHORTEST_ON_A_WIRE
    if record.stamp is None:
        return
    at = record.stamp.unix
    if not seen.streaks or at - seen.streaks[-1][1] > _MISSED * seen.interval:
        _mark(node, f"seen_{advert.source}", record.stamp)
        if len(seen.streaks) < _MOST_MARKS:
            seen.streaks.append((at, at))
    seen.streaks[-1] = seen.streaks[-1][0], at
    if advert.priority == 0:
        _mark(node, f"zero_{advert.source}", record.stamp)
    if record.data:
        _note_sighting(node, record, record.stamp, advert.source)


def _note_sighting(node: NodeSurvey, record: FrameRecord, stamp: Stamp, source: str) -> None:
    """Remember a frame by what is behind its Ethernet header; of many, the same ones on every node."""
    fingerprint = crc32(record.data[14:54])
    before = node.sightings.get(fingerprint)
    if before is not None:
        if stamp.unix - before[0] > _SAME_FRAME:  # else it was captured on two interfaces
            times = node.repeats.setdefault(fingerprint, [before[0]])
            if len(times) < _MOST_REPEATS and stamp.unix - times[-1] > _SAME_FRAME:
                times.append(stamp.unix)
        return
    if len(node.sightings) >= _MOST_SIGHTINGS and fingerprint % 64:
        return
    if len(node.sightings) < 2 * _MOST_SIGHTINGS:
        node.sightings[fingerprint] = stamp.unix, source
