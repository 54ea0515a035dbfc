"""A packet as one line of the list. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hatlab import events as e
from hatlab.describe.packets import FULL, SHORT, SHORTEST, packet_title
from hatlab.describe.shown_clock import moment_width, show_moment
from hatlab.tui.widgets.line_widget import Piece, node_style
from hatlab.util.safe_text import safe_text
from hatlab.util.text import cut_at_word
from hatlab.views.packets.packet import Packet, arrival_summary, arrival_text

_MAX_TITLE_WIDTH = 60
"""Cells for what a packet is: more would only put the nodes' columns far away."""
_TITLES = (("VRRP v2 VRID 255 prio 255", FULL), ("VRID 255 prio 255", SHORT), ("", SHORTEST))
"""An advert's title for which there must be room, and how much is then said of each."""
_LEAVING = ", leaving"
_COUNT_FROM = 24
"""Cells for what a packet is from which it is counted."""
_SUMMARY_WIDTH = 24
"""Cells for what became of a packet, where there is no room for a column a node."""
_OUTCOMES = {
    "sent": ("▶", "label"),
    "arrived": ("✔", "success"),
    "lost": ("✖", "fault"),
    "partly": ("✖", "warning"),
    "waiting": ("…", "muted"),
    "unknown": ("?", "muted"),
    "none": (" ", "muted"),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things stand in a list of `width` cells with a column for each of `nodes`."""

    width: int
    nodes: tuple[str, ...]

    @property
    def sender(self) -> int:
        return min(12, max([6, *(len(n) for n in self.nodes)])) + 1

    @property
    def wide(self) -> bool:
        return self.width - 17 - self.sender - 20 * len(self.nodes) >= 46

    @property
    def node(self) -> int:
        """Cells of a node's column; 0: one column is for all."""
        if self.wide:
            return 20
        return 12 if self.width - 17 - self.sender - 12 * len(self.nodes) >= 12 else 0

    @property
    def arrivals(self) -> int:
        """Cells of all columns that say at which nodes a packet arrived."""
        if self.node:
            return self.node * len(self.nodes)
        return max(_SUMMARY_WIDTH, (self.width - 17 - self.sender) // 2)

    @property
    def network(self) -> int:
        return 11 if self.wide and self.width >= 120 else 0

    @property
    def what(self) -> int:
        room = self.width - 17 - self.sender - self.network - self.arrivals
        return max(12, min(room, _MAX_TITLE_WIDTH))


def _fit(text: str, width: int) -> str:
    return text.ljust(width) if len(text) < width else text[: width - 2] + "… "


def header_line(columns: Columns) -> tuple[Piece, ...]:
    """Return the names of the columns."""
    out = [f"{'time':>{moment_width()}}", f"{'Δ s':>7} ", "from".ljust(columns.sender)]
    if columns.network:
        out.append("network".ljust(columns.network))
    out.append("packet".ljust(columns.what))
    out += [_fit(node, columns.node) for node in columns.nodes] if columns.node else ["arrived at"]
    return (("".join(out), "header"),)


def packet_line(packet: Packet, columns: Columns) -> tuple[Piece, ...]:
    """Return one row: when, how long after the last, from whom, what, and what became of it at each node."""
    out: list[Piece] = [
        (f"{show_moment(packet.at, 3):>{moment_width()}}", "label"),
        (f"{format_interval(packet):>7} ", "why" if packet.taken_over_from else "muted"),
        (_fit(packet.sender, columns.sender), node_style(columns.nodes, packet.sender)),
    ]
    if columns.network:
        out.append((_fit(packet.event.network, columns.network), "muted"))
    out += _title_pieces(packet, columns.what)
    if not columns.node:
        return (*out, _summary_piece(packet, columns))
    for node in columns.nodes:
        text, outcome = arrival_text(packet, node)
        glyph, style = _OUTCOMES[outcome]
        out.append((_fit(_shortened(text, glyph, columns.wide), columns.node), style))
    return tuple(out)


def _summary_piece(packet: Packet, columns: Columns) -> Piece:
    text, outcome = arrival_summary(packet, columns.nodes, columns.arrivals)
    return text, _OUTCOMES[outcome][1]


def format_interval(packet: Packet) -> str:
    """Return `+1.000` after the sender's own last advert, `↳0.611` after another's: it took over."""
    if packet.interval is None:
        return ""
    return f"{'↳' if packet.taken_over_from else '+'}{packet.interval:.3f}"


def _shortened(text: str, glyph: str, wide: bool) -> str:
    text = text.removeprefix("✖ ")
    if not wide:
        text = text.removeprefix("received ").removesuffix(" arrived")
        text = text.replace("received", "here")
    return f"{glyph} {text}".rstrip() if text != "…" else text


def _title_pieces(packet: Packet, room: int) -> list[Piece]:
    """Return what a packet is, how often it came, and what is wrong with it, in exactly so many cells."""
    event, style = packet.event, "label"
    defects = event.defects if isinstance(event, e.Advert) else ()
    count = f" ×{packet.count}" if packet.count > 1 and room >= _COUNT_FROM else ""
    wrong = f" ✖ {', '.join(defects)}" if defects else ""
    left = room - len(count) - len(wrong) - 1
    detail = next(detail for longest, detail in _TITLES if len(longest) < room)
    if packet.kind != "vrrp":  # their addresses may be long ones
        detail = next((d for d in (FULL, SHORT) if len(packet_title(event, d)) <= left), SHORTEST)
    text = safe_text(packet_title(event, detail))
    if packet.priority == 0:
        style = "warning"
        text += _LEAVING if len(text) + len(_LEAVING) <= left else ""
    text = cut_at_word(text, left)
    rest = room - len(text) - len(count) - len(wrong)
    return [(text, style), (count, "why"), (wrong[: room - len(text) - 1], "fault"), (" " * rest, "")]
