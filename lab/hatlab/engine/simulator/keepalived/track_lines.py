"""What keepalived logs of the track_* lines that it ignores or takes otherwise than they are written
(vrrp_track.c; vrrp_complete_instance)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hatlab.keepalived import InstanceSettings, Statement
from hatlab.keepalived.settings import says_master
from hatlab.keepalived.tracks import Kind, Track, TrackedBlocks, definitions_before
from hatlab.vrrp.router import OWNER

_NOUNS = {"track_script": "track script", "track_file": "track file", "track_process": "track process"}

_GROUP_ORDER: tuple[Kind, ...] = ("script", "file", "process", "bfd", "interface")


def track_lines_while_reading(root: Statement) -> Iterator[tuple[str, int, str]]:
    """Yield (instance or group, line number, text) of what is said while the file is read."""
    for block, blocks in definitions_before(root):
        name = block.value()
        for inner in block.body or ():
            if noun := _NOUNS.get(inner.keyword):
                yield from ((name, line, text) for line, text in _lines_of_list(inner, noun, blocks))


def _lines_of_list(block: Statement, noun: str, blocks: TrackedBlocks) -> Iterator[tuple[int, str]]:
    kind = block.keyword.removeprefix("track_")
    seen: set[str] = set()
    for entry in block.body or ():
        thing, words = entry.keyword, [word.text for word in entry.words]
        if (kind, thing) not in blocks.known:
            yield entry.line, f"{noun} {thing} not found, ignoring..."
        elif thing in seen:
            yield entry.line, f"duplicate {block.keyword} {thing} - ignoring"
        elif kind == "script" and words[1:] and words[1] != "weight":
            yield entry.line, f"unknown track script option {words[1]} - ignoring"
        elif kind == "script" and words[1:2] == ["weight"] and words[2:3] in (["254"], ["-254"]):
            yield entry.line, f"weight for {thing} cannot be +/-254. Setting to +/-253"
        seen.add(thing)


def track_lines(block: Statement, settings: InstanceSettings, blocks: TrackedBlocks) -> Iterator[str]:
    """Yield what is said of an instance when the file has been read."""
    own = blocks.read(block)
    for track in own.values():
        if track.kind == "interface" and track.name == settings.interface:
            yield f"Ignoring track_interface {track.name} since own interface"
    if settings.keeps_weights:
        return
    is_owner = settings.priority == OWNER and not settings.sync_group
    why, why_not = ("address owner", "address_owner") if is_owner else ("SYNC group", "SYNC group")
    for track in own.values():
        if not track.weight:
            continue
        match track.kind:
            case "interface" if track.name != settings.interface:
                yield f"ignoring {track.name} tracked interface {'' if is_owner else 'weight '}due to {why}"
            case "script":
                yield f"ignoring tracked script {track.name} with weights due to {why_not}"
            case "file" if track.weight == 1:
                told = f"ignoring weight from tracked file {track.name} due to {why_not}."
                yield f"{told} specify weight 0"
            case "file":
                yield f"ignoring tracked file {track.name} with weight {track.weight} due to {why_not}"


def sync_group_lines(root: Statement, settings: Mapping[str, InstanceSettings]) -> Iterator[str]:
    """Yield what is said of the members of sync groups (vrrp_sync_set_group)."""
    instances = {block.value(): block for block in root.all("vrrp_instance")}
    taken: set[str] = set()
    for group in (block for block in root.all("vrrp_sync_group") if block.value()):
        name, members, is_owner = group.value(), list[str](), False
        for member in _member_names(group):
            if member not in instances:
                yield f"Virtual router {member} specified in sync group {name} doesn't exist - ignoring"
            elif member in taken:
                yield f"Virtual router {member} cannot exist in more than one sync group; ignoring {name}"
            else:
                block = instances[member]
                if is_owner and block.last("state") and not says_master(block):
                    told = "has some member(s) as address owner and some not as address owner"
                    yield f"Sync group {name} {told}. This won't work."
                is_owner = (is_owner or not members) and _is_owning_master(
                    instances[member], settings[member]
                )
                members.append(member)
        taken.update(members)
        if not members:
            told = "no matching virtual router found in group declaration - removing"
            yield f"Sync group {name}, {told}"
        elif len(members) == 1:
            yield f"Sync group {name} has only 1 virtual router(s) - this probably isn't what you want"


def _member_names(group: Statement) -> list[str]:
    return [word.text for inner in group.all("group") for line in inner.body or () for word in line.words]


def _is_owning_master(block: Statement, settings: InstanceSettings) -> bool:
    return says_master(block) and settings.priority == OWNER and block.last("priority") is not None


def group_track_lines(root: Statement, settings: Mapping[str, InstanceSettings]) -> Iterator[str]:
    """Yield what is said of what a sync group tracks (sync_group_tracking_init)."""
    read = {(b.keyword, b.value()): blocks.read(b) for b, blocks in definitions_before(root)}
    for keyword, name in read:
        if keyword != "vrrp_sync_group":
            continue
        members = [s for s in settings.values() if s.sync_group == name]
        tracks = sorted(read[keyword, name].values(), key=lambda track: _GROUP_ORDER.index(track.kind))
        for track in tracks:
            if track.weight and any(member.priority == OWNER for member in members):
                end = "setting weight 0" if track.kind in {"file", "process"} else "clearing weight"
                told = f"Cannot have weighted track {track.kind} '{track.name}' with member having priority"
                yield f"({name}) {told} {OWNER} - {end}"
            for member in members:
                if _tracks_itself(member, read["vrrp_instance", member.instance], track):
                    what = f"track_{track.kind} {track.name} is configured on VRRP instance and sync group"
                    either = " or sync group" if track.kind == "interface" else ""
                    yield f"({member.instance}) {what}. Remove vrrp instance{either} config"


def _tracks_itself(member: InstanceSettings, own: Mapping[tuple[Kind, str], Track], track: Track) -> bool:
    """True if an instance already depends on what its sync group tracks, by a line that still counts."""
    if track.kind == "interface" and track.name == member.interface:
        return any(t.name == track.name and t.implied for t in member.tracks)
    mine = own.get((track.kind, track.name))
    if mine is None or (mine.weight and not member.keeps_weights and mine.kind == "script"):
        return False
    return not (mine.kind == "file" and mine.weight not in {0, 1} and not member.keeps_weights)
