"""Makes a recording of an incident: all that was brought, on one clock, in one order.

Files are read twice: once to learn who is who and how the clocks differ, once for the events. So a capture
of a million frames is never in memory.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, tzinfo

from hatlab import events as e
from hatlab.errors import UserError
from hatlab.incident.brought import BroughtFile
from hatlab.incident.clocks import ClockOffset, estimate_offsets, estimate_starts, with_known_clocks
from hatlab.incident.frame_facts import ClaimedStates, FrameFacts
from hatlab.incident.lab_event import IncidentLab, make_lab
from hatlab.incident.last_words import LastWord, LastWords
from hatlab.incident.log_facts import LogFacts
from hatlab.incident.moment import Moment
from hatlab.incident.pinning import pin_states
from hatlab.incident.sources import (
    AddressRecord,
    ClockStep,
    ConfRecord,
    FrameRecord,
    LinkRecord,
    LogRecord,
    Record,
    SourceNote,
    Stamp,
)
from hatlab.incident.survey import SilentEnd, Survey, read_records, survey_files
from hatlab.keepalived import read_settings
from hatlab.state.model import layout_of
from hatlab.topology import Layout
from hatlab.util.addresses import is_ipv6
from hatlab.util.text import join_names

_EXACT = 0.002
"""Seconds: a time that is known so well is not told as `about`."""
_LONGEST = 50 * 86400.0
"""Seconds that a recording may last."""
_NEXT_LINE = 1e-6
"""Seconds from one line to the next where no line has a time."""
_MOST_EARLY = 1.0
"""Seconds by which a file's records may be out of order."""


@dataclass
class Incident:
    """An incident as a recording."""

    lab: IncidentLab
    offsets: dict[str, ClockOffset]
    notes: list[str] = field(default_factory=list)
    """What could not be read, or was assumed: whole sentences."""
    events: Iterator[e.Event] = field(default_factory=lambda: iter(()))
    """In order, the `lab` event first; can be read once."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of an incident that is wanted: seconds since the epoch, or times of day, `03:12:30`."""

    begin: float | str | None = None
    end: float | str | None = None

    def between(self, first: float, last: float, zone: tzinfo | None) -> tuple[float, float]:
        """The window inside an incident that was from `first` to `last`, in seconds since the epoch."""
        begin, end = _on_day(self.begin, last, zone), _on_day(self.end, last, zone)
        return max(first, first if begin is None else begin), min(last, last if end is None else end)


def import_incident(
    files: list[BroughtFile],
    *,
    name: str = "incident",
    zone: tzinfo | None = None,
    window: Window | None = None,
    clocks: dict[str, float] | None = None,
    on_progress: Callable[[str, BroughtFile], None] = lambda _what, _file: None,
) -> Incident:
    """Read all files of an incident.

    Args:
        name: of the lab.
        zone: of times without one; None for that of this machine.
        clocks: node → how far its clock is ahead, in seconds, where somebody knows it.
        on_progress: told what begins: `read` or `write`, and which file.

    Raises:
        UserError: a file cannot be read, or there is nothing of an incident in them.
    """
    window = window or Window()
    found = survey_files(files, zone, lambda file: on_progress("read", file))
    own: dict[str, set[str]] = {}
    lab = make_lab(found, name, "")
    for (node, _), address in lab.own.items():
        own.setdefault(node, set()).add(address)
    starts = estimate_starts(found, own)
    offsets = estimate_offsets(found, own)
    offsets = with_known_clocks(offsets, clocks or {})
    zero, last = _span(found, offsets, window, zone)
    if last - zero > _LONGEST:
        raise UserError(
            f"these files cover {(last - zero) / 86400:.0f} days",
            "say which part you want: --from TIME --to TIME",
        )
    notes = [f"{note.place}: {note.text}" for note in found.notes] + lab.notes
    if found.is_timed:
        began = datetime.fromtimestamp(zero, zone or UTC).astimezone(zone)
        lab.event = replace(lab.event, started=began.isoformat(timespec="microseconds"))
        ended = datetime.fromtimestamp(last, zone or UTC).astimezone(zone)
        if ended.utcoffset() != began.utcoffset():
            notes.append(
                "Summer time begins or ends at this place between these times: all are told as by a clock "
                f"that was not changed (UTC{began:%z})."
            )
    else:
        notes.append("Nothing here has a time: only the order of each file's lines is known.")
    notes += [_of_start(name, start, zone) for name, start in starts.items()]
    if found.is_timed and found.untimed_files:
        names = join_names(sorted(found.untimed_files))
        notes.append(f"{names} has no times, so what it says is left out.")
    incident = Incident(lab, offsets, notes)
    reader = _EventReader(found, lab, offsets, starts, (zero, last))
    incident.events = reader.events(lambda file: on_progress("write", file))
    return incident


def _span(
    found: Survey, offsets: dict[str, ClockOffset], window: Window, zone: tzinfo | None
) -> tuple[float, float]:
    """The first and the last moment, by the first node's clock."""
    firsts = [n.first - offsets[n.name].seconds for n in found.nodes.values() if n.first is not None]
    lasts = [n.last - offsets[n.name].seconds for n in found.nodes.values() if n.last is not None]
    if not firsts:
        return 0.0, 0.0
    begin, end = window.between(min(firsts), max(lasts), zone)
    if begin > end:
        raise UserError(
            "nothing is left between --from and --to",
            f"the files are from {_time(min(firsts))} to {_time(max(lasts))} (UTC)",
        )
    return float(int(begin)), end


def _on_day(moment: float | str | None, last: float, zone: tzinfo | None) -> float | None:
    """A moment in seconds since the epoch; a time of day on the latest day that had it already."""
    if not isinstance(moment, str):
        return moment
    given = time.fromisoformat(moment)
    day = datetime.fromtimestamp(last, zone).astimezone(zone)
    at = day.replace(hour=given.hour, minute=given.minute, second=given.second, microsecond=given.microsecond)
    return (at if at <= day else at - timedelta(days=1)).timestamp()


def _of_start(name: str, start: ClockOffset | None, zone: tzinfo | None) -> str:
    """A sentence on a file whose times count from an unknown moment."""
    if start is None:
        return (
            f"{name} counts its times from a moment that neither it nor its node's log says, so it is left "
            "out (tcpdump -tttt writes whole times)."
        )
    began = datetime.fromtimestamp(-start.seconds, zone or UTC).astimezone(zone)
    return (
        f"{name} counts its times from a moment that it does not say: by its node's log that was "
        f"{began:%H:%M:%S}, give or take {start.uncertainty:.1f} s."
    )


def _time(unix: float) -> str:
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%d %H:%M:%S")


class _EventReader:
    """Reads the events of all files in one order."""

    def __init__(
        self,
        found: Survey,
        lab: IncidentLab,
        offsets: dict[str, ClockOffset],
        starts: dict[str, ClockOffset | None],
        span: tuple[float, float],
    ) -> None:
        self._found, self._lab, self._offsets, self._starts = found, lab, offsets, starts
        self._zero, self._last = span
        self._layout = layout_of(lab.event)
        self._networks = {node: _interfaces(self._layout, node, text) for node, text in lab.texts.items()}
        self._frames: dict[str, FrameFacts] = {}
        self._earlier: dict[tuple[str, ...], e.Event] = dict(self._masters_at_begin())
        """What was so when the wanted part begins: the last word on each thing from before it."""

    def events(self, on_file: Callable[[BroughtFile], None]) -> Iterator[e.Event]:
        """Yield the `lab` event, the configurations, and everything else in order."""
        yield self._lab.event
        for node, text in self._lab.texts.items():
            place = next((str(conf.place) for conf in self._found.nodes[node].confs), "")
            yield e.Conf(at=0.0, node=node, text=text, evidence=place)
        yield e.Phase(at=0.0, name="ready", done=True)
        files = list(dict.fromkeys(f for node in self._found.nodes.values() for f in node.files))
        streams = [_in_order(self._events_of(file, on_file)) for file in files]
        logged = frozenset(n.name for n in self._found.nodes.values() if "log" in n.kinds)
        claimed = ClaimedStates(self._layout, logged)
        last_words = LastWords(dict(self._last_words()))
        seen_on: set[str] = set()
        last = 0.0
        captured = frozenset(n.name for n in self._found.nodes.values() if "capture" in n.kinds)
        merged = heapq.merge(*streams, key=lambda event: event.at)
        first = list(itertools.islice(merged, 1))  # by then each file was read up to the wanted part
        pinned = pin_states(itertools.chain(first, merged), self._layout, captured)
        for event in itertools.chain(self._states_at_begin(), pinned):
            node = getattr(event, "node", "")
            if node and node not in seen_on:
                seen_on.add(node)
                yield e.Node(at=event.at, node=node, state="on", evidence=event.evidence)
            gives_up = isinstance(event, e.Advert) and event.priority == 0
            if gives_up:
                yield event  # what follows from it comes behind it
            if isinstance(event, e.Advert):
                yield from claimed.events(event)
            if not gives_up:
                yield event
            yield from last_words.events(event)
            last = event.at
        yield e.Tick(at=last)

    def _masters_at_begin(self) -> Iterator[tuple[tuple[str, ...], e.Event]]:
        """Yield what was Master before its log began, and that its keepalived ran."""
        for node in self._found.nodes.values():
            for called, place in node.masters.items():
                name = self._lab.instances.get(node.name, {}).get(called, called)
                if name in self._layout.instances_of(node.name):
                    process = e.Process(at=0.0, node=node.name, service="keepalived", state="up", reason="")
                    yield ("process", node.name, "keepalived"), process
                    where = str(place)
                    state = e.Vrrp(
                        at=0.0, node=node.name, instance=name, state="MASTER", priority=None, evidence=where
                    )
                    yield ("vrrp", node.name, name), state

    def _last_words(self) -> Iterator[tuple[str, LastWord]]:
        """Yield each node with a log, and the last that is told of it: by its own files or its adverts."""
        for node in self._found.nodes.values():
            if node.spoke is None or node.last is None:
                continue
            stamp, place = node.spoke
            at = node.last - self._offsets[node.name].seconds - self._zero + stamp.precision
            at = max([at, *self._adverts_of(node.name)])
            yield node.name, LastWord(at, str(place))

    def _adverts_of(self, name: str, until: float = math.inf) -> Iterator[float]:
        """Yield when each capture has a node's last advert before a moment, s since the beginning."""
        for (owner, router), address in self._lab.own.items():
            for other in self._found.nodes.values() if owner == name else ():
                ahead = self._offsets[other.name].seconds + self._zero
                seen = other.adverts.get((router, address))
                at = seen.last_before(until + ahead) if seen is not None else None
                if at is not None:
                    yield round(at - ahead, 6)

    def _note_earlier(self, event: e.Event) -> None:
        match event:
            case e.Vrrp():
                self._earlier["vrrp", event.node, event.instance] = event
            case e.Process():
                self._earlier["process", event.node, event.service] = event
                if event.service == "keepalived":  # with its end, what it was is over
                    over = {("vrrp", event.node), ("address", event.node)}
                    self._earlier = {k: v for k, v in self._earlier.items() if k[:2] not in over}
            case e.Address():
                self._earlier["address", event.node, event.address] = event
            case e.Link():
                self._earlier["link", event.node, event.network] = event

    def _states_at_begin(self) -> Iterator[e.Event]:
        """Yield what was so already, with the place that says it; a state first, as it did not just start."""
        order = {"link": 0, "vrrp": 1, "process": 2, "address": 3}
        for _, event in sorted(self._earlier.items(), key=lambda one: order[one[0][0]]):
            yield replace(event, at=0.0, about=0.0)

    def _events_of(self, file: BroughtFile, on_file: Callable[[BroughtFile], None]) -> Iterator[e.Event]:
        on_file(file)
        steps = list(self._found.steps.get(file.name, ()))
        logs: dict[str, LogFacts] = {}
        ahead = sum(step.seconds for step in steps)
        before: Stamp | None = None
        count = itertools.count()
        for record in read_records(self._found, file):
            if isinstance(record, ClockStep):
                ahead -= record.seconds
                continue
            if isinstance(record, SourceNote | ConfRecord):
                continue
            stamp = record.stamp
            if stamp is None and not self._found.is_timed and isinstance(record, LogRecord | FrameRecord):
                stamp = Stamp(next(count) * _NEXT_LINE, 0.0)
            elif stamp is None and isinstance(record, LogRecord):  # of a line between others that have one
                stamp = before
            if stamp is None:
                continue
            if file.name in self._starts and self._found.counts_apart(file, stamp):
                start = self._starts[file.name]
                if start is None:
                    continue
                stamp = Stamp(stamp.unix - start.seconds, max(stamp.precision, 2 * start.uncertainty))
            before = stamp
            node = self._found.node_of(file, record)
            unix = stamp.unix + ahead - self._offsets[node].seconds
            if unix > self._last + 1:
                continue
            for event in self._events_of_record(node, record, stamp, unix, logs):
                if unix >= self._zero:
                    yield event
                else:
                    self._note_earlier(event)

    def _events_of_record(
        self, node: str, record: Record, stamp: Stamp, unix: float, logs: dict[str, LogFacts]
    ) -> Iterator[e.Event]:
        about = stamp.precision if stamp.precision > _EXACT else 0.0
        place = getattr(record, "place", "")
        moment = Moment(at=round(unix - self._zero, 6), about=about, evidence=str(place))
        match record:
            case LogRecord():
                if node not in logs:
                    logs[node] = self._log_facts(node)
                yield from logs[node].events(record.program, record.text, moment)
                end = self._found.nodes[node].silent_ends.get(record.place)
                if end is not None:
                    yield from logs[node].end_silently(end.rebooted, self._silent_end(node, end, moment))
            case FrameRecord():
                if node not in self._frames:
                    self._frames[node] = FrameFacts(node, self._layout)
                yield from self._frames[node].events(record, moment)
            case AddressRecord():
                network = self._layout.network_of(record.address)
                if network:
                    vip = record.address in self._layout.vip_addresses
                    yield e.Address(
                        node=node,
                        network=network,
                        address=record.address,
                        held=record.held,
                        vip=vip,
                        **moment,
                    )
            case LinkRecord():
                network = self._networks.get(node, {}).get(record.interface)
                if network:
                    yield e.Link(node=node, network=network, up=record.up, **moment)

    def _silent_end(self, node: str, end: SilentEnd, moment: Moment) -> Moment:
        """When something ended without a word: after its last line, and its last advert in any capture."""
        start = moment["at"] + end.seconds
        last = max([moment["at"], *self._adverts_of(node, until=start)])
        return Moment(at=last, about=max(0.0, start - last), evidence=str(end.next_line))

    def _log_facts(self, node: str) -> LogFacts:
        joined = self._layout.instances_of(node)
        return LogFacts(
            node,
            self._lab.instances.get(node, {}),
            {name: self._layout.vips(name) for name in joined},
            self._networks.get(node, {}),
            _needed_checks(self._lab.texts.get(node, "")),
        )


def _needed_checks(text: str) -> dict[str, tuple[str, ...]]:
    """Check → the instances of a configuration that are in FAULT while it fails."""
    found: dict[str, tuple[str, ...]] = {}
    for name, settings in read_settings(text).items():
        for track in settings.tracks:
            if track.kind == "script" and track.means_fault(False):
                found[track.name] = (*found.get(track.name, ()), name)
    return found


def _interfaces(layout: Layout, node: str, text: str) -> dict[str, str]:
    """A node's interfaces, as its configuration calls them, and their networks."""
    found: dict[str, str] = {}
    for name, settings in read_settings(text).items():
        spec = layout.topology.instances.get(name)
        if spec is not None and settings.interface:
            found[settings.interface] = spec.network_of(node)
        for vip in settings.virtual_addresses:
            network = layout.network_of(vip.address)
            if vip.device and network and is_ipv6(vip.address) == (settings.family == 6):
                found.setdefault(vip.device, network)
    return found


def _in_order(events: Iterator[e.Event]) -> Iterator[e.Event]:
    """Events of a file, of which some may be a little late."""
    waiting: list[tuple[float, int, e.Event]] = []
    for number, event in enumerate(events):
        heapq.heappush(waiting, (event.at, number, event))
        while waiting and waiting[0][0] <= event.at - _MOST_EARLY:
            yield heapq.heappop(waiting)[2]
    while waiting:
        yield heapq.heappop(waiting)[2]
