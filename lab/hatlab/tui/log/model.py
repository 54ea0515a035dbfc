"""What the log pane tells: daemons' own lines, and what hatlab has to say about them. Pure.

An entry is a time, a mark, who it is about and some text; `wrap` makes lines of it for a given width.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rich.cells import cell_len, chop_cells

from hatlab import events as e
from hatlab.topology import Layout, Topology
from hatlab.tui.widgets.line_widget import Piece, node_style
from hatlab.tui.widgets.safe_text import plain

KEEP = 5_000
"""Entries kept; the oldest go first."""
CONDITIONS = {
    "split_brain": "split brain",
    "no_owner": "nobody holds the virtual address",
    "misdirected": "misdirected",
    "muted_master": "muted Master",
    "duplicate_address": "address announced by two",
    "tables_differ": "tables differ",
}
_WHO, _NARROWEST = 9, 3
"""Cells for who it is about, usually and at least."""
_EFFECT = 6
"""Lines that are told of what an action changed or answered."""
_NARROW = 70
"""Cells of a pane below which room is short."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was said.

    Attributes:
        kind: what a filter calls it: keepalived, mysqld, why, condition, action, outage, event.
        who: node, client or nobody.
        glyph, style: the mark before it and its colour.
        text: its first paragraph.
        more: further paragraphs with their styles, set off below.
    """

    at: float
    kind: str
    who: str
    glyph: str
    style: str
    text: str
    more: tuple[Piece, ...] = ()

    @property
    def words(self) -> str:
        """What a filter is matched against."""
        return f" {self.kind} {self.who} {self.text} {' '.join(text for text, _ in self.more)} ".lower()


class LogModel:
    """Entries out of events, in the order in which they came."""

    def __init__(self, keep: int = KEEP) -> None:
        self._keep = keep
        self.entries: list[Entry] = []
        self.gone = 0
        self.node_names: tuple[str, ...] = ()
        self._errors: dict[str, tuple[bool, bool, int]] = {}
        self._cut_off: set[str] = set()

    def feed(self, events: Iterable[e.Event]) -> list[Entry]:
        """Takes events in and returns what they added; `gone` counts what had to go for it."""
        added: list[Entry] = []
        for event in events:
            if isinstance(event, e.Lab):
                self.node_names = Layout(
                    event.name, Topology.model_validate(event.topology), event.subnets
                ).node_names
            added += self._tell(event)
        added = _collapsed(added)
        self.entries += added
        over = len(self.entries) - self._keep
        if over > 0:
            del self.entries[:over]
            self.gone += over
        return added

    def _tell(self, event: e.Event) -> Iterator[Entry]:
        match event:
            case e.Log():
                style = "label" if event.service == "keepalived" else "muted"
                glyph = "│" if event.service == "keepalived" else "┆"
                yield Entry(event.at, event.service, event.node, glyph, style, plain(event.text.rstrip()))
            case e.Why():
                yield _why(event)
            case e.Condition():
                yield _condition(event)
            case e.Action():
                yield from _action(event)
            case e.Outage():
                self._cut_off.discard(event.client)
                yield _outage(event)
            case e.Probe():
                yield from self._probe(event)
            case e.Replication():
                yield from self._replication(event)
            case _:
                yield from _fact(event)

    def _probe(self, event: e.Probe) -> Iterator[Entry]:
        """The first failure of an outage; the rest is in the outage itself."""
        if event.ok or event.client in self._cut_off:
            return
        self._cut_off.add(event.client)
        why = f" ({plain(event.error)})" if event.error else ""
        yield Entry(event.at, "outage", event.client, "✖", "fault", f"no answer{why}")

    def _replication(self, event: e.Replication) -> Iterator[Entry]:
        now = (event.receiver, event.applier, event.errno)
        before = self._errors.get(event.node)
        self._errors[event.node] = now
        if before == now or (before is None and now == (True, True, 0)):
            return
        if event.errno:
            text = f"replication error {event.errno}: {plain(event.error)}"
            yield Entry(event.at, "event", event.node, "✖", "fault", text)
        elif event.receiver and event.applier:
            yield Entry(event.at, "event", event.node, "✔", "success", "replication runs")
        else:
            parts = [n for n, up in (("receiver", event.receiver), ("applier", event.applier)) if not up]
            text = f"replication: {' and '.join(parts)} stopped"
            yield Entry(event.at, "event", event.node, "■", "warning", text)


def _collapsed(entries: list[Entry]) -> list[Entry]:
    """A daemon's line that is the same as the one before (five gratuitous ARPs) becomes a count."""
    out: list[Entry] = []
    for (text, _, kind), same in groupby(entries, key=lambda x: (x.text, x.who, x.kind)):
        first, *more = same
        if more and kind in {"keepalived", "mysqld"}:
            out.append(replace(first, text=f"{text}  ×{1 + len(more)}"))
        else:
            out += [first, *more]
    return out


def _why(event: e.Why) -> Entry:
    what = f"{event.from_} → {event.to}: " if event.instance else ""
    more = [(event.arithmetic, "label"), (event.rule, "muted"), (event.line, "mark")]
    return Entry(
        event.at,
        "why",
        event.node,
        "┃",
        "why",
        plain(what + event.text),
        tuple((plain(text), style) for text, style in more if text),
    )


def _condition(event: e.Condition) -> Entry:
    name = CONDITIONS.get(event.name, event.name.replace("_", " "))
    if not event.present:
        return Entry(event.at, "condition", "", "✔", "success", f"over: {name}")
    detail = f": {plain(event.detail)}" if event.detail else ""
    return Entry(event.at, "condition", "", "⚠", "fault", f"{name}{detail}")


def _action(event: e.Action) -> Iterator[Entry]:
    words = plain(" ".join((event.name, *event.targets)))
    match event.phase:
        case "started":
            yield Entry(event.at, "action", "", "▲", "mark", words)
        case "failed":
            sure = "nothing was changed" if event.definite else "it may have happened all the same"
            text = f"{words} failed: {plain(event.effect)} ({sure})"
            yield Entry(event.at, "action", "", "✖", "fault", text)
        case _ if event.effect:
            first, *more = _shortened(event.effect.split("\n"))
            below = tuple((line, "label") for line in more)
            yield Entry(event.at, "action", "", "✔", "success", f"{words}: {first}", below)


def _shortened(lines: list[str]) -> list[str]:
    """Lines of an effect; of a long one the first, and how many more there are."""
    kept = (
        lines
        if len(lines) <= _EFFECT
        else [*lines[: _EFFECT - 1], f"… {len(lines) - _EFFECT + 1} more lines"]
    )
    return [plain(line) for line in kept]


def _outage(event: e.Outage) -> Entry:
    moved = f", then {event.after} instead of {event.before}" if event.before != event.after else ""
    text = f"answered again after {event.seconds:.2f} s, {event.failed} failed tries{moved}"
    return Entry(event.at, "outage", event.client, "✔", "success", plain(text))


def _fact(event: e.Event) -> Iterator[Entry]:
    """Facts that no daemon prints."""

    def told(who: str, glyph: str, style: str, text: str) -> Entry:
        return Entry(event.at, "event", who, glyph, style, plain(text))

    match event:
        case e.Process():
            reason = f" ({event.reason})" if event.reason else ""
            glyph, style = {"up": ("✔", "success"), "frozen": ("‖", "warning")}.get(
                event.state, ("✖", "fault")
            )
            yield told(event.node, glyph, style, f"{event.service} is {event.state}{reason}")
        case e.Node():
            glyph, style = {"on": ("✔", "success"), "paused": ("‖", "warning")}.get(
                event.state, ("□", "fault")
            )
            yield told(event.node, glyph, style, f"power {event.state}")
        case e.Link(up=False):
            yield told(event.node, "✖", "fault", f"no link on {event.network}")
        case e.Filter() if event.percent or event.delay_ms:
            drop = f"drops {event.percent:g} %" if event.percent else f"delays {event.delay_ms:g} ms"
            yield told(event.node, "✂", "warning", f"{drop} of what arrives on {event.network}")
        case e.Filter():
            yield told(event.node, "✔", "success", f"hears everything on {event.network}")
        case e.Phase(done=True):
            detail = f": {event.detail}" if event.detail else ""
            yield told("", "·", "muted", f"{event.name}{' done' if event.name != 'ready' else ''}{detail}")
        case e.Phase(name="stopping"):
            yield told("", "·", "muted", f"stopping: {event.detail}" if event.detail else "stopping")
        case e.Dropped():
            yield told(
                "", "⚠", "warning", f"{event.count} events were lost ({event.where or 'too many at once'})"
            )
        case _:
            pass


def wrap(entry: Entry, width: int, names: Sequence[str]) -> list[tuple[Piece, ...]]:
    """An entry as lines of at most `width` cells. What follows the first line is set under its text, or,
    where room is short, under its time."""
    who = max([_NARROWEST, *(len(name) for name in names)]) if width < _NARROW else _WHO
    head: tuple[Piece, ...] = (
        (f"{entry.at:8.3f} ", "muted"),
        (f"{entry.who[:who]:<{who}} ", node_style(names, entry.who) if entry.who in names else "label"),
        (f"{entry.glyph} ", entry.style),
    )
    room = max(8, width - 12 - who)
    more = room if width >= _NARROW else max(8, width - 6)
    margin: tuple[Piece, ...] = (
        (" " * (width - more - 2), ""),
        (f"{entry.glyph if entry.kind == 'why' else ' '} ", entry.style),
    )
    style = entry.style if entry.kind not in {"why", "event"} else "why-text"
    first, *rest = _fold(entry.text, room, more)
    lines: list[tuple[Piece, ...]] = [(*head, (first, style))]
    lines += [(*margin, (text, style)) for text in rest]
    for paragraph, colour in entry.more:
        lines += [(*margin, (text, colour)) for text in _fold(paragraph, more, more)]
    return lines


def _fold(text: str, first: int, room: int) -> list[str]:
    """Lines of at most `room` cells (the first one of `first`), broken at blanks, or within a word that is
    too long or has none."""
    if len(text) * 2 <= first or cell_len(text) <= first:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        limit = room if lines else first
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= limit:
            line = joined
        elif cell_len(word) <= room and line:
            lines.append(line)
            line = word
        else:
            head, *tail = chop_cells(joined, limit)
            *full, line = chop_cells("".join(tail), room) if tail else [""]
            lines += [head, *full]
    return [*lines, line]
