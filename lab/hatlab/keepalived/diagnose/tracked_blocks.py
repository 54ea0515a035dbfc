"""Rules about blocks beside the instances: BFD instances, tracked processes, groups of announcements."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, finding, list_entries
from hatlab.keepalived.numbers import whole_number
from hatlab.keepalived.parser import Statement

_LONGEST_BFD_NAME = 31
_BOUNDS = (
    ("vrrp_track_process", "quorum", "quorum_max", "keepalived complains and ignores the second of the two"),
    ("bfd_instance", "max_hops", "ttl", "keepalived complains and uses the ttl for both"),
    ("bfd_instance", "max_hops", "hoplimit", "keepalived complains and uses the hoplimit for both"),
)
"""Keyword of a block, a number in it, another that is not smaller, and what keepalived does if it is."""


def tracked_block_rules(conf: Configuration) -> Iterator[Finding]:
    for kind, less, more, effect in _BOUNDS:
        for block in conf.root.all(kind):
            yield from _crossed(block, less, more, effect)
    neighbors: dict[str, Statement] = {}
    for block in conf.root.all("bfd_instance"):
        yield from _bfd_instance(block, neighbors)
    yield from _garp_interfaces(conf)


def _crossed(block: Statement, less: str, more: str, effect: str) -> Iterator[Finding]:
    small, large = block.last(less), block.last(more)
    least = whole_number(small.value()) if small else None
    most = whole_number(large.value()) if large else None
    if small and large and least is not None and most is not None and most < least:
        message = f"{less} {small.value()} is more than {more} {large.value()}"
        cure = f"give at most {large.value()}"
        yield finding("KA007", small, message, word=1, effect=effect, cure=cure)


def _bfd_instance(block: Statement, neighbors: dict[str, Statement]) -> Iterator[Finding]:
    if len(block.value()) > _LONGEST_BFD_NAME:
        effect = "keepalived complains and ignores the block"
        message = f"this name has more than {_LONGEST_BFD_NAME} characters"
        yield finding("KA007", block, message, word=1, effect=effect, cure="choose a shorter name")
    neighbor = block.last("neighbor_ip") or block.last("neighbour_ip")
    source = block.last("source_ip")
    address = f"{neighbor.value()} {source.value() if source else ''}" if neighbor else ""
    if neighbor and (other := neighbors.setdefault(address, neighbor)) is not neighbor:
        effect = "keepalived complains and ignores the block"
        message = f"{neighbor.value()[:60]} is already the neighbour in line {other.line}"
        yield finding("KA230", neighbor, message, word=1, effect=effect)


def _garp_interfaces(conf: Configuration) -> Iterator[Finding]:
    first: dict[str, Statement] = {}
    for group in conf.root.all("garp_group"):
        named = [(s, s.value()) for s in group.all("interface")]
        named += [(entry, entry.keyword) for entry in list_entries(group, "interfaces")]
        for statement, name in named:
            other = first.setdefault(name, statement)
            if other is not statement:
                message = f"`{name[:60]}` is already in the garp_group in line {other.line}"
                yield finding("KA230", statement, message)
