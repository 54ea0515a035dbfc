"""What of two runs agrees, what differs and by how much."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile
from math import inf

from hatlab.compare.anchor import Alignment, find_alignment
from hatlab.compare.course import ADVERTS, KINDS, NOBODY, SILENT, Course, Moment, StreamKey
from hatlab.compare.pairing import Pairing, pair
from hatlab.compare.sequence import WITHIN, align
from hatlab.state.tracks import HANDOVER, UNKNOWN

_EDGE = {"heard": 4.5, "sent": 4.5}
"""Kind → seconds before a run's end in which something may be missing: it may have been about to come."""
_WEIGHTS = {"state": 3.0, "owners": 2.0, "outage": 1.0, "condition": 1.0, "heard": 1.0, "sent": 1.0}
"""How much a moment of each kind counts in the share that agrees."""


@dataclass(frozen=True, slots=True)
class Match:
    """Something of one run and its like in the other; None where the other has nothing of the kind."""

    key: StreamKey
    """With the first run's names."""
    first: Moment | None
    other: Moment | None
    """With the first run's names, and its own time."""
    seconds: float = 0.0
    """By how much the other came later (negative: earlier), both laid over one another."""
    apart: float = 0.0
    """By how much it came later at least, as exactly as both times are known; 0 within the tolerance."""
    causes: tuple[str, str] | None = None
    """What each run says of why, where that differs."""

    @property
    def value(self) -> str:
        moment = self.first or self.other
        assert moment is not None
        return moment.value

    @property
    def longer(self) -> float:
        """By how many seconds the other's outage was longer."""
        return self.other.seconds - self.first.seconds if self.first and self.other else 0.0

    def differs(self, within: float) -> bool:
        alone = self.first is None or self.other is None
        return alone or self.apart != 0 or self.causes is not None or abs(self.longer) > within


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs laid over one another."""

    first: Course
    other: Course
    pairing: Pairing
    alignment: Alignment
    within: float
    matches: tuple[Match, ...]
    """Everything that both runs could have, the most telling kinds first, each in order of time."""
    unknown: tuple[StreamKey, ...]
    """What only one run could have told, as the other's sources say nothing of it."""
    confs: Mapping[str, tuple[str, ...]]
    """Node → the lines in which its configurations differ, as in a diff."""

    @property
    def differences(self) -> tuple[Match, ...]:
        """What differs. Adverts count where nothing else does: they repeat what the rest says."""
        found = [match for match in self.matches if match.differs(self.within)]
        return tuple([m for m in found if m.key.kind not in ADVERTS] or found)

    @property
    def same(self) -> bool:
        """True if there was something to compare, and nothing differs but the configurations."""
        return bool(self.matches) and not self.differences

    def of(self, kind: str) -> list[Match]:
        return [match for match in self.matches if match.key.kind == kind]

    @property
    def agreement(self) -> float:
        """The share of what happened in which both agree, 0 to 1; a time that is off counts in part."""
        whole = sum(_WEIGHTS[m.key.kind] for m in self.matches)
        lost = sum(self._weigh(match) for match in self.matches if match.differs(self.within))
        return 1 - lost / whole if whole else 1.0

    def _weigh(self, match: Match) -> float:
        """Return how much a difference takes away."""
        weight = _WEIGHTS[match.key.kind]
        if match.first is None or match.other is None:
            return weight
        off = abs(match.apart) + abs(match.longer)
        part = 0.2 + 0.6 * off / (off + 2.0) if off else 0.2
        return weight * part


def compare_courses(
    first: Course,
    other: Course,
    *,
    align_at: str = "",
    within: float = WITHIN,
    same_names: Sequence[str] = (),
) -> Comparison:
    """Compare two runs.

    Args:
        first: the run whose names and times are used.
        other: the run that is laid over it.
        align_at: see `find_alignment`.
        within: seconds by which times may differ.
        same_names: see `hatlab.compare.pairing.pair`.

    Raises:
        UserError: `align_at` or `same_names` does not fit the runs.
    """
    if first.ready is None or other.ready is None:  # its own start counts, too
        first, other = first.from_start(), other.from_start()
    pairing = pair(first, other, same_names)
    alignment = find_alignment(first, other, pairing, align_at, within)
    theirs = {pairing.key(key): key for key in other.streams}
    keys = sorted({*first.streams, *theirs}, key=lambda key: (KINDS.index(key.kind), key.subject))
    comparer = _Comparer(first, other, pairing, alignment, within)
    matches: list[Match] = []
    unknown = []
    for key in keys:
        if _is_elsewhere(key, first, other):
            continue
        their_key = theirs.get(key, _key_of_other(key, pairing))
        if first.knows(key) and other.knows(their_key):
            matches += comparer.compare_stream(key, their_key)
        else:
            unknown.append(key)
    matches.sort(key=lambda m: (KINDS.index(m.key.kind), comparer.time_of(m)))
    confs = dict(_differing_confs(first, other, pairing))
    return Comparison(first, other, pairing, alignment, within, tuple(matches), tuple(unknown), confs)


def _is_elsewhere(key: StreamKey, first: Course, other: Course) -> bool:
    """Return whether it is of a virtual router in which none of an incident's nodes is."""
    if not (first.is_imported or other.is_imported) or key.kind not in ADVERTS or first.layout is None:
        return False
    vrids = {str(spec.vrid) for spec in first.layout.topology.instances.values()}
    return key.subject[-1] not in vrids


def _key_of_other(key: StreamKey, pairing: Pairing) -> StreamKey:
    """Return the other run's key of something that only the first one has."""
    back = {ours: theirs for theirs, ours in (*pairing.nodes.items(), *pairing.clients.items())}
    return StreamKey(key.kind, tuple(back.get(name, name) for name in key.subject))


_UNKNOWN_STATE = "UNKNOWN"


class _Comparer:
    def __init__(
        self, first: Course, other: Course, pairing: Pairing, alignment: Alignment, within: float
    ) -> None:
        self._first, self._other, self._pairing = first, other, pairing
        self._alignment, self._within = alignment, within
        self._knows_less = first.is_imported or other.is_imported
        """Of an incident less is known of why than of a lab; that is no difference."""
        self._begins = max(first.begins, other.begins + alignment.shift)

    def time_of(self, match: Match) -> float:
        """Return when something happened, on the first run's clock."""
        if match.first is not None:
            return match.first.at
        assert match.other is not None
        return match.other.at + self._alignment.shift

    def compare_stream(self, key: StreamKey, their_key: StreamKey) -> Iterator[Match]:
        """Yield the pairs of one stream, without what only a run could see that went on longer."""
        ours, theirs = self._first.streams.get(key, []), self._other.streams.get(their_key, [])
        theirs = [replace(m, value=self._pairing.value(key.kind, m.value)) for m in theirs]
        if key.kind == "state" and not (self._first.sees_states(key) and self._other.sees_states(their_key)):
            ours, theirs = ([m for m in moments if m.value == "MASTER"] for moments in (ours, theirs))
        if key.kind == "state":  # that an import knows a state no more is nothing that happened
            ours, theirs = ([m for m in moments if m.value != _UNKNOWN_STATE] for moments in (ours, theirs))
        if key.kind == "owners":
            ours, theirs = map(_without_first_nobody, self._of_known_nodes(ours, theirs))
        shift, slack = self._alignment.shift, self._alignment.slack
        ours = self._from_beginning(key.kind, ours, 0.0)
        theirs = self._from_beginning(key.kind, theirs, shift)
        known_from = max(_known_from(ours), _known_from(theirs) + shift)
        for one, two in align(ours, theirs, shift):
            match = Match(key, one, two)
            if key.kind == "owners" and self._knows_less and self._is_unknown(match, ours, theirs):
                continue
            if one is None or two is None:
                at = self.time_of(match)
                if self._is_unnoticed(match) or _may_be_handover(match, ours if two is None else theirs):
                    continue
                if at > known_from and at <= self._end_of_lacking(match) - _EDGE.get(key.kind, 1.0):
                    yield match
                continue
            early = max(one.at, two.at + shift) <= self._begins or one.is_first_known or two.is_first_known
            seconds = 0.0 if early else two.at + shift - one.at
            low, high = seconds - one.about - slack, seconds + two.about + slack
            apart = low if low > self._within else high if high < -self._within else 0.0
            yield Match(key, one, two, seconds, apart, self._differing_causes(one, two))

    def _is_unnoticed(self, match: Match) -> bool:
        """Return whether one side could not know: of an incident, the end of a process that was killed, and
        conditions, which follow from more than was brought."""
        if match.key.kind == "condition":
            return self._knows_less
        lacking = self._first if match.first is None else self._other
        return lacking.is_imported and match.key.kind == "state" and match.value == "STOPPED"

    def _is_unknown(self, match: Match, ours: list[Moment], theirs: list[Moment]) -> bool:
        """Return whether an import knew no owner when the other had one, or knows again the one of both."""
        if match.value == UNKNOWN:
            return True
        if match.first is not None and match.other is not None:
            return False
        shift = self._alignment.shift
        own, lacking, shift = (ours, theirs, -shift) if match.first is not None else (theirs, ours, shift)
        moment = match.first or match.other
        assert moment is not None
        at, within = moment.at + shift, self._within + self._alignment.slack
        meanwhile = _values_about(lacking, at - within, at + moment.about + within)
        number = own.index(moment)
        return UNKNOWN in meanwhile or (
            number > 0 and own[number - 1].value == UNKNOWN and moment.value in meanwhile
        )

    def _from_beginning(self, kind: str, moments: list[Moment], shift: float) -> list[Moment]:
        """Return what holds when both runs have begun to count, and what comes after; of outages and
        conditions only the latter."""
        noticed = [m.about if kind == "condition" else 0.0 for m in moments]
        later = [
            m
            for m, about in zip(moments, noticed, strict=True)
            if m.at + about + shift > self._begins + self._within
        ]
        before = moments[: len(moments) - len(later)]
        lasting = kind not in ("outage", "condition") and before and before[-1].value != SILENT
        return [before[-1], *later] if lasting else later

    def _end_of_lacking(self, match: Match) -> float:
        """Return when the run ends that lacks something, on the first run's clock."""
        return self._first.ends if match.first is None else self._other.ends + self._alignment.shift

    def _of_known_nodes(self, ours: list[Moment], theirs: list[Moment]) -> tuple[list[Moment], list[Moment]]:
        """Return the owners of an address without nodes of which one run knows nothing."""
        known = _nodes_with_addresses(self._first)
        known &= {self._pairing.nodes.get(name, name) for name in _nodes_with_addresses(self._other)}
        return list(_only(ours, known)), list(_only(theirs, known))

    def _differing_causes(self, one: Moment, two: Moment) -> tuple[str, str] | None:
        """Return both causes if they differ in more than what stands behind a colon or in parentheses."""
        if one.why is None or two.why is None or self._knows_less or one.about or two.about:
            return None
        causes = one.why.cause, _rename(two.why.cause, self._pairing)
        heads = [cause.partition(":")[0].partition(" (")[0] for cause in causes]
        return causes if heads[0] != heads[1] else None


def _nodes_with_addresses(course: Course) -> set[str]:
    """Return the nodes of which a run would know that they hold an address."""
    names = set(course.layout.node_names) if course.layout else set()
    sources: Mapping[str, Iterable[str]] = course.report.lab.sources if course.report.lab else {}
    if not sources:
        return names
    seen = {
        name
        for key, moments in course.streams.items()
        if key.kind == "owners"
        for moment in moments
        for name in moment.value.split("+")
    }
    return {name for name in names if name in seen or "addresses" in sources.get(name, ())}


def _values_about(moments: list[Moment], begin: float, end: float) -> set[str]:
    """Return the values that may have held in a stretch of time."""
    ends = [*(moment.at + moment.about for moment in moments[1:]), inf][: len(moments)]
    return {m.value for m, until in zip(moments, ends, strict=True) if m.at <= end and until >= begin}


def _may_be_handover(match: Match, moments: list[Moment]) -> bool:
    """Return whether what only one run has may be an orderly handover, by times as exact as its own are."""
    moment = match.first or match.other
    assert moment is not None
    if match.key.kind != "owners" or not moment.about or not (moment.value == NOBODY or "+" in moment.value):
        return False
    after = next((later.at for later in moments if later.at > moment.at), inf)
    return after - moment.at - moment.about < HANDOVER


def _known_from(moments: list[Moment]) -> float:
    """Return from when on a stream is known; -inf if from its beginning."""
    return moments[0].at if moments and moments[0].is_first_known else -inf


def _without_first_nobody(moments: list[Moment]) -> list[Moment]:
    """Return owners from the first one on: that there was none before may be said, or not."""
    return [*dropwhile(lambda moment: moment.value in (NOBODY, UNKNOWN), moments)]


def _only(moments: list[Moment], names: set[str]) -> Iterator[Moment]:
    last = None
    for moment in moments:
        known = "+".join(name for name in moment.value.split("+") if name in names) or NOBODY
        value = UNKNOWN if moment.value == UNKNOWN else known
        if value != last:
            last = value
            yield replace(moment, value=value)


def _rename(text: str, pairing: Pairing) -> str:
    renamed = {other: first for other, first in pairing.nodes.items() if other != first}
    if not renamed:
        return text
    pattern = "|".join(map(re.escape, sorted(renamed, key=len, reverse=True)))
    return re.sub(rf"\b({pattern})\b", lambda match: renamed[match[0]], text)


def _differing_confs(first: Course, other: Course, pairing: Pairing) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (node, lines of a diff) where configurations differ in more than addresses and interfaces."""
    theirs = {pairing.nodes.get(name, name): text for name, text in other.confs.items()}
    for name, text in first.confs.items():
        if name in theirs:
            lines = (_comparable(text, first), _comparable(theirs[name], other))
            diff = [line for line in difflib.unified_diff(*lines, n=0, lineterm="") if _is_change(line)]
            if diff:
                yield name, tuple(diff)


def _comparable(text: str, course: Course) -> list[str]:
    if course.report.lab is not None:
        places = course.report.lab.real_addresses
        for address in sorted(places, key=len, reverse=True):
            text = re.sub(rf"(?<![\w.:]){re.escape(address)}(?![\w.:])", places[address], text)
    if course.layout is not None:
        for network, subnet in course.layout.subnets.items():
            text = text.replace(str(subnet.network_address)[:-1], f"{network}.")
        for network, ipv6 in course.layout.ipv6_subnets.items():
            text = text.replace(str(ipv6.network_address), f"{network}::")
    text = re.sub(r"\beth\d+\b", "ethN", text)
    stripped = (" ".join(line.partition("#")[0].partition("!")[0].split()) for line in text.splitlines())
    return [line for line in stripped if line]


def _is_change(line: str) -> bool:
    return line[:1] in "+-" and line[:3] not in ("+++", "---")
