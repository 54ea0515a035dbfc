"""Rules about what instances and sync groups track: it must be defined above them (KA104)."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding, did_you_mean
from hatlab.keepalived.diagnose.conf import Configuration, finding, list_entries
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.tracks import Kind

_DEFINED_BY = {
    "track_script": ("vrrp_script",),
    "track_file": ("track_file", "vrrp_track_file"),
    "track_process": ("vrrp_track_process",),
    "track_bfd": ("bfd_instance",),
}
"""Keyword of a list → those of the blocks that define what it names."""
_WEIGHED: tuple[Kind, ...] = ("script", "interface", "file", "bfd")
"""What a weight of an owner is told of."""
_TRACKERS = ("vrrp_instance", "vrrp_sync_group")


def tracking_rules(conf: Configuration) -> Iterator[Finding]:
    yield from _undefined_groups(conf)
    for keyword, kinds in _DEFINED_BY.items():
        yield from _undefined(conf, keyword, kinds)


def _undefined(conf: Configuration, keyword: str, kinds: tuple[str, ...]) -> Iterator[Finding]:
    """What is named but not defined above: keepalived looks it up where it reads the name."""
    everywhere = {b.value(): b for kind in kinds for b in conf.root.all(kind)}
    above: set[str] = set()
    for block in conf.root.body or ():
        if block.keyword in kinds:
            above.add(block.value())
        for entry in list_entries(block, keyword) if block.keyword in _TRACKERS else ():
            name = entry.keyword
            if name not in everywhere:
                guess = did_you_mean(name, everywhere)
                yield finding("KA104", entry, f"there is no {kinds[0]} `{name[:60]}`{guess}")
            elif name not in above:
                message = f"{kinds[0]} `{name[:60]}` is defined further down, in line {everywhere[name].line}"
                yield finding("KA104", entry, message, cure=f"move it above this {block.keyword}")
            elif keyword == "track_script" and not conf.scripts[name].command.strip():
                message = f"`{name[:60]}` is dropped: it has nothing to run (line {everywhere[name].line})"
                yield finding("KA104", entry, message, cure="give it a `script`")


def _undefined_groups(conf: Configuration) -> Iterator[Finding]:
    """The track_group of a static address, route or rule."""
    above: set[str] = set()
    for block in conf.root.body or ():
        if block.keyword == "track_group":
            above.add(block.value())
        for entry in block.body or () if block.keyword.startswith("static_") else ():
            words = [word.text for word in entry.words]
            name = words[words.index("track_group") + 1] if "track_group" in words[:-1] else ""
            if name and name not in above:
                message = f"there is no track_group `{name[:60]}` above this line"
                yield finding("KA104", entry, message, word=words.index("track_group") + 1)


def weighted_entries(conf: Configuration, block: Statement) -> list[Statement]:
    """The lines of an instance's track_* blocks whose weight counts, were it no owner and in no group."""
    tracks = conf.tracks.get(id(block), {})
    return [
        entry
        for kind in _WEIGHED
        for entry in list_entries(block, f"track_{kind}")
        if (track := tracks.get((kind, entry.keyword))) and track.weight
    ]
