"""One node of the map."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.reactive import reactive

from hatlab.tui.lab_view import NodeView, PartView
from hatlab.tui.map import node_row
from hatlab.tui.messages import NodeOpened, NodeSelected
from hatlab.tui.widgets.line_widget import LineWidget, Piece, justified, styled
from hatlab.util.text import join_names

_BAR = 8
_LISTED = 3
"""Instances with a line each; more are counted by their state."""


class NodeBox(LineWidget, can_focus=True):
    """State, priority, addresses, services and replication of one node; enter or a click opens its menu.

    As one of many it is a row: see `hatlab.tui.map.node_row`.
    """

    view: reactive[NodeView | None] = reactive(None, repaint=False)
    target: reactive[bool] = reactive(False, repaint=False)
    """Whether keys act on this node."""
    names: reactive[int] = reactive(0, repaint=False)
    """Cells for the name, if it is a row; 0: it is a box."""

    def __init__(self, node: str) -> None:
        super().__init__(id=f"node-{node}", classes="node")
        self.node = node
        self.border_title = node

    def watch_view(self, old: NodeView | None, view: NodeView | None) -> None:
        if view is None:
            return
        if old is None or (old.tone, old.power, old.octet) != (view.tone, view.power, view.octet):
            for tone in ("master", "backup", "fault", "stopped", "init"):
                self.set_class(tone == view.tone, f"-{tone}")
            self._head()
        did = "forwards for" if view.role == "router" else "answers"
        answers = f"▲ {did} the client" if view.answers else ""
        if (self.border_subtitle or "") != answers:
            self.border_subtitle = answers
        self.redraw()

    def watch_target(self) -> None:
        self._head()
        self.redraw()

    def watch_names(self) -> None:
        self.redraw()

    def _head(self) -> None:
        view = self.view
        octet = f" {view.octet}" if view else ""
        power = f" · {view.power}" if view and view.power != "on" else ""
        self.border_title = f"{'▸ ' if self.target else ''}{self.node}{octet}{power}"

    def build(self) -> list[Content]:
        view = self.view
        if view is None:
            return []
        width, height = self.content_size
        if self.names:
            return [node_row.row_line(view, self.names, width, target=self.target)]
        if view.power == "off":
            return [styled(("■ POWER OFF", "bold stopped")), _held(view, width)]
        if view.role == "host":
            return [
                styled(view.replication.piece()),
                *(styled(("✂ " + fault, "fault")) for fault in view.faults),
            ]
        lines = [
            *self._parts(view, width),
            _held(view, width),
            *self._services(view, roomy=height >= 7),
            styled(view.replication.piece()),
        ]
        troubles = [
            *(("⚠ " + d, "bold fault") for d in view.doubts),
            *(("✂ " + f, "fault") for f in view.faults),
        ]
        if troubles:
            lines += [styled(t) for t in troubles]
        elif view.power == "on" and len(view.parts) <= _LISTED:
            lines += [t for t in (_timer(p, width) for p in view.parts) if t is not None]
        fitting = lines[: max(1, height)]
        if len(lines) > height and troubles and height > 1:
            fitting[-1] = styled(troubles[0])  # a trouble is worth more than what it pushes out
        return fitting

    def _parts(self, view: NodeView, width: int) -> list[Content]:
        if len(view.parts) > _LISTED:
            return [styled(*node_row.state_pieces(view, width))]
        several = len(view.parts) > 1
        return [_part(part, several, width) for part in view.parts]

    def _services(self, view: NodeView, *, roomy: bool) -> list[Content]:
        """A line each with what ails it, or all in one line."""
        if roomy:
            return [styled(m.piece(), (f"  {m.note}" if m.note else "", m.tone)) for m in view.services]
        pieces: list[str | Piece] = []
        for m in view.services:
            pieces += [m.piece(), "  "]
        return [styled(*pieces)]

    def on_focus(self) -> None:
        self.post_message(NodeSelected(self.node))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(NodeOpened(self.node))

    def key_enter(self) -> None:
        self.post_message(NodeOpened(self.node))


def _part(part: PartView, several: bool, width: int) -> Content:
    name = f"  {part.instance}" if several else ""
    changed = "" if part.priority == part.configured else f" of {part.configured}"
    state = styled(part.state.piece("bold"), (name, "quiet"))
    number = styled((f"{part.priority}{changed}", "bold" if changed else ""))
    roomy = state.cell_length + number.cell_length + len("priority ") < width
    priority = styled(("priority " if roomy else "prio ", "quiet")) + number
    return justified(state, priority, width)


def _held(view: NodeView, width: int) -> Content:
    """The virtual addresses it holds: whole, else their last numbers, else how many."""
    if not view.held:
        return styled(("  no virtual address", "quiet"))
    ends = ["." + address.rsplit(".", 1)[-1] for address in view.held]
    ways = [f"◆ holds {join_names(names)}" for names in (view.held, ends)]
    fitting = [text for text in ways if len(text) <= width]
    return styled((fitting[0] if fitting else f"◆ holds {len(ends)} addresses", "bold vip"))


def _timer(part: PartView, width: int) -> Content | None:
    """A Backup's countdown: how long it would still wait for an advert."""
    if part.takeover is None:
        return None
    left, whole = part.takeover
    bar = max(0, min(_BAR, width - len("◔ takeover in 0.0 s ")))
    full = round(bar * min(1.0, left / whole)) if whole else 0
    tone = "warn" if whole and left < whole / 2 else "quiet"
    return styled(
        ("◔ takeover in ", "quiet"),
        (f"{left:.1f} s ", tone),
        ("━" * full, tone),
        ("╌" * (bar - full), "line"),
    )
