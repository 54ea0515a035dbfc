"""The heartbeat between nodes: adverts seen to cross it, or to die on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from textual.content import Content

from hatlab import events as e
from hatlab.state.model import LabState
from hatlab.tui.widgets.fitting import fit_text
from hatlab.tui.widgets.line_widget import LineWidget, styled
from hatlab.views.wire import LINGER, TRAVEL, WireSender, caption_texts, wire_senders, wire_title


@dataclass(slots=True)
class Flight:
    """One advert on its way. One that no peer has captured by half way is lost."""

    began: float
    """On the app's clock."""
    sent: float
    """On the lab's clock."""
    priority: int
    lost: float | None = None
    """Where it dies, as a share of the way; None if it arrives."""


class Heartbeat(LineWidget):
    """The wire of one network. With two nodes a line each way; with more, a line a sender."""

    def __init__(self, network: str, nodes: tuple[str, ...], clock: Callable[[], float]) -> None:
        super().__init__(id=f"wire-{network}")
        self.network = network
        self.nodes = nodes
        self._clock = clock
        self._senders: tuple[WireSender, ...] = ()
        self._titles: tuple[str, ...] = (network,)
        self._title_style = "quiet"
        self._flights: dict[str, Flight] = {}
        self._heard: dict[str, float] = {}

    def show(self, state: LabState) -> None:
        """Show who sends what in a state."""
        senders = wire_senders(state, self.network, self.nodes)
        titles, style = wire_title(state, self.network, self.nodes)
        if (senders, titles, style) != (self._senders, self._titles, self._title_style):
            self._senders, self._titles, self._title_style = senders, titles, style
            if not self._flights:  # else the next frame follows at once
                self.redraw()

    def fly(self, adverts: list[e.Advert], state: LabState) -> None:
        """Let adverts just sent cross the wire; those received meanwhile have arrived."""
        lost_at = {sender.node: sender.lost for sender in self._senders}
        for advert in adverts:
            if advert.network != self.network or advert.priority is None:
                continue
            sender = state.layout.owner_of(advert.source) if state.layout else None
            if advert.direction == "received" and sender:
                self._heard[sender] = advert.at
            elif state.at - advert.at <= TRAVEL:
                began = self._clock() - (state.at - advert.at)
                flight = Flight(began, advert.at, advert.priority, lost_at.get(advert.node))
                self._flights[advert.node] = flight

    def clear(self) -> None:
        """Forget what is under way, as another moment is shown."""
        self._flights.clear()

    def advance(self) -> None:
        """Draw the next frame, if an advert is under way. Called as often as the app looks at the lab."""
        if not self._flights:
            return
        now = self._clock()
        for node, flight in self._flights.items():
            if self._heard.get(node, -1.0) < flight.sent - 0.1 and now - flight.began > TRAVEL / 2:
                flight.lost = flight.lost or 0.5
        over = [n for n, f in self._flights.items() if now - f.began > TRAVEL + (LINGER if f.lost else 0)]
        for node in over:
            del self._flights[node]
        self.redraw()

    def build(self) -> list[Content]:
        width, height = self.content_size
        if width < 8 or not self._senders:
            return []
        title = self._title_line(width)
        if len(self._senders) > 2:
            senders = self._advertisers(height - 1)
            if height > 2 or not senders:
                return [title, *(self._labelled_wire(s, width, s.node) for s in senders)]
            senders = self._advertisers(height)
            names = max(len(sender.node) for sender in senders)
            return [self._labelled_wire(s, width, f"{s.node:<{names}} {self.network}") for s in senders]
        has_captions = height > len(self._senders) * 2
        lines = [title]
        for number, sender in enumerate(self._senders):
            lines.append(self._wire(sender, width, leftward=len(self._senders) == 2 and number == 1))
            if has_captions:
                lines.append(_caption(sender, width))
        return lines

    def _title_line(self, width: int) -> Content:
        return _centred(styled((fit_text(self._titles, width), self._title_style)), width)

    def _advertisers(self, count: int) -> list[WireSender]:
        """Return who ever advertised, at most so many: those that fell silent first are left out."""
        advertisers = [sender for sender in self._senders if sender.claim is not None]
        latest = sorted(advertisers, key=lambda s: (s.silent, s.age if s.silent else 0.0))
        return [sender for sender in advertisers if sender in latest[: max(1, count)]]

    def _labelled_wire(self, sender: WireSender, width: int, label: str) -> Content:
        """Draw one of many: who, what, and the wire to all others."""
        name = styled((f" {label:<12} ", "quiet" if sender.silent else "wire"))
        return name + self._wire(sender, width - name.cell_length - 1, leftward=False)

    def _wire(self, sender: WireSender, width: int, *, leftward: bool) -> Content:
        """Draw a sender's wire as if it ran to the right, and mirror it if it runs to the left."""
        flight = self._flights.get(sender.node)
        if sender.off and flight is None:
            end, rest = ("□", "bold stopped"), " " * (width - 1)
            return styled(rest, end) if leftward else styled(end, rest)
        cells = ["╌"] * (width - 2)
        styles = ["line" if sender.silent and flight is None else "wire"] * (width - 2)
        if sender.lost is not None:
            cut = round(sender.lost * (width - 3))
            cells[cut:] = ["✂", *" " * (width - 3 - cut)]
            styles[cut:] = ["bold fault", *["line"] * (width - 3 - cut)]
        if flight is not None:
            self._draw_flight(flight, cells, styles, leftward)
        arrow_style = "wire" if not sender.silent and sender.lost is None else "line"
        drawn = [("╶", "line"), *zip(cells, styles, strict=True), ("▸", arrow_style)]
        if leftward:
            drawn = [("◂", arrow_style), *reversed(drawn[1:-1]), ("╴", "line")]
        runs = groupby(drawn, key=itemgetter(1))  # a piece for each colour: one for each cell costs much more
        return styled(*(("".join(cell for cell, _ in run), style) for style, run in runs))

    def _draw_flight(self, flight: Flight, cells: list[str], styles: list[str], leftward: bool) -> None:
        share = max(0.0, (self._clock() - flight.began) / TRAVEL)
        if flight.lost is not None and share >= flight.lost:
            cell = round(flight.lost * (len(cells) - 1))
            cells[cell], styles[cell] = "╳", "bold fault"
            return
        if share > 1:
            return
        label = f"▐{flight.priority}▌"
        start = round(share * (len(cells) - len(label)))
        for cell, letter in enumerate(reversed(label) if leftward else label, start):
            if cell < len(cells):
                cells[cell] = letter
                styles[cell] = "bold wire" if flight.priority else "bold warn"


def _caption(sender: WireSender, width: int) -> Content:
    texts, style = caption_texts(sender)
    return _centred(styled((fit_text(texts, width), style)), width)


def _centred(line: Content, width: int) -> Content:
    return Content(" " * max(0, (width - line.cell_length) // 2)) + line
