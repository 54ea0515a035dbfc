"""The readable log of a lab: one line an event, with glyph, word and colour.

`format_event` is pure; `ChangeFilter` decides which events are worth a line when not all were asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from hatlab import events as e
from hatlab.describe import Tone, describe_event, time_of
from hatlab.describe.shown_clock import moment_width, show_moment
from hatlab.util.equations import wrap_prose
from hatlab.util.visible import show_controls

MARGIN = 21
"""Columns in front of a line's words."""
_INDENT = " " * MARGIN
_LATE = 0.02
"""Seconds that an event may lie before the line above without its own time being shown."""
CLIENTS_TABLE, COUNTED_TABLE = "lab.writes", "lab.accounts"
"""They change with each write of a client, a `write` event; the second if the workload is `update`."""
_RESET, _DIM = "\x1b[0m", "\x1b[90m"
_COLOURS = {
    Tone.GOOD: "\x1b[32m",
    Tone.BAD: "\x1b[31m",
    Tone.WARNING: "\x1b[33m",
    Tone.WIRE: "\x1b[34m",
    Tone.NOTE: "\x1b[36m",
    Tone.QUIET: _DIM,
}


def format_event(
    event: e.Event, *, colour: bool = False, width: int | None = None, since: float = -inf
) -> str:
    """Return an event's log line, without a final newline; "" for an event that is never shown (a tick).

    What would steer a terminal is made visible; only the SGR sequences that were asked for are in it.

    Args:
        colour: put SGR sequences around the words.
        width: wrap at blanks to this many columns; None leaves every line as long as it is.
        since: the time of the line above. Times never run back: an event that comes late gets that time, and
            its own in words.
    """
    line = describe_event(event)
    if line is None:
        return ""
    at = time_of(event)
    late = f" (at {show_moment(at, 3)})" if since - at > _LATE else ""
    text = f"{line.symbol.glyph} {show_controls(line.subject, ''):<7} {_in_one_line(line.text)}{late}"
    first, *rest = _wrap(f"{show_moment(max(at, since), 3):>{moment_width()}}  {text}", width)
    details = [part for detail in line.details for part in _wrap(_INDENT + _in_one_line(detail), width)]
    if colour:
        tint = _COLOURS[line.symbol.tone]
        first = f"{first[:11]}{tint}{first[11:]}{_RESET}"
        rest = [f"{_INDENT}{tint}{part[MARGIN:]}{_RESET}" for part in rest]
        details = [f"{_INDENT}{_DIM}{part[MARGIN:]}{_RESET}" for part in details]
    return "\n".join([first, *rest, *details])


def _wrap(text: str, width: int | None) -> list[str]:
    """Return lines that hang under the first one's words; a word is never broken."""
    return [text] if width is None else wrap_prose(text, width, MARGIN)


def _in_one_line(text: str) -> str:
    return show_controls(text.replace("\n", " ").replace("\t", " "), "")


@dataclass(slots=True)
class ChangeFilter:
    """Chooses what a person wants to read: changes, not repetitions.

    An advert counts when it is the first from its sender (or the first after a silence), when its priority
    changed, when it says priority 0, or when it is unsound; a probe or a write when its outcome changed; a
    gratuitous ARP once in a burst; a log line, the rows a node has, an address of the node's own, a
    configuration or a table at the start, and the table that clients write into, never.
    """

    verbose: bool = False
    _latest: dict[tuple[object, ...], tuple[object, float]] = field(default_factory=dict)
    """What was last observed, and when."""
    _ready: bool = False
    _client_tables: frozenset[str] = frozenset({CLIENTS_TABLE})

    def wants(self, event: e.Event) -> bool:
        """Return True for an event that is to be shown, and remember it."""
        match event:
            case e.Tick():
                return False
            case e.Lab():
                clients = event.topology.get("clients", {}).values()
                if any(client.get("workload") == "update" for client in clients):
                    self._client_tables |= {COUNTED_TABLE}
            case e.Phase():
                self._ready |= event.name == "ready" and event.done
                return self.verbose or event.done or event.name == "stopping"
        return self._is_change(event) or self.verbose

    def _is_change(self, event: e.Event) -> bool:
        key: tuple[object, ...]
        match event:
            case e.Advert():
                key = ("advert", event.node, event.direction, event.source, event.vrid)
                content = (event.priority, event.version, event.defects)
                return (
                    self._update(event.at, key, content, 3.9 * (event.interval or 1)) or event.priority == 0
                )
            case e.Arp():
                key = ("arp", event.node, event.direction, event.address)
                new = self._update(event.at, key, event.mac, silence=1.0)
                return new and event.gratuitous and event.direction == "sent"
            case e.Probe():
                return self._update(event.at, ("probe", event.client), (event.ok, event.server, event.error))
            case e.Write():
                return self._update(event.at, ("write", event.client), (event.ok, event.server))
            case e.Replication():
                key = ("replication", event.node)
                return self._update(event.at, key, (event.receiver, event.applier, event.errno))
            case e.Table():
                new = self._update(event.at, ("table", event.node, event.name), event.checksum)
                return new and self._ready and event.name not in self._client_tables
            case e.Filter():
                key = ("filter", event.node, event.network)
                notable = key in self._latest or bool(event.rules)
                notable = notable or bool(event.refused)
                return self._update(event.at, key, (event.percent, event.delay_ms, event.refused)) and notable
            case e.Link():
                return self._update(event.at, ("link", event.node, event.network), event.up) and self._ready
            case e.Address():
                return event.vip or self._ready
            case e.Conf():
                return self._update(event.at, ("conf", event.node), event.text) and self._ready
            case e.Log():
                return event.service == "hatlab"
            case e.Written():
                return False
            case _:
                return True

    def _update(self, at: float, key: tuple[object, ...], content: object, silence: float = inf) -> bool:
        """Remember a key's content; return True if it is new, or the last was over `silence` seconds ago."""
        before, last = self._latest.get(key, (None, -inf))
        self._latest[key] = (content, at)
        return last == -inf or before != content or at - last > silence
