"""The log's entries: daemons' own lines, and what hatlab has to say about them. Pure.

An entry is a time, a symbol, who it is about and some text; `wrap_entry` makes lines of it for a given width.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rich.cells import cell_len, chop_cells

from hatlab import events as e
from hatlab.describe import (
    BAD,
    GOOD,
    POWER_SYMBOLS,
    PROCESS_SYMBOLS,
    WARNING,
    Symbol,
    Tone,
    describe_event,
    format_transition,
)
from hatlab.describe.conditions import condition_name
from hatlab.describe.shown_clock import moment_width, show_moment
from hatlab.describe.times import format_seconds
from hatlab.state.model import layout_of
from hatlab.tui.widgets.line_widget import Piece, Row, node_style
from hatlab.util.equations import break_equation
from hatlab.util.safe_text import safe_text
from hatlab.util.text import GLUE, glue_terms, join_names, plural

KEEP = 5_000
"""Entries kept; the oldest go first."""
_NEUTRAL = Symbol("·", Tone.QUIET)
_STYLES = {Tone.GOOD: "success", Tone.BAD: "fault", Tone.WARNING: "warning", Tone.QUIET: "muted"}
_LOG_LINES = {"keepalived": ("│", "label"), "hatlab": ("◆", "warning")}
"""Service → glyph and style of its lines; `hatlab` says what the simulator does not model."""
_SUBJECT_WIDTH, _LEAST_SUBJECT_WIDTH = 9, 3
"""Cells for who an entry is about, usually and at least."""
_EFFECT_LINES = 6
"""Lines shown of what an action changed or answered."""
_NARROW = 70
"""Cells of a pane below which room is short."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log."""

    at: float
    kind: str
    """Its name in a filter: keepalived, mysqld, hatlab, why, condition, action, outage, event."""
    subject: str
    """The node or client it is about, empty if it is about neither."""
    glyph: str
    style: str
    """The glyph's colour, and the text's unless it is a fact or an explanation."""
    text: str
    """Its first paragraph."""
    more: tuple[Piece, ...] = ()
    """Further paragraphs with their styles, set off below."""

    @property
    def search_text(self) -> str:
        """The text that a filter is matched against."""
        more = " ".join(text for text, _ in self.more)
        return f" {self.kind} {self.subject} {self.text} {more} ".lower()


def _entry(event: e.Event, kind: str, subject: str, symbol: Symbol, text: str) -> Entry:
    return Entry(event.at, kind, subject, symbol.glyph, _STYLES[symbol.tone], safe_text(text))


class LogModel:
    """Entries made of events, in the order in which they came."""

    def __init__(self, keep: int = KEEP) -> None:
        self._keep = keep
        self.entries: list[Entry] = []
        self.gone = 0
        """How many entries had to go for newer ones."""
        self.node_names: tuple[str, ...] = ()
        self.client_names: tuple[str, ...] = ()
        self._replicas: dict[str, tuple[bool, bool, int]] = {}
        """Node → receiver and applier run, error number: as last seen."""
        self._cut_off: set[str] = set()
        """Clients in an outage."""

    def feed(self, events: Iterable[e.Event]) -> list[Entry]:
        """Take events in and return the entries they added."""
        added: list[Entry] = []
        for event in events:
            if isinstance(event, e.Lab):
                layout = layout_of(event)
                self.node_names, self.client_names = layout.node_names, layout.client_names
            added += self._entries_of(event)
        added = _repeats_counted(added)
        self.entries += added
        excess = len(self.entries) - self._keep
        if excess > 0:
            del self.entries[:excess]
            self.gone += excess
        return added

    def _entries_of(self, event: e.Event) -> Iterator[Entry]:
        match event:
            case e.Log():
                glyph, style = _LOG_LINES.get(event.service, ("┆", "muted"))
                text = safe_text(event.text.rstrip())
                yield Entry(event.at, event.service, event.node, glyph, style, text)
            case e.Why():
                yield _explanation_entry(event)
            case e.Condition():
                yield _condition_entry(event)
            case e.Action():
                yield from _action_entries(event)
            case e.Outage():
                self._cut_off.discard(event.client)
                yield _outage_entry(event)
            case e.Probe():
                yield from self._probe_entries(event)
            case e.Replication():
                yield from self._replication_entries(event)
            case _:
                yield from _fact_entries(event)

    def _probe_entries(self, event: e.Probe) -> Iterator[Entry]:
        """Yield the first failure of an outage; the rest is in the outage itself."""
        if event.ok or event.client in self._cut_off:
            return
        self._cut_off.add(event.client)
        why = f" ({event.error})" if event.error else ""
        yield _entry(event, "outage", event.client, BAD, f"no answer{why}")

    def _replication_entries(self, event: e.Replication) -> Iterator[Entry]:
        now = (event.receiver, event.applier, event.errno)
        before = self._replicas.get(event.node)
        self._replicas[event.node] = now
        if before == now or (before is None and now == (True, True, 0)):
            return
        if event.errno:
            text = f"replication error {event.errno}: {event.error}"
            yield _entry(event, "event", event.node, BAD, text)
        elif event.receiver and event.applier:
            yield _entry(event, "event", event.node, GOOD, "replication is running")
        else:
            parts = [n for n, up in (("receiver", event.receiver), ("applier", event.applier)) if not up]
            text = f"replication stopped: {join_names(parts)}"
            yield _entry(event, "event", event.node, Symbol("■", Tone.WARNING), text)


def _repeats_counted(entries: list[Entry]) -> list[Entry]:
    """Make a count of a daemon's line that is the same as the one before (five gratuitous ARPs)."""
    out: list[Entry] = []
    for (text, _, kind), same in groupby(entries, key=lambda x: (x.text, x.subject, x.kind)):
        first, *more = same
        if more and kind in {"keepalived", "mysqld"}:
            out.append(replace(first, text=f"{text}  ×{1 + len(more)}"))
        else:
            out += [first, *more]
    return out


def _explanation_entry(event: e.Why) -> Entry:
    transition = f"{format_transition(event.from_, event.to)}: " if event.instance else ""
    more = [(event.arithmetic, "label"), (event.rule, "muted"), (event.line, "mark")]
    paragraphs = tuple((safe_text(text), style) for text, style in more if text)
    return Entry(event.at, "why", event.node, "┃", "why", safe_text(transition + event.text), paragraphs)


def _condition_entry(event: e.Condition) -> Entry:
    name = condition_name(event.name)
    if not event.present:
        return _entry(event, "condition", "", GOOD, f"over: {name}")
    detail = f": {event.detail}" if event.detail else ""
    return _entry(event, "condition", "", Symbol(WARNING.glyph, Tone.BAD), f"{name}{detail}")


def _action_entries(event: e.Action) -> Iterator[Entry]:
    words = safe_text(" ".join((event.name, *event.targets)))
    match event.phase:
        case "started":
            yield Entry(event.at, "action", "", "▲", "mark", words)
        case "failed":
            certainty = "nothing was changed" if event.definite else "it may have happened anyway"
            yield _entry(event, "action", "", BAD, f"{words} failed: {event.effect} ({certainty})")
        case _ if event.effect:
            first, *more = _first_lines(event.effect.split("\n"))
            entry = _entry(event, "action", "", GOOD, f"{words}: {first}")
            yield replace(entry, more=tuple((line, "label") for line in more))


def _first_lines(lines: list[str]) -> list[str]:
    """Return the lines of an effect; of a long one the first, and how many more there are."""
    if len(lines) > _EFFECT_LINES:
        lines = [*lines[: _EFFECT_LINES - 1], f"… {len(lines) - _EFFECT_LINES + 1} more lines"]
    return [safe_text(line) for line in lines]


def _outage_entry(event: e.Outage) -> Entry:
    moved = f", now by {event.after} instead of {event.before}" if event.before != event.after else ""
    text = plural(
        event.failed,
        "answered again after {length} and {count} failed try{moved}",
        "answered again after {length} and {count} failed tries{moved}",
        length=format_seconds(event.seconds),
        moved=moved,
    )
    return _entry(event, "outage", event.client, GOOD, text)


def _fact_entries(event: e.Event) -> Iterator[Entry]:
    """Yield facts that no daemon prints."""

    def fact(subject: str, symbol: Symbol, text: str) -> Entry:
        return _entry(event, "event", subject, symbol, text)

    match event:
        case e.Process():
            reason = f" ({event.reason})" if event.reason else ""
            yield fact(
                event.node, PROCESS_SYMBOLS.get(event.state, BAD), f"{event.service} is {event.state}{reason}"
            )
        case e.Node():
            yield fact(event.node, POWER_SYMBOLS.get(event.state, BAD), f"power {event.state}")
        case e.Link(up=False):
            yield fact(event.node, BAD, f"no link on {event.network}")
        case e.Filter() if event.percent or event.delay_ms:
            if event.percent:
                text = f"drops {event.percent:g} % of what arrives on {event.network}"
            else:
                text = f"sends everything on {event.network} {event.delay_ms:g} ms late"
            yield fact(event.node, Symbol("✂", Tone.WARNING), text)
        case e.Filter():
            yield fact(event.node, GOOD, f"hears everything on {event.network}")
        case e.Phase(done=True):
            detail = f": {event.detail}" if event.detail else ""
            done = "" if event.name == "ready" else " done"
            yield fact("", _NEUTRAL, f"{event.name}{done}{detail}")
        case e.Phase(name="stopping"):
            yield fact("", _NEUTRAL, f"stopping: {event.detail}" if event.detail else "stopping")
        case e.Dropped():
            text = plural(
                event.count,
                "{count} event was lost ({cause})",
                "{count} events were lost ({cause})",
                cause=event.where or "too many at once",
            )
            yield fact("", WARNING, text)
        case e.Learner() if (line := describe_event(event)) is not None:
            yield fact(line.subject, line.symbol, line.text)
        case _:
            pass


def wrap_entry(entry: Entry, width: int, names: Sequence[str], clients: Sequence[str] = ()) -> list[Row]:
    """Break an entry into lines of at most `width` cells. What follows the first line is set under its text,
    or, where room is short, under its time."""
    subject_width = _SUBJECT_WIDTH
    if width < _NARROW:
        subject_width = max([_LEAST_SUBJECT_WIDTH, *(len(name) for name in (*names, *clients))])
    subject_style = node_style(names, entry.subject) if entry.subject in names else "label"
    moment = f"{show_moment(entry.at, 3):>{moment_width() - 1}} "
    head: Row = (
        (moment, "muted"),
        (f"{entry.subject[:subject_width]:<{subject_width}} ", subject_style),
        (f"{entry.glyph} ", entry.style),
    )
    room = max(8, width - len(moment) - subject_width - 3)
    room_below = room if width >= _NARROW else max(8, width - 6)
    margin: Row = (
        (" " * (width - room_below - 2), ""),
        (f"{entry.glyph if entry.kind == 'why' else ' '} ", entry.style),
    )
    style = entry.style if entry.kind not in {"why", "event"} else "why-text"
    first, *rest = _fold_text(entry.text, room, room_below)
    lines: list[Row] = [(*head, (first, style))]
    lines += [(*margin, (text, style)) for text in rest]
    for paragraph, colour in entry.more:
        lines += [(*margin, (text, colour)) for text in _fold_paragraph(entry, paragraph, room_below)]
    return lines


def _fold_paragraph(entry: Entry, text: str, width: int) -> Iterator[str]:
    """Yield the lines of a paragraph below an entry; an explanation's sum is broken between terms alone."""
    if entry.kind != "why" or " = " not in text:
        yield from _fold_text(text, width, width)
        return
    for number, part in enumerate(break_equation(text, width)):
        yield from _fold_text("  " * bool(number) + text[part.start : part.end], width, width)


def _fold_text(text: str, first_width: int, width: int) -> list[str]:
    """Break a text into lines of at most so many cells, at blanks, or within a word that is too long or has
    none."""
    if len(text) * 2 <= first_width or cell_len(text) <= first_width:
        return [text]
    lines: list[str] = []
    line = ""
    for glued in glue_terms(text).split(" "):
        word = glued.replace(GLUE, " ")
        limit = width if lines else first_width
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= limit:
            line = joined
        elif cell_len(word) <= width and line:
            lines.append(line)
            line = word.lstrip()
        else:
            head, *tail = chop_cells(joined, limit)
            *full, line = chop_cells("".join(tail), width) if tail else [""]
            lines += [head, *full]
    return [*lines, line]
