"""A readable log of a lab: one line an event, with glyph, word and colour.

`line` is pure; `Condenser` decides which events are worth a line when not everything was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from hatlab import events as e
from hatlab.describe import describe, moment
from hatlab.util.text import wrap_hanging

MARGIN = 21
"""Columns in front of a line's words."""
_LATE = 0.02
"""Seconds by which a moment may lie before the line above without a word."""
CLIENTS_TABLE, COUNTED_TABLE = "lab.writes", "lab.accounts"
"""Change with each write of a client, which a `write` tells; the second if its workload is `update`."""


def wants_colour(environ: Mapping[str, str], tty: bool) -> bool:
    """Whether to colour: a terminal that can, and no NO_COLOR (any value but the empty one)."""
    return tty and not environ.get("NO_COLOR") and environ.get("TERM", "") != "dumb"


def line(event: e.Event, *, colour: bool = False, width: int | None = None, since: float = -inf) -> str:
    """The log line of an event, empty for one that is never shown (a tick). No newline at its end.

    Text of daemons is freed from control characters, so that it cannot reach into the terminal.

    Args:
        colour: with SGR sequences around the words.
        width: columns to wrap to, at blanks; None: every line as long as it is.
        since: the stamp of the line above. What is told later than it happened is stamped so, too, and says
            its own moment in words: stamps never run back.
    """
    found = describe(event)
    if found is None:
        return ""
    at = moment(event)
    late = f" (at {at:.3f})" if since - at > _LATE else ""
    body = f"{found.glyph} {found.who:<7} {_clean(found.text)}{late}"
    first, *rest = _wrapped(f"{max(at, since):9.3f}  {body}", width)
    if colour:
        tint, plain = f"\x1b[{found.colour}m", "\x1b[0m"
        rest = [f"{' ' * MARGIN}{tint}{text[MARGIN:]}{plain}" for text in rest]
        first = f"{first[:11]}{tint}{first[11:]}{plain}"
    dim, plain = ("\x1b[90m", "\x1b[0m") if colour else ("", "")
    more = [text for part in found.more for text in _wrapped(" " * MARGIN + _clean(part), width)]
    return "\n".join([first, *rest, *(f"{' ' * MARGIN}{dim}{text[MARGIN:]}{plain}" for text in more)])


def _wrapped(text: str, width: int | None) -> list[str]:
    """Lines that hang under the first one's words; a word is never broken."""
    return [text] if width is None else wrap_hanging(text, width, MARGIN)


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


@dataclass(slots=True)
class Condenser:
    """Chooses what a person wants to read: changes, not repetitions.

    An advert counts when it is the first from its sender (or the first after a silence), when its priority
    changed, when it says priority 0, or when it is unsound; a probe or a write when its outcome changed; a
    gratuitous ARP once in a burst; a log line, the rows a node has, an address of the node's own, a
    configuration or a table at the start, and the table that clients write into, never.
    """

    verbose: bool = False
    _seen: dict[tuple[object, ...], tuple[object, float]] = field(default_factory=dict)
    _ready: bool = False
    _written: frozenset[str] = frozenset({CLIENTS_TABLE})

    def wants(self, event: e.Event) -> bool:
        """Whether to show this event; remembers it."""
        if isinstance(event, e.Tick):
            return False
        if isinstance(event, e.Lab):
            clients = event.topology.get("clients", {}).values()
            if any(client.get("workload") == "update" for client in clients):
                self._written |= {COUNTED_TABLE}
        if isinstance(event, e.Phase):
            self._ready |= event.name == "ready" and event.done
            return self.verbose or event.done or event.name == "stopping"
        return self._changed(event) or self.verbose

    def _changed(self, event: e.Event) -> bool:
        match event:
            case e.Advert():
                key: tuple[object, ...] = ("advert", event.node, event.direction, event.source, event.vrid)
                value: tuple[object, ...] = (event.priority, event.version, event.defects)
                return self._new(key, value, event.at, 3.9 * (event.interval or 1.0)) or event.priority == 0
            case e.Arp():
                key = ("arp", event.node, event.direction, event.address)
                return (
                    self._new(key, event.mac, event.at, 1.0)
                    and event.gratuitous
                    and event.direction == "sent"
                )
            case e.Probe():
                return self._new(("probe", event.client), (event.ok, event.server, event.error), event.at)
            case e.Write():
                return self._new(("write", event.client), (event.ok, event.server), event.at)
            case e.Replication():
                value = (event.receiver, event.applier, event.errno)
                return self._new(("replication", event.node), value, event.at)
            case e.Table():
                new = self._new(("table", event.node, event.name), event.checksum, event.at)
                return new and self._ready and event.name not in self._written
            case e.Filter():
                before = (("filter", event.node, event.network) in self._seen) or bool(event.rules)
                value = (event.percent, event.delay_ms)
                return self._new(("filter", event.node, event.network), value, event.at) and before
            case e.Link():
                return self._new(("link", event.node, event.network), event.up, event.at) and self._ready
            case e.Address():
                return event.vip or self._ready
            case e.Conf():
                return self._new(("conf", event.node), event.text, event.at) and self._ready
            case e.Log() | e.Written():
                return False
            case _:
                return True

    def _new(self, key: tuple[object, ...], value: object, at: float, silence: float | None = None) -> bool:
        before = self._seen.get(key)
        self._seen[key] = (value, at)
        if before is None or before[0] != value:
            return True
        return silence is not None and at - before[1] > silence
