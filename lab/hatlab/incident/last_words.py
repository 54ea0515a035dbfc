"""What a node was by its last word is not known any more once another one has taken over.

A log ends because the machine lost power, or because a Master has nothing to say: which of the two shows only
in what comes after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hatlab import events as e


@dataclass(frozen=True, slots=True)
class LastWord:
    """The last that anything tells of a node."""

    at: float
    """Seconds since the incident's beginning."""
    evidence: str


@dataclass
class LastWords:
    """Follows who is Master by its log.

    Args:
        words: the last word of each node that has a log.
    """

    words: Mapping[str, LastWord]
    _masters: dict[str, set[str]] = field(default_factory=dict)
    """Instance → who is Master by its own log."""

    def events(self, event: e.Event) -> Iterator[e.Event]:
        """Yield what is not known any more as soon as an event has happened."""
        if not isinstance(event, e.Vrrp):
            return
        masters = self._masters.setdefault(event.instance, set())
        masters.discard(event.node)
        if event.state != "MASTER":
            return
        for name in sorted(masters):
            last = self.words.get(name)
            if last is not None and last.at < event.at:
                masters.discard(name)
                yield e.Vrrp(
                    at=event.at,
                    node=name,
                    instance=event.instance,
                    state="UNKNOWN",
                    priority=None,
                    evidence=last.evidence,
                )
        masters.add(event.node)
