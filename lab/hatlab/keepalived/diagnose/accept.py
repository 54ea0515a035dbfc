"""Rules about addresses that accept nothing (KA250)."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, finding
from hatlab.keepalived.parser import Statement


def accept_rules(conf: Configuration) -> Iterator[Finding]:
    closed: dict[Statement, list[str]] = {}
    for block, settings in conf.members:
        at = _reason(conf, block)
        if at and not settings.accept:
            closed.setdefault(at, []).extend(vip.address for vip in settings.virtual_addresses)
    for at, addresses in closed.items():
        if addresses:
            more = ", …" if len(addresses) > 3 else ""
            message = (
                f"with `{at.keyword}`, the Master accepts no packets to {', '.join(addresses[:3])}{more}"
            )
            cure = "remove it, or set `accept`" if at.keyword == "no_accept" else ""
            yield finding("KA250", at, message, cure=cure)


def _reason(conf: Configuration, block: Statement) -> Statement | None:
    """The statement for which nothing is accepted."""
    said = [s for s in block.body or () if s.keyword in {"accept", "no_accept"}]
    if said and said[-1].keyword == "no_accept":
        return said[-1]
    return block.last("strict_mode") or conf.global_setting("vrrp_strict")
