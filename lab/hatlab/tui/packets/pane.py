"""The packets: what was sent, and at which nodes it arrived."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from hatlab.tui.packets.draw import Columns, header_line, packet_line
from hatlab.tui.widgets.filter_match import compile_filter
from hatlab.tui.widgets.filtered_pane import FilteredPane
from hatlab.tui.widgets.line_widget import Row
from hatlab.tui.widgets.list_view import RowList
from hatlab.views.packets.model import PacketsModel
from hatlab.views.packets.packet import Packet, search_text

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
        self._columns = Columns(self.row_width, self.model.node_names)
        return header_line(self._columns)

    def row(self, number: int) -> Row:
        return packet_line(self.shown[number], self._columns)


def _import_scapy() -> None:
    from hatlab.dissect import load_scapy

    load_scapy()


class Packets(FilteredPane):
    """One merged list of the frames every node captured."""

    NAME: ClassVar[str] = "packets"
    HINT: ClassVar[str] = "vrrp, arp, db1, prio 0, never arrived, checksum … (Esc: show all)"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "open",
            "Explain",
            id="packets.open",
            tooltip="Read this packet field by field, byte by byte",
        ),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        self.model = PacketsModel()
        self.list = PacketList(self.model)
        super().__init__(self.list, id=id)
        self._pattern = compile_filter("")
        self._shown_numbers: set[int] = set()
        self.opens_newest = True
        """False if Enter, with no packet selected, means something else."""
        self._scapy_loading = False

    def on_descendant_focus(self) -> None:
        """Import in the background what reads a packet: it takes 35 MB, and a second or two."""
        if not self._scapy_loading:
            self._scapy_loading = True
            threading.Thread(target=_import_scapy, name="load-scapy", daemon=True).start()

    def feed(self, batch: Batch) -> None:
        """Take captures in."""
        if batch.rewound:
            self.model.clear()
            self.apply_filter(self.filter_text)
            self.list.action_edge(1)
        selected = self.selected
        if not self.model.feed(batch.events) and not batch.rewound:
            return
        if self._pattern is None:
            self.list.shown = self.model.packets
        else:
            self._filter_changes()
        self._keep_selected(selected)
        self.list.redraw()
        self.update_status()

    def seek(self, at: float | None) -> None:
        """Bring the last packet before a moment into view; None follows what happens."""
        if at is None:
            if not self.list.following:
                self.list.action_edge(1)
            return
        number = bisect_right(self.list.shown, at, key=lambda p: p.at) - 1
        self.list.select(max(0, number))

    @property
    def selected(self) -> Packet | None:
        """The packet under the cursor."""
        cursor, shown = self.list.cursor, self.list.shown
        return shown[cursor] if cursor is not None and cursor < len(shown) else None

    def presets(self) -> Sequence[str]:
        six = self.model.layout is not None and bool(self.model.layout.ipv6_subnets)
        return ("vrrp", "arp", *(["na"] if six else []), "prio 0", "never arrived", *self.model.node_names)

    def total_count(self) -> int:
        return len(self.model.packets)

    def apply_filter(self, text: str) -> None:
        selected = self.selected
        self._pattern = compile_filter(text)
        if self._pattern is None:
            self.list.shown = self.model.packets
        else:
            match = self._pattern.match
            self.list.shown = [p for p in self.model.packets if match(search_text(p))]
            self._shown_numbers = {p.number for p in self.list.shown}
        self._keep_selected(selected)

    def _filter_changes(self) -> None:
        """Filter only what is new or changed."""
        shown, numbers = self.list.shown, self._shown_numbers
        if self.model.reordered or shown is self.model.packets or not self.model.packets:
            self.apply_filter(self.filter_text)
            return
        oldest = self.model.packets[0].at
        gone = bisect_left(shown, oldest, key=lambda p: p.at)
        numbers.difference_update(p.number for p in shown[:gone])
        del shown[:gone]
        for packet in dict.fromkeys(self.model.changed):
            matches = self._pattern is not None and self._pattern.match(search_text(packet)) is not None
            if matches == (packet.number in numbers) or packet.at < oldest:
                continue
            if matches:
                shown.insert(bisect_right(shown, packet.at, key=lambda p: p.at), packet)
                numbers.add(packet.number)
            else:
                shown.remove(packet)
                numbers.discard(packet.number)

    def _keep_selected(self, selected: Packet | None) -> None:
        """Keep the same packet under the cursor when rows come and go above it."""
        cursor = self.list.cursor
        if selected is None or cursor is None:
            return
        shown = self.list.shown
        if cursor < len(shown) and shown[cursor] is selected:
            return
        number = bisect_right(shown, selected.at, key=lambda p: p.at) - 1
        while number > 0 and shown[number] is not selected and shown[number].at == selected.at:
            number -= 1
        self.list.drop_first_rows(cursor - max(0, number))

    def on_row_list_opened(self, event: RowList.Opened) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Show the selected packet, or the newest, byte by byte."""
        if self.selected is None and not self.opens_newest:
            raise SkipAction
        packet = self.selected or (self.list.shown[-1] if self.list.shown else None)
        if packet is not None:
            from hatlab.tui.packets.detail import PacketDetail

            self.app.push_screen(PacketDetail(packet, self.model.node_names))
