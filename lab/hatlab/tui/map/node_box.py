"""One node of the map."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.content import Content

from hatlab.tui.map import node_row
from hatlab.tui.messages import NodeOpened, NodeSelected
from hatlab.tui.widgets.fitting import fit_parts, fit_text
from hatlab.tui.widgets.line_widget import LineWidget, drawn, justified, styled
from hatlab.views.lab_view import READ_ONLY, Mark, NodeView, PartView
from hatlab.views.node_lines import (
    MOST_LISTED,
    OFF,
    answers_text,
    held_texts,
    priority_row,
    state_row,
    trouble_texts,
)

_BAR_WIDTH = 8
"""Cells of a countdown."""
_LONGEST_STATE = cell_len("■ STOPPED")
ROOMY = 7
"""Rows from which on each service has a line of its own."""


class NodeBox(LineWidget, can_focus=True):
    """State, priority, addresses, services and replication of one node; enter or a click opens its menu.

    As one of many it is a row: see `hatlab.tui.map.node_row`.
    """

    view = drawn[NodeView | None](None)
    target = drawn[bool](False)
    """True if keys act on this node."""
    name_cells = drawn[int](0)
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
            self._update_title()
        answers = answers_text(view)
        if (self.border_subtitle or "") != answers:
            self.border_subtitle = answers

    def watch_target(self) -> None:
        self._update_title()

    def _update_title(self) -> None:
        view = self.view
        octet = f" {view.octet}" if view else ""
        power = f" · {view.power}" if view and view.power == "paused" else ""
        self.border_title = f"{'▸ ' if self.target else ''}{self.node}{octet}{power}"

    def build(self) -> list[Content]:
        view = self.view
        if view is None:
            return []
        width, height = self.content_size
        if self.name_cells:
            return [node_row.row_line(view, self.name_cells, width, target=self.target)]
        if view.power == "off":
            return [styled(*OFF), _held_line(view, width)]
        if view.role == "host":
            return [
                styled(view.replication.piece()),
                *(styled((_brief(f"✂ {fault}", width), "fault")) for fault in view.faults),
            ]
        lines = [
            *self._part_lines(view, width),
            _held_line(view, width),
            *self._service_lines(view, width, roomy=height >= ROOMY),
            styled(_replication_piece(view, width, roomy=height >= ROOMY)),
        ]
        troubles = [(_brief(text, width), style) for text, style in trouble_texts(view)]
        if troubles:
            lines += [styled(t) for t in troubles]
        elif view.power == "on" and len(view.parts) <= MOST_LISTED:
            lines += filter(None, (_countdown_line(part, width) for part in view.parts))
        fitting = lines[: max(1, height)]
        if len(lines) > height and troubles and height > 1:
            fitting[-1] = styled(troubles[0])  # a trouble is worth more than what it pushes out
        return fitting

    def _part_lines(self, view: NodeView, width: int) -> list[Content]:
        if len(view.parts) > MOST_LISTED:
            return [styled(*node_row.state_pieces(view, width))]
        several = len(view.parts) > 1
        return [_part_line(part, several, width) for part in view.parts]

    def _service_lines(self, view: NodeView, width: int, *, roomy: bool) -> list[Content]:
        """Return a line for each service with what ails it, or one for all."""
        if roomy:
            return [fit_parts([(0, m.piece()), (1, (_note(m), m.tone))], width) for m in view.services]
        return [Content("  ").join(styled(m.piece()) for m in view.services)]

    def on_focus(self) -> None:
        self.post_message(NodeSelected(self.node))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(NodeOpened(self.node))

    def key_enter(self) -> None:
        self.post_message(NodeOpened(self.node))


def _note(service: Mark) -> str:
    return f"  {service.note}" if service.note else ""


def _replication_piece(view: NodeView, width: int, *, roomy: bool) -> tuple[str, str]:
    """Return how replication is; also that mysqld is read only, where its own line has no room for it."""
    text, tone = view.replication.piece()
    read_only = any(service.note == READ_ONLY for service in view.services)
    if roomy or not read_only or tone == "fault":
        return text, tone
    return fit_text((f"{text}, {READ_ONLY}", f"· {READ_ONLY}"), width), tone


def _brief(trouble: str, width: int) -> str:
    return fit_text(node_row.trouble_forms(trouble), width)


def _part_line(part: PartView, several: bool, width: int) -> Content:
    state, priority = styled(*state_row(part, several=several)), styled(*priority_row(part))
    longest = state.cell_length - cell_len(str(part.state)) + _LONGEST_STATE
    if longest + priority.cell_length >= width:  # the same word in whichever state
        priority = styled(*priority_row(part, "prio"))
    return justified(state, priority, width)


def _held_line(view: NodeView, width: int) -> Content:
    """Show the virtual addresses it holds: whole, else their last numbers, else how many."""
    texts, style = held_texts(view)
    return styled((next((text for text in texts if len(text) <= width), texts[-1]), style))


def _countdown_line(part: PartView, width: int) -> Content | None:
    """Show a Backup's countdown: how long it would still wait for an advert."""
    if part.takeover is None:
        return None
    left, whole = part.takeover
    bar = max(0, min(_BAR_WIDTH, width - len("◔ takeover in 0.0 s ")))
    full = round(bar * min(1.0, left / whole)) if whole else 0
    tone = "warn" if whole and left < whole / 2 else "quiet"
    return styled(
        ("◔ takeover in ", "quiet"),
        (f"{left:.1f} s ", tone),
        ("━" * full, tone),
        ("╌" * (bar - full), "line"),
    )
