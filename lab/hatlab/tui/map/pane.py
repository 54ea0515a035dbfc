"""The map: nodes, the heartbeat between them, the clients beneath."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical

from hatlab import events as e
from hatlab.session import Batch
from hatlab.state.model import LabState
from hatlab.topology import Layout
from hatlab.tui.map.client_line import ClientLine
from hatlab.tui.map.heartbeat import Heartbeat
from hatlab.tui.map.node_box import NodeBox
from hatlab.tui.map.node_row import name_width
from hatlab.tui.map.proportions import BORDER, PADDING, content_width, least_content, pair_columns
from hatlab.views.lab_view import client_view, node_view
from hatlab.views.wire import advert_networks

BOX_WIDTH = 26
"""Columns of a box on a narrow screen that hold the most important words; with less, nodes are rows."""
ROOMY_SCREEN = 100
"""Columns of a screen from which a box shows every word."""
ROW_WIDTH, NARROW_ROW_WIDTH = 38, 28
"""Columns of a row with room for what is wrong; and of one without, where the screen is narrow."""
_STEPS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


class Map(Vertical):
    """Two nodes stand on either side of the wires; more stand above them, in boxes or, if many, in rows."""

    def __init__(self, layout: Layout, clock: Callable[[], float]) -> None:
        super().__init__(id="map")
        self._names = layout.node_names
        self._boxes = {name: NodeBox(name) for name in self._names}
        networks = advert_networks(layout)
        self._wires = [Heartbeat(network, nodes, clock) for network, nodes in networks.items()]
        self._clients = {name: ClientLine(id=f"client-{name}") for name in layout.client_names}
        self._box_grid = Container(id="row")
        self._columns = 1
        self._servers: dict[str, str | None] = {}
        """Which node answers each client."""
        self.facts_only = False
        """True leaves out what hatlab concludes."""
        self._content, self._least_content = content_width(layout), least_content(layout)
        self._wire_column = Vertical(*self._wires, id="wires")
        self.set_class(len(networks) > 1, "-wires")
        self.set_class(len(self._clients) > 1, "-clients")

    def compose(self) -> ComposeResult:
        boxes = list(self._boxes.values())
        if len(boxes) == 2:
            with Horizontal(id="pair"):
                yield boxes[0]
                yield self._wire_column
                yield boxes[1]
        else:
            with self._box_grid:
                yield from boxes
            yield self._wire_column
        with Vertical(id="clients"):
            yield from self._clients.values()

    def on_mount(self) -> None:
        """Paths to nodes follow where these stand, which a refresh of the layout alone may change."""
        self.screen.screen_layout_refresh_signal.subscribe(self, lambda _: self._draw_paths())

    def on_resize(self, event: events.Resize) -> None:
        """Share the columns: two boxes and the wires, many boxes side by side, or a list of rows."""
        count, width = len(self._names), event.size.width
        if count == 2:
            box_columns, wire_columns = pair_columns(width, self._content)
            self._wire_column.styles.width = wire_columns
            self.set_class(box_columns >= self._content + BORDER + PADDING, "-roomy")
            return
        whole, every_word = self._content + BORDER, self._least_content + BORDER
        least = every_word if self.app.size.width >= ROOMY_SCREEN else min(every_word, BOX_WIDTH)
        in_rows = width < count * least
        row_width = ROW_WIDTH if width >= 2 * ROW_WIDTH else NARROW_ROW_WIDTH
        self._columns = max(1, min(width // row_width, -(-count // 4))) if in_rows else count
        self.set_class(in_rows, "-rows")
        self.set_class(not in_rows and width // count >= whole + PADDING, "-roomy")
        self._box_grid.styles.grid_size_columns = self._columns
        cells = name_width(self._names, width // self._columns) if in_rows else 0
        for box in self._boxes.values():
            box.name_cells = cells

    def on_key(self, event: events.Key) -> None:
        """Go from node to node by arrows."""
        focused = self.screen.focused
        if not isinstance(focused, NodeBox) or event.key not in _STEPS:
            return
        across, down = _STEPS[event.key]
        number = self._names.index(focused.node) + across + down * self._columns
        if 0 <= number < len(self._names):
            event.stop()
            self.focus_node(self._names[number])

    def show(self, state: LabState) -> None:
        """Draw a state; what has not changed is not touched."""
        for name, box in self._boxes.items():
            if name in state.nodes:
                timers = not box.name_cells
                box.view = node_view(state, name, timers=timers, facts_only=self.facts_only)
        for wire in self._wires if state.nodes else ():
            wire.show(state)
        for name, line in self._clients.items():
            if name in state.clients:
                line.show(client_view(state, name), state.at)
                self._servers[name] = state.clients[name].server
        self._draw_paths()

    def _draw_paths(self) -> None:
        """Lead each client's path to the middle of the node that answers it."""
        for name, line in self._clients.items():
            line.reach = self._column_beneath(self._servers.get(name), line)

    def _column_beneath(self, node: str | None, line: ClientLine) -> int:
        """Return the column of a client's line that is beneath the middle of a node, -1 if there is none."""
        if node not in self._boxes:
            return -1
        box = self._boxes[node].region
        return box.x + box.width // 2 - line.content_region.x

    def target(self, node: str) -> None:
        """Mark the node that keys act on."""
        for box in self._boxes.values():
            box.target = box.node == node

    def focus_node(self, node: str) -> None:
        """Give a node the focus."""
        self._boxes[node].focus()

    def feed(self, batch: Batch) -> None:
        """Draw a batch: its state, and its adverts crossing the wire."""
        self.show(batch.state)
        adverts = [event for event in batch.events if isinstance(event, e.Advert)]
        for wire in self._wires if adverts else ():
            wire.fly(adverts, batch.state)

    def advance(self) -> None:
        """Draw the next frame of what moves."""
        for wire in self._wires:
            wire.advance()

    def seek(self, state: LabState) -> None:
        """Draw a past moment, in which nothing moves."""
        for wire in self._wires:
            wire.clear()
        self.show(state)
