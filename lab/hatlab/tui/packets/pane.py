"""The packets: what was sent, and at which nodes it arrived."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from hatlab.tui.packets.draw import Columns, header_line, packet_line
from hatlab.tui.packets.model import PacketsModel
from hatlab.tui.packets.packet import Packet, search_text
from hatlab.tui.widgets.filter_match import compile_filter
from hatlab.tui.widgets.filtered_pane import FilteredPane
from hatlab.tui.widgets.line_widget import Row
from hatlab.tui.widgets.list_view import RowList

if TYPE_CHECKING:
    from hatlab.session import Batch


class PacketList(RowList):
    """The rows of the packets pane."""

    def __init__(self, model: PacketsModel, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.model = model
        self.shown: list[Packet] = model.packets
        self._columns = Columns(80, ())

    def row_count(self) -> int:
        return len(self.shown)

    def header(self) -> Row:
        return header_line(self._layout())

    def row(self, number: int) -> Row:
        return packet_line(self.shown[number], self._columns)

    def _layout(self) -> Columns:
        columns = Columns(self.row_width, self.model.node_names)
        if columns != self._columns:
            self._columns = columns
        return self._columns


class Packets(FilteredPane):
    """One merged list of the frames every node captured."""

    NAME: ClassVar[str] = "packets"
    HINT: ClassVar[str] = "vrrp, arp, db1, prio 0, never arrived, checksum … (esc: all)"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Explain", id="packets.open", tooltip="Read this packet byte by byte"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        self.model = PacketsModel()
        self.list = PacketList(self.model)
        super().__init__(self.list, id=id)
        self._matches = compile_filter("")
        self._numbers: set[int] = set()

    def feed(self, batch: Batch) -> None:
        """Takes captures in."""
        if batch.rewound:
            self.model.clear()
            self.apply_filter(self.filter_text)
            self.list.action_edge(1)
        selected = self.selected
        if not self.model.feed(batch.events) and not batch.rewound:
            return
        if self._matches is None:
            self.list.shown = self.model.packets
        else:
            self._sift()
        self._keep(selected)
        self.list.redraw()
        self.update_status()

    def seek(self, at: float | None) -> None:
        """Brings the first packet at or after a moment into view; None follows what happens."""
        if at is None:
            if not self.list.following:
                self.list.action_edge(1)
            return
        number = bisect_right(self.list.shown, at, key=lambda p: p.at) - 1
        self.list.select(max(0, number))

    @property
    def selected(self) -> Packet | None:
        """The packet under the cursor."""
        k = self.list.cursor
        return self.list.shown[k] if k is not None and k < len(self.list.shown) else None

    def presets(self) -> Sequence[str]:
        return ("vrrp", "arp", "prio 0", "never arrived", *self.model.node_names)

    def total_count(self) -> int:
        return len(self.model.packets)

    def apply_filter(self, text: str) -> None:
        selected = self.selected
        self._matches = compile_filter(text)
        if self._matches is None:
            self.list.shown = self.model.packets
        else:
            match = self._matches.match
            self.list.shown = [p for p in self.model.packets if match(search_text(p))]
            self._numbers = {p.number for p in self.list.shown}
        self._keep(selected)

    def _sift(self) -> None:
        """Filters only what is new or changed."""
        shown, numbers = self.list.shown, self._numbers
        if self.model.moved or shown is self.model.packets or not self.model.packets:
            self.apply_filter(self.filter_text)
            return
        oldest = self.model.packets[0].at
        gone = bisect_left(shown, oldest, key=lambda p: p.at)
        numbers.difference_update(p.number for p in shown[:gone])
        del shown[:gone]
        for packet in dict.fromkeys(self.model.touched):
            matches = self._matches is not None and self._matches.match(search_text(packet)) is not None
            if matches == (packet.number in numbers) or packet.at < oldest:
                continue
            if matches:
                shown.insert(bisect_right(shown, packet.at, key=lambda p: p.at), packet)
                numbers.add(packet.number)
            else:
                shown.remove(packet)
                numbers.discard(packet.number)

    def _keep(self, selected: Packet | None) -> None:
        """The same packet stays under the cursor when rows come and go above it."""
        cursor = self.list.cursor
        if selected is None or cursor is None:
            return
        shown = self.list.shown
        if cursor < len(shown) and shown[cursor] is selected:
            return
        k = bisect_right(shown, selected.at, key=lambda p: p.at) - 1
        while k > 0 and shown[k] is not selected and shown[k].at == selected.at:
            k -= 1
        self.list.drop_first_rows(cursor - max(0, k))

    def on_row_list_opened(self, event: RowList.Opened) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows the selected packet, or the newest, byte by byte."""
        packet = self.selected or (self.list.shown[-1] if self.list.shown else None)
        if packet is not None:
            from hatlab.tui.packets.detail import PacketDetail

            self.app.push_screen(PacketDetail(packet, self.model.node_names))
