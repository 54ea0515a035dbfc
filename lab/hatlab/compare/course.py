"""The course of a run: streams of what happened, each moment with how exactly its time is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from hatlab import events as e
from hatlab.describe.times import RunClock
from hatlab.state.faults import find_faults
from hatlab.state.model import LabState
from hatlab.state.run_report import OF_OWNERS, RunReport, build_report
from hatlab.state.steps import Step
from hatlab.state.tracks import HANDOVER, UNKNOWN
from hatlab.topology import Layout
from hatlab.util.addresses import short_address

KINDS = ("state", "owners", "outage", "condition", "heard", "sent")
"""Kinds of streams, the most telling first."""
ADVERTS = ("heard", "sent")
"""Kinds about adverts."""
NOBODY, SILENT = "nobody", "silent"
"""Values of an address without an owner, and of a sender that is not heard."""
_NOTICED = 1.0
"""Seconds from a condition's beginning to when it is noticed, about, where nothing ticks."""
_GAP = 0.5
"""Seconds more than three intervals after which a sender is silent."""


class StreamKey(NamedTuple):
    """What a stream is about."""

    kind: str
    """One of `KINDS`."""
    subject: tuple[str, ...]
    """state: node, instance. owners: instance, number of the address. outage: client. condition: name.
    heard: node, sender, VRID. sent: node, VRID."""


@dataclass(frozen=True, slots=True)
class Moment:
    """From this moment on a stream has a value."""

    at: float
    """Seconds since the run began."""
    value: str
    about: float = 0.0
    """It happened in this many seconds from `at` on; 0 if that is known exactly."""
    seconds: float = 0.0
    """Of an outage, its length."""
    why: e.Why | None = None
    """Of a state, what explains it."""
    is_first_known: bool = False
    """It may have been so before: nothing is known of that."""


@dataclass(frozen=True, slots=True)
class Break:
    """The effect of a fault, as it was observed."""

    at: float
    what: str
    """In words, as `hatlab status` says it."""
    cure: tuple[str, ...]
    """The words of the action that fixes it: by them the same fault of another run is known."""
    about: float = 0.0


@dataclass(slots=True)
class Course:
    """What a run is compared by."""

    report: RunReport
    streams: dict[StreamKey, list[Moment]] = field(default_factory=dict)
    breaks: list[Break] = field(default_factory=list)
    """After the lab was ready, in order of time."""
    labels: dict[tuple[str, str], str] = field(default_factory=dict)
    """Instance and number of an address → what the address is called: `.100`."""
    confs: dict[str, str] = field(default_factory=dict)
    """Node → its first keepalived.conf."""
    layout: Layout | None = None
    begins: float = 0.0
    """From when on it counts: when the lab was ready, or where a recording without that begins."""

    @property
    def is_imported(self) -> bool:
        """True for an incident of which nothing is known but what was brought."""
        return self.report.lab is not None and bool(self.report.lab.sources)

    @property
    def ready(self) -> float | None:
        """When the lab was ready; None of an incident, in which nobody waited for that."""
        return None if self.is_imported else self.report.ready

    @property
    def clock(self) -> RunClock:
        """How its moments are written: of an incident as the time of day."""
        lab = self.report.lab
        return RunClock.of_day(lab.started) if lab is not None and self.is_imported else RunClock()

    @property
    def ends(self) -> float:
        return self.report.ends

    def sees_states(self, key: StreamKey) -> bool:
        """Return whether it would have each state: without a log only a Master shows, by its adverts."""
        sources = self.report.lab.sources if self.report.lab else {}
        return not sources or "log" in sources.get(key.subject[0], ())

    def from_start(self) -> Course:
        """Return the same, counted from where the recording begins."""
        return replace(self, begins=self.report.lab.at if self.report.lab else 0.0)

    def knows(self, key: StreamKey) -> bool:
        """Return whether it would have this stream, had it happened: of an import, whether it was brought."""
        lab, (kind, subject) = self.report.lab, key
        sources: Mapping[str, Iterable[str]] = lab.sources if lab else {}
        if not sources:
            is_client = self.layout is not None and subject[0] in self.layout.client_names
            return is_client if kind == "outage" else True
        if kind in ("owners", "condition", "outage"):
            return key in self.streams
        wanted = "log" if kind == "state" else "capture"
        return key in self.streams or wanted in sources.get(subject[0], ())


def read_course(steps: Iterable[Step]) -> Course:
    """Read a run to its end."""
    collector = _Collector()
    report = build_report(collector.watch(steps))
    return collector.finish(report)


class _Collector:
    """Takes from the steps of a run what its report does not have."""

    def __init__(self) -> None:
        self._adverts: dict[StreamKey, list[e.Advert]] = defaultdict(list)
        self._breaks: list[Break] = []
        self._confs: dict[str, str] = {}
        self._about: dict[float, float] = {}
        """When an address was taken or given up → how exactly that is known, s."""
        self._layout: Layout | None = None

    def watch(self, steps: Iterable[Step]) -> Iterator[Step]:
        for step in steps:
            self._add(step)
            yield step

    def _add(self, step: Step) -> None:
        event, before, after = step
        if event.about and isinstance(event, e.Address | e.Process | e.Node):
            self._about[event.at] = max(event.about, self._about.get(event.at, 0.0))
        match event:
            case e.Lab():
                self._layout = after.layout
            case e.Conf():
                self._confs.setdefault(event.node, event.text)
            case e.Advert():
                self._add_advert(event)
            case e.Process() | e.Node() | e.Link() | e.Filter():
                self._add_breaks(event, before, after)

    def _add_advert(self, advert: e.Advert) -> None:
        vrid = str(advert.vrid)
        if advert.direction == "sent":
            key = StreamKey("sent", (advert.node, vrid))
        else:
            sender = self._layout.owner_of(advert.source) if self._layout else None
            key = StreamKey("heard", (advert.node, sender or short_address(advert.source), vrid))
        self._adverts[key].append(advert)

    def _add_breaks(self, event: e.Event, before: LabState, after: LabState) -> None:
        known = {str(cure) for _, cure in find_faults(before)}
        if not (after.ready or after.is_imported):
            return
        for what, cure in find_faults(after):
            if str(cure) not in known:
                self._breaks.append(Break(event.at, what, (cure.verb, *cure.args), event.about))

    def finish(self, report: RunReport) -> Course:
        course = Course(report, breaks=self._breaks, confs=self._confs, layout=self._layout)
        course.begins = course.ready if course.ready is not None else report.lab.at if report.lab else 0.0
        self._add_states(course)
        self._add_owners(course)
        for span in report.outages:
            key = StreamKey("outage", (span.outage.client,))
            moment = Moment(span.outage.began, "outage", seconds=span.outage.seconds)
            course.streams.setdefault(key, []).append(moment)
        elected = min((c.at for c in report.transitions if c.to == "MASTER"), default=0.0)
        for condition in report.conditions:
            if condition.name == "no_owner" and condition.began < elected:
                continue  # before there was an owner at all: how long a start takes
            stream = course.streams.setdefault(StreamKey("condition", (condition.name,)), [])
            about = _NOTICED if course.is_imported else 0.0
            late = 0.0 if condition.name in OF_OWNERS else about
            stream.append(Moment(condition.began - late, "began", about))
            if condition.ended is not None:
                stream.append(Moment(condition.ended - late, "ended", about))
        for key, adverts in self._adverts.items():
            course.streams[key] = list(_spans_of_priority(sorted(adverts, key=lambda a: a.at), course.ends))
        return course

    def _add_states(self, course: Course) -> None:
        """An instance's start (INIT) is no state to compare: how long it takes is the machine's business.

        Of a start that comes to nothing no more is told: it was stopped, and is.
        """
        for change in course.report.transitions:
            stream = course.streams.setdefault(StreamKey("state", (change.node, change.instance)), [])
            is_still_stopped = bool(stream) and stream[-1].value == change.to == "STOPPED"
            if change.to != "INIT" and not is_still_stopped:
                known = change.from_ == "UNKNOWN"
                stream.append(
                    Moment(change.at, change.to, change.about, why=change.why, is_first_known=known)
                )

    def _add_owners(self, course: Course) -> None:
        if self._layout is None:
            return
        lanes = {lane.name: lane for lane in course.report.timeline.lanes if lane.kind == "vip"}
        for instance in self._layout.topology.instances:
            for number, (address, _) in enumerate(self._layout.vips(instance)):
                course.labels[instance, str(number)] = short_address(address)
                segments = lanes[address].track.segments()
                moments = [Moment(s.start, s.value, self._about.get(s.start, 0.0)) for s in segments]
                if any(moment.value != UNKNOWN for moment in moments):
                    key = StreamKey("owners", (instance, str(number)))
                    course.streams[key] = list(_without_handovers(moments, course.ends))


def _without_handovers(moments: list[Moment], ends: float) -> Iterator[Moment]:
    """Yield owners without the milliseconds of an orderly handover, in which there are two or none.

    That they are not known, in an import, is kept: what happened meanwhile is nothing to compare.
    """
    last = None
    for moment, after in zip(moments, [*(m.at for m in moments[1:]), ends], strict=True):
        brief = after - moment.at < HANDOVER and (moment.value in (NOBODY, UNKNOWN) or "+" in moment.value)
        if not brief and moment.value != last:
            last = moment.value
            yield moment


def _spans_of_priority(adverts: list[e.Advert], ends: float) -> Iterator[Moment]:
    """Yield each change of the priority that somebody advertises, and when he falls silent."""
    last = None
    for advert in adverts:
        if last is not None and advert.at - last.at > _patience(last):
            yield Moment(last.at, SILENT, last.about)
            last = None
        if last is None or last.priority != advert.priority:
            yield Moment(advert.at, str(advert.priority), advert.about)
        last = advert
    if last is not None and ends - last.at > _patience(last):
        yield Moment(last.at, SILENT, last.about)


def _patience(advert: e.Advert) -> float:
    """Return the seconds after which its sender is silent; of a priority 0, at once."""
    return 3 * (advert.interval or 1.0) + _GAP
