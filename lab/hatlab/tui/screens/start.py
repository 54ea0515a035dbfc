"""The screen of the first seconds: each phase of starting, with the time it took."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from hatlab import events as e
from hatlab.session import Batch
from hatlab.tui.keys import key_of
from hatlab.tui.widgets.line_widget import Piece, spinner, styled

PHASES = {
    "image": "the node image",
    "network": "finding free addresses for the networks",
    "nodes": "one container for each machine",
    "mysql": "a MySQL server on each node",
    "replication": "each server replicates from the other",
    "sql": "running the topology's SQL",
    "election": "keepalived elects a Master",
    "ready": "a client gets an answer at the virtual address",
}
"""The phases of starting, in order, and what happens in each."""


class StartScreen(Screen[None]):
    """Shown until there is a pair to look at.

    Args:
        name: of the lab's engine.
        clock: seconds; stands still in tests.
    """

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        super().__init__()
        self._engine = name
        self._clock = clock
        self._started_at = clock()
        self._began_at: dict[str, float] = {}
        """Phase → when it began, s of the lab."""
        self._took: dict[str, float] = {}
        """Phase → how long it took, s; those that are over."""
        self._detail: dict[str, str] = {}
        self._last_end = 0.0
        self._lab = ""
        self._reason = ""
        self._skipped = {"sql"}
        self.waiting = ""
        """What the engine has been waiting for, a sentence."""
        self.is_over = True
        """True if the lab is to be shown as soon as there is a pair to look at."""

    def compose(self) -> ComposeResult:
        with Vertical(id="start"):
            yield Static(id="start-title")
            yield Static(id="start-phases")
            yield Static(
                styled(
                    (
                        f"New here? Press {key_of('app.lessons')} for the lessons once the lab is ready.   "
                        f"Press {key_of('app.quit')} to quit.",
                        "quiet",
                    )
                ),
                id="start-keys",
            )

    def on_mount(self) -> None:
        self._draw()
        self.set_interval(0.25, self._draw)

    def feed(self, batch: Batch) -> None:
        """Take note of the phases in a batch."""
        for event in batch.events:
            if isinstance(event, e.Lab):
                self._lab, self._reason = event.name, event.reason
                self._skipped = set() if event.topology.get("sql") else {"sql"}
            elif isinstance(event, e.Phase):
                self._note_phase(event)
        if any(isinstance(event, e.Lab | e.Phase) for event in batch.events) and self.is_mounted:
            self._draw()

    def _note_phase(self, event: e.Phase) -> None:
        began_at = self._began_at.setdefault(event.name, self._last_end if event.done else event.at)
        if event.detail:
            self._detail[event.name] = event.detail
        if event.done:
            self._took[event.name] = event.at - began_at
            self._last_end = event.at

    def _draw(self) -> None:
        elapsed = self._clock() - self._started_at
        title: list[str | Piece] = [
            ("hatlab", "bold accent"),
            f"  starting {self._lab or 'the lab'} on ",
            (self._engine, "bold"),
        ]
        if self._reason:
            title += [(f"\n{self._reason}", "quiet")]
        self.show_part("#start-title", styled(*title))
        lines = [self._phase_line(name, elapsed) for name in self.phases_shown()]
        lines.append(styled(("\n" + f"{elapsed:.1f} s", "quiet"), (f"   {self.waiting}", "warn")))
        self.show_part("#start-phases", Content("\n").join(lines))

    def show_part(self, selector: str, text: Content) -> None:
        """Show a text in one of the screen's parts; the clock may tick while they are taken away."""
        for part in self.query(selector).results(Static):
            part.update(text)

    @property
    def is_ready(self) -> bool:
        """True once the lab is."""
        return "ready" in self._took

    def phases_shown(self) -> list[str]:
        """Return each phase that the lab goes through; only some labs begin with SQL."""
        return [name for name in PHASES if name not in self._skipped]

    def _phase_line(self, name: str, elapsed: float) -> Content:
        text = self._detail.get(name) or PHASES[name]
        if name in self._took:
            took = f"{self._took[name]:5.1f} s  "
            return styled(("✔ ", "master"), f"{name:<12}", (took, "quiet"), (text, "quiet"))
        if name in self._began_at:
            return styled(spinner(elapsed), (f"{name:<12}", "bold"), " " * 9, text)
        return styled(("· ", "quiet"), (f"{name:<12}", "quiet"), " " * 9, (text, "line"))
