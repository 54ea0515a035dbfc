"""What every explanation must hold to, whatever the lab: true, or silent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hatlab import events as e

AGREES = 0.2
"""Seconds by which an explanation's sum and its measurement may differ."""
SHORTEST_OUTAGE = 0.005
REMOVED = "removed behind keepalived's back"
JUST_BEFORE = 1.0
"""Seconds from an address that was removed to the transition that this explains."""
_SUM = re.compile(r"= (\d+\.\d+) s; measured (\d+\.\d+) s")


def explanation_problems(events: Sequence[e.Event]) -> Iterator[str]:
    """A sentence for each explanation or outage of a lab that cannot be true."""
    for event in events:
        match event:
            case e.Outage(seconds=seconds) if seconds < SHORTEST_OUTAGE:
                yield f"{event.at:.2f} s: an outage of {seconds:.3f} s"
            case e.Why():
                yield from _why_problems(event, events)


def _why_problems(why: e.Why, events: Sequence[e.Event]) -> Iterator[str]:
    what = f"{why.at:.2f} s, {why.node} {why.from_} → {why.to} ({why.cause})"
    for expected, measured in _SUM.findall(why.arithmetic):
        if abs(float(expected) - float(measured)) > AGREES:
            yield f"{what}: {why.arithmetic}"
    if REMOVED in why.cause and not any(
        isinstance(log, e.Log)
        and log.node == why.node
        and "Netlink reflector reports IP" in log.text
        and 0 <= why.at - log.at <= JUST_BEFORE
        for log in events
    ):
        yield f"{what}: nobody removed it"
