"""Rules about what instances and sync groups track: it must be defined above them (KA104)."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding, did_you_mean
from hatlab.keepalived.diagnose.conf import Configuration, finding, list_entries

_DEFINED_BY = {
    "track_script": ("vrrp_script",),
    "track_file": ("track_file", "vrrp_track_file"),
    "track_process": ("vrrp_track_process",),
    "track_bfd": ("bfd_instance",),
}
"""Keyword of a list → those of the blocks that define what it names."""
_TRACKERS = ("vrrp_instance", "vrrp_sync_group")


def tracking_rules(conf: Configuration) -> Iterator[Finding]:
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
                message = f"{kinds[0]} `{name[:60]}` is defined below, in line {everywhere[name].line}"
                yield finding("KA104", entry, message, cure=f"move it above this {block.keyword}")
