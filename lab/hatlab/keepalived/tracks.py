"""What the state and the priority of an instance depend on: the lines of its track_* blocks and of its sync
group's, its own interface and those of its addresses, as keepalived takes them (vrrp_track.c, vrrp.c)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hatlab.keepalived.parser import Statement
from hatlab.keepalived.virtual_addresses import VirtualAddress

Kind = Literal["script", "interface", "file", "process", "bfd"]
_NUMBER = re.compile(r"\s*([+-]?[0-9]{1,12})")
_DEFINITIONS: Mapping[str, Kind] = {
    "vrrp_script": "script",
    "track_file": "file",
    "vrrp_track_file": "file",
    "vrrp_track_process": "process",
    "bfd_instance": "bfd",
}
"""Keyword of a block → what it defines."""
_MOST_WEIGHT = 254
FAULT_STATUS = -254
"""At this product of a file's value and its weight, or below, an instance is in FAULT."""


@dataclass(frozen=True, slots=True)
class Track:
    """One thing that an instance depends on."""

    kind: Kind
    name: str
    """The name of its definition; an interface's own."""
    weight: int = 0
    """0: a failure means FAULT."""
    reverse: bool = False
    """It counts the other way round: a success is as a failure."""
    implied: bool = False
    """No line says so: its own interface, or that of one of its addresses."""
    from_group: bool = False
    """Only its sync group names it."""
    line_weights: tuple[int, ...] = ()
    """The weights of its own line and of its sync group's, if both name this check. One weight counts when it
    changes; but what waits for it, and what a reload takes over, keepalived counts by lines."""

    def adds(self, ok: bool) -> int:
        """Return what it adds to the priority: a positive weight with a success, a negative with a failure.

        Reversed it takes off what it would add.
        """
        weight = -self.weight if self.reverse else self.weight
        return weight if ok == (self.weight > 0) else 0

    def adds_after_reload(self, ok: bool) -> int:
        """Return what a check adds whose verdict a reload took over: keepalived forgets `reverse` there."""
        return sum(weight for weight in self.line_weights or (self.weight,) if ok == (weight > 0))

    @property
    def unweighted_lines(self) -> int:
        """How many lines name this check without a weight."""
        return (self.line_weights or (self.weight,)).count(0)

    def means_fault(self, ok: bool) -> bool:
        """True if it alone keeps the instance in FAULT."""
        return not self.weight and ok == self.reverse

    def file_status(self, value: int) -> int:
        """Return what a file's value adds to the priority, from -254, which means FAULT, to 253."""
        if not self.weight:
            return FAULT_STATUS if bool(value) != self.reverse else 0
        product = value * self.weight * (-1 if self.reverse else 1)
        return max(FAULT_STATUS, min(-FAULT_STATUS - 1, product))


@dataclass(frozen=True, slots=True)
class TrackedBlocks:
    """The blocks of a file that an instance may track, as far as they stand before it."""

    known: Mapping[tuple[Kind, str], Track]
    """(kind, name) → with the weight of its definition."""

    def read(self, block: Statement) -> dict[tuple[Kind, str], Track]:
        """Return what the track_* lines of an instance or a sync group come to."""
        tracks: dict[tuple[Kind, str], Track] = {}
        for inner in block.body or ():
            kind = inner.keyword.removeprefix("track_")
            entries = inner.body or () if inner.keyword.startswith("track_") else ()
            for entry in (entry for entry in entries if entry.words):
                key: tuple[Kind, str] = (kind, entry.keyword)  # type: ignore[assignment]
                default = Track("interface", entry.keyword) if kind == "interface" else self.known.get(key)
                track = _read_line(entry, default) if default else None
                if track is not None:
                    tracks.setdefault(key, track)
        return tracks


def definitions_before(root: Statement) -> Iterator[tuple[Statement, TrackedBlocks]]:
    """Yield each instance and sync group of a file with the definitions before it: keepalived reads once."""
    known: dict[tuple[Kind, str], Track] = {}
    for block in root.body or ():
        if (kind := _DEFINITIONS.get(block.keyword)) and block.value():
            known.setdefault((kind, block.value()), _read_definition(block, kind))
        elif block.keyword in {"vrrp_instance", "vrrp_sync_group"} and block.value():
            yield block, TrackedBlocks(dict(known))


def list_tracked_scripts(root: Statement) -> frozenset[str]:
    """Return the names in the track_script lines of a file, whether they are defined or not."""
    return frozenset(
        entry.keyword
        for keyword in ("vrrp_instance", "vrrp_sync_group")
        for block in root.all(keyword)
        for inner in block.all("track_script")
        for entry in inner.body or ()
    )


def combine_tracks(
    own: Mapping[tuple[Kind, str], Track],
    group: Mapping[tuple[Kind, str], Track],
    *,
    device: str,
    vips: Sequence[VirtualAddress],
    tracks_own_device: bool,
    keeps_weights: bool,
) -> tuple[Track, ...]:
    """Return all that an instance depends on (vrrp_complete_instance, sync_group_tracking_init).

    Args:
        own: its own lines.
        group: those of its sync group.
        device: its own interface.
        vips: its addresses.
        tracks_own_device: without `dont_track_primary`.
        keeps_weights: it is no owner, and in no sync group without `sync_group_tracking_weight`.
    """
    tracks: dict[tuple[Kind, str], Track] = {}
    for key, track in own.items():
        if track.kind == "interface" and track.name == device:
            continue  # keepalived: "Ignoring track_interface … since own interface"
        if keeps_weights or not track.weight or track.kind in {"interface", "process"}:
            tracks[key] = track
        elif track.kind == "file" and track.weight == 1:
            tracks[key] = replace(track, weight=0)
    implied = [device] if device and tracks_own_device else []
    implied += [v.device or device for v in vips if v.tracked]
    for name in implied:
        if name != device or tracks_own_device:
            _merge(tracks, Track("interface", name, implied=True))
    for track in group.values():
        _merge(tracks, replace(track, from_group=True))
    return tuple(tracks.values())


def _merge(tracks: dict[tuple[Kind, str], Track], track: Track) -> None:
    """Add one; if it is there with a weight, the later weight counts; if it is there without, that stays."""
    key = (track.kind, track.name)
    before = tracks.setdefault(key, track)
    if before is track:
        return
    if before.kind == "script":
        before = replace(before, line_weights=(before.weight, track.weight))
    if before.weight:
        reverse = before.reverse if track.kind == "process" else track.reverse
        before = replace(before, weight=track.weight, reverse=reverse)
    tracks[key] = before


def read_number(text: str, least: int, most: int) -> int | None:
    """Return the number at the head of a word, as strtol reads it; None outside the range."""
    match = _NUMBER.match(text)
    number = int(match[1]) if match else 0
    return number if least <= number <= most else None


def _read_definition(block: Statement, kind: Kind) -> Track:
    """A definition with its weight: 1 for a file without one."""
    statement = next(block.all("weight"), None) if kind in {"file", "process"} else block.last("weight")
    weight = 1 if kind == "file" else 0
    if statement is None or not statement.value():
        return Track(kind, block.value(), weight)
    number = read_number(statement.value(), -_MOST_WEIGHT, _MOST_WEIGHT)
    if kind == "script":
        # it says that the number is out of its range, and takes it all the same
        number = read_number(statement.value(), -(2**31), 2**31 - 1)
    return Track(kind, block.value(), weight if number is None else number, statement.value(2) == "reverse")


def _read_line(entry: Statement, default: Track) -> Track | None:
    """A line of a track_* block; None if keepalived ignores it."""
    words = [word.text for word in entry.words]
    if len(words) == 1:
        return default
    if words[1] != "weight" or len(words) == 2:
        return None
    number = read_number(words[2], -_MOST_WEIGHT, _MOST_WEIGHT)
    weight = default.weight if number is None else number
    if default.kind in {"script", "interface"} and abs(weight) == _MOST_WEIGHT:
        weight -= 1 if weight > 0 else -1
    reverse = default.reverse
    if len(words) > 3:
        if words[3] not in {"reverse", "noreverse"} and default.kind in {"file", "bfd"}:
            return None
        reverse = {"reverse": True, "noreverse": False}.get(words[3], reverse)
    return replace(default, weight=weight, reverse=reverse)
