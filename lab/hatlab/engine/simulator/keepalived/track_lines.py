"""What keepalived logs of the track_* lines that it ignores or takes otherwise than they are written
(vrrp_track.c; vrrp_complete_instance)."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.keepalived import InstanceSettings, Statement
from hatlab.keepalived.tracks import TrackedBlocks, definitions_before
from hatlab.vrrp.router import OWNER

_NOUNS = {"track_script": "track script", "track_file": "track file", "track_process": "track process"}


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
