"""Rules about who takes over when a check fails: weights, priorities, nopreempt (KA307 to KA309, KA313)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, finding, list_entries
from hatlab.keepalived.diagnose.pair.partners import Partner
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.settings import InstanceSettings
from hatlab.keepalived.tracks import Track
from hatlab.vrrp.router import OWNER

_MOST_WEIGHT = 253


def takeover_rules(conf: Configuration, partners: dict[str, list[Partner]]) -> Iterator[Finding]:
    for block, ours in conf.members:
        others = [other.settings for other in partners[ours.instance]]
        yield from _same_priority(block, ours, partners[ours.instance])
        if others:
            yield from _nopreempt_of_no_use(block, ours, partners[ours.instance])
            yield from _failures(conf, block, ours, others)


def effective_priority(settings: InstanceSettings, failed: Track | None = None) -> int:
    """Return the priority that an instance comes to when all is well but one thing (vrrp_track.c)."""
    if settings.priority == OWNER:
        return OWNER
    # what a tracked file says is not known here: it counts as 0
    tracks = [track for track in settings.tracks if track.weight and track.kind != "file"]
    total = settings.priority + sum(track.adds(track != failed) for track in tracks)
    return max(1, min(OWNER - 1, total))


def _same_priority(block: Statement, ours: InstanceSettings, others: Sequence[Partner]) -> Iterator[Finding]:
    at = block.last("priority") or block
    if "$" in at.value():
        return  # a number that keepalived draws, `${_RANDOM 90 200}`
    for other in others:
        own, name = effective_priority(ours), other.conf.name
        if ours.priority == other.settings.priority:
            yield finding("KA307", at, f"priority {ours.priority} both here and in {name}", word=1)
        elif own == effective_priority(other.settings):
            message = f"when all checks pass, the priority is {own} both here and in {name}"
            cure = "leave room for the weights below 254, and a gap between the members"
            yield finding("KA307", at, message, word=1, cure=cure)


def _nopreempt_of_no_use(
    block: Statement, ours: InstanceSettings, others: Sequence[Partner]
) -> Iterator[Finding]:
    at = block.last("nopreempt")
    higher = [other for other in others if other.settings.priority > ours.priority]
    if at and ours.nopreempt and higher and not any(other.settings.nopreempt for other in higher):
        name = higher[0].conf.name
        yield finding("KA313", at, f"{name} has the higher priority and takes the addresses back")


def _failures(
    conf: Configuration, block: Statement, ours: InstanceSettings, others: Sequence[InstanceSettings]
) -> Iterator[Finding]:
    """Failures that hand over to nobody; only the one with the highest priority has to."""
    healthy, best = effective_priority(ours), max(map(effective_priority, others))
    if ours.priority == OWNER or healthy < best:
        return
    for track in ours.tracks:
        if not track.weight or track.kind == "file":
            continue
        failed = effective_priority(ours, track)
        rivals = [other for other in others if effective_priority(other) > failed]
        frozen = all(other.nopreempt for other in rivals or others)
        at = _entry(conf, block, ours, track)
        if not rivals and healthy > best:
            message = (
                f"when `{track.name}` fails, {_change(healthy, failed)}: not below the "
                f"{best} of the next member"
            )
            yield finding("KA308", at, message, cure=_cure(ours, others, track, frozen=frozen))
        if frozen:
            message = f"every other member has nopreempt, but `{track.name}` has weight {track.weight}"
            yield finding("KA309", at, message)


def _change(healthy: int, failed: int) -> str:
    return f"{healthy} becomes {failed}" if failed != healthy else f"{healthy} stays {failed}"


def _cure(ours: InstanceSettings, others: Sequence[InstanceSettings], track: Track, *, frozen: bool) -> str:
    """What helps, tried out: a weight of the same sign on every member that tracks the same."""
    if frozen:
        return "use weight 0 (a failure means FAULT): with nopreempt no other weight helps"
    for size in range(1, _MOST_WEIGHT + 1):
        weight = size if track.weight > 0 else -size
        here, there = _with_weight(ours, track, weight), [_with_weight(o, track, weight) for o in others]
        best = max(map(effective_priority, there))
        changed = next(t for t in here.tracks if (t.kind, t.name) == (track.kind, track.name))
        if effective_priority(here, changed) < best < effective_priority(here):
            sign = "" if weight > 0 else "-"
            where = " on every member" if weight > 0 else ""
            return f"use a weight beyond {sign}{size - 1}{where}, or 0 (FAULT)"
    return "use weight 0 (a failure means FAULT): no other weight helps, because priorities end at 1 and 254"


def _with_weight(settings: InstanceSettings, track: Track, weight: int) -> InstanceSettings:
    same = (track.kind, track.name)
    tracks = [replace(t, weight=weight) if (t.kind, t.name) == same else t for t in settings.tracks]
    return replace(settings, tracks=tuple(tracks))


def _entry(conf: Configuration, block: Statement, ours: InstanceSettings, track: Track) -> Statement:
    """The line that tracks something: the instance's own or its sync group's."""
    groups = [group for group in conf.root.all("vrrp_sync_group") if group.value() == ours.sync_group]
    for owner in (block, *groups):
        for entry in list_entries(owner, f"track_{track.kind}"):
            if entry.keyword == track.name:
                return entry
    return block
