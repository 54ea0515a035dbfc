"""The screen that explains one packet: each field beside its bytes, with a sentence about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from hatlab.describe.packets import packet_title
from hatlab.tui.commands import TYPE_ANYWHERE
from hatlab.tui.widgets.find_places import find_places, next_place
from hatlab.tui.widgets.findable import Findable, FindField
from hatlab.tui.widgets.line_widget import LineWidget, Row, line_plain
from hatlab.tui.widgets.list_view import RowList
from hatlab.tui.widgets.notice_line import NoticeLine
from hatlab.util.safe_text import safe_text
from hatlab.views.packets.detail_text import FieldLine, byte_lines, field_at, field_lines, packet_story
from hatlab.views.packets.packet import Packet

if TYPE_CHECKING:
    from hatlab.dissect import Field


class FieldList(RowList, inherit_bindings=False):
    """The fields, under the layer each belongs to."""

    BINDINGS: ClassVar[list[BindingType]] = RowList.MOVES

    def __init__(self) -> None:
        super().__init__(id="fields")
        self.lines: tuple[FieldLine, ...] = ()

    def row_count(self) -> int:
        return len(self.lines)

    def row(self, number: int) -> Row:
        line = self.lines[number]
        if len(line.row) < 2:
            return line.row
        (name, style), *rest = line.row
        return ((f"{name:<{22 if self.row_width >= 42 else 20}}", style), *rest)

    @property
    def selected(self) -> FieldLine | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if self.cursor is not None and self.cursor < len(self.lines) else None

    def show(self, lines: tuple[FieldLine, ...]) -> None:
        self.lines = lines
        self.following = False
        first_wrong = next((number for number, line in enumerate(lines) if line.wrong), 0)
        self.select(first_wrong)

    def action_step(self, rows: int) -> None:
        if self.lines:
            self.select((self.cursor or 0) + rows)

    def action_edge(self, way: int) -> None:
        self.select(0 if way < 0 else len(self.lines) - 1)


def _bytes_per_row(width: int) -> int:
    """Return sixteen where there is room."""
    return 16 if width >= 71 else 8


class HexDump(LineWidget, can_focus=True):
    """The bytes; those of the selected field stand out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Byte back", id="hex.left", show=False),
        Binding("right", "move(1)", "Byte on", id="hex.right", show=False),
        Binding("up", "row(-1)", "Row up", id="hex.up", show=False),
        Binding("down", "row(1)", "Row down", id="hex.down", show=False),
    ]

    @dataclass
    class ByteSelected(Message):
        """A byte was chosen, counted from the frame's beginning."""

        offset: int

    def __init__(self, frame: bytes) -> None:
        super().__init__(id="bytes")
        self.frame = frame
        self.chosen = range(0)
        self.sections: tuple[tuple[range, str], ...] = ()
        self._offset = 0

    @property
    def per_row(self) -> int:
        return _bytes_per_row(self.size.width)

    def show(self, chosen: range) -> None:
        """Highlight these bytes."""
        self.chosen = chosen
        if self._offset not in chosen:
            self._offset = chosen.start
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return -(-len(self.frame) // _bytes_per_row(width))

    def build(self) -> list[Row]:
        return byte_lines(self.frame, self.chosen, self.sections, self.per_row)

    def _select_byte(self, offset: int) -> None:
        if 0 <= offset < len(self.frame):
            self._offset = offset
            self.post_message(self.ByteSelected(offset))

    def action_move(self, by: int) -> None:
        """Go to the next byte that is not in this field."""
        beyond = self.chosen.stop if by > 0 else self.chosen.start - 1
        self._select_byte(beyond if self.chosen else self._offset + by)

    def action_row(self, by: int) -> None:
        self._select_byte(self._offset + by * self.per_row)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        per_row = self.per_row
        column = (offset.x - 6) // 3 if offset.x < 6 + 3 * per_row else offset.x - 7 - 3 * per_row
        if 0 <= column < per_row:
            self._select_byte(offset.y * per_row + column)


class PacketDetail(Findable, ModalScreen[None]):
    """Explains one packet. scapy reads it in a thread, as importing scapy takes more than half a second.

    Args:
        packet: as the packets pane has it.
        names: the nodes, in the topology's order.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter", "dismiss", "Back", id="detail.close"),
        Binding("escape", "back_out", "Back", id="detail.back"),
        replace(Findable.FIND, id="detail.find"),
        Binding("tab", "other", "Fields / bytes", id="detail.other"),
        replace(TYPE_ANYWHERE, id="detail.type"),
        Binding("Y", "app.copy", "Copy", id="detail.copy"),
    ]

    @dataclass
    class FrameRead(Message):
        """scapy has read the frame."""

        fields: tuple[Field, ...]
        error: str = ""

    def __init__(self, packet: Packet, names: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
        self.packet = packet
        self.names = names
        self.frame = bytes.fromhex(packet.event.frame)

    def compose(self) -> ComposeResult:
        yield NoticeLine()
        with Vertical(id="packet"):
            yield Static(_to_content(packet_story(self.packet, self.names)), id="packet-story")
            yield FindField("words to find in the fields · Enter: next · Esc: close")
            with Horizontal(id="packet-body"):
                yield FieldList()
                with Vertical(id="packet-side"):
                    yield HexDump(self.frame)
                    yield Static("reading …", id="packet-field", markup=False)

    def on_mount(self) -> None:
        box = self.query_one("#packet")
        box.border_title = Content(f"{safe_text(packet_title(self.packet.event))} · {len(self.frame)} bytes")
        box.border_subtitle = Content("↑↓ fields · Tab bytes · / find · Y copy · Esc close")
        self.query_one(FieldList).focus()
        self.read_frame()

    def copyable(self) -> str:
        """Return the packet as text: where it was seen, its fields, its bytes."""
        fields = self.query_one(FieldList)
        story = [line_plain(row) for row in packet_story(self.packet, self.names)]
        listed = [fields.line_text(number) for number in range(fields.row_count())]
        return "\n".join([*story, "", *listed, "", self.frame.hex(" ")])

    @work(thread=True, exit_on_error=False)
    def read_frame(self) -> None:
        """Read the frame, away from the event loop; the result comes as a message."""
        try:
            from hatlab.dissect import dissect

            self.post_message(self.FrameRead(dissect(self.frame)))
        except Exception as error:  # noqa: BLE001 - the screen says what went wrong and lives on
            self.post_message(self.FrameRead((), f"This packet cannot be read: {error}"))

    def on_packet_detail_frame_read(self, message: FrameRead) -> None:
        lines = field_lines(message.fields)
        dump = self.query_one(HexDump)
        dump.sections = tuple((line.bytes, line.style) for line in lines if line.heading)
        if not lines:
            self.query_one("#packet-field", Static).update(Content(message.error or "This packet is empty."))
            dump.redraw()
            return
        self.query_one(FieldList).show(lines)
        self._explain()

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        message.stop()
        self._explain()

    def on_hex_dump_byte_selected(self, message: HexDump.ByteSelected) -> None:
        fields = self.query_one(FieldList)
        number = field_at(fields.lines, message.offset)
        if number is not None:
            fields.select(number)

    def _explain(self) -> None:
        line = self.query_one(FieldList).selected
        if line is not None:
            self.query_one(HexDump).show(line.bytes)
            self.query_one("#packet-field", Static).update(_to_content([line.explanation]))

    def focus_found(self) -> None:
        """Go to the next field with the words; the keys stay in the field as long as words are sought."""
        field = self.query_one(FindField)
        if field.display:
            self._find(field.value.strip(), 1)
        else:
            self.query_one(FieldList).focus()

    def show_found(self, words: str) -> None:
        self._find(words, 0)

    def _find(self, words: str, direction: int) -> None:
        """Select a field with these words: the next (1), or this one if it has them (0).

        Explanations, which name other fields, are searched if no field has the words itself.
        """
        fields = self.query_one(FieldList)
        texts = [fields.line_text(number) for number in range(fields.row_count())]
        explained = [line_plain(line.explanation) for line in fields.lines]
        places = find_places(texts, words) or find_places(explained, words)
        place = next_place(places, fields.cursor, direction)
        if place is not None:
            fields.select(place)

    def action_back_out(self) -> None:
        """End the search, else close the packet."""
        if not self.close_find():
            self.dismiss()

    def action_other(self) -> None:
        """Go from the fields to the bytes and back."""
        fields, dump = self.query_one(FieldList), self.query_one(HexDump)
        (dump if self.focused is fields else fields).focus()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss()


def _to_content(rows: list[Row]) -> Content:
    return Content("\n").join(Content.assemble(*((t, _STYLES.get(s, "")) for t, s in row)) for row in rows)


_STYLES = {
    "fault": "bold $error",
    "warning": "bold $warning",
    "success": "$success",
    "muted": "$quiet",
    "why": "bold $accent",
}
