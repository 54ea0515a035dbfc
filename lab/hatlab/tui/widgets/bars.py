"""The thin lines: header, banner, tabs, keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.notifications import SeverityLevel as Severity
from textual.reactive import reactive
from textual.widget import Widget

from hatlab.actions import parse_words
from hatlab.errors import ActionError
from hatlab.state.faults import find_faults
from hatlab.state.model import LabState
from hatlab.topology import Layout
from hatlab.tui.commands import Command
from hatlab.tui.lab_view import condition_sentences, format_clock, format_fine_clock
from hatlab.tui.messages import PaneChosen
from hatlab.tui.widgets.line_widget import LineWidget, Piece, justified, styled

PANES = ("timeline", "packets", "log")
LOW = 30
"""Rows of a screen that has none to spare."""
NOTHING: tuple[str, Severity] = ("", "information")
"""No notice."""


@dataclass(frozen=True, slots=True)
class HeaderView:
    """What the first line says. `looking` is the past moment shown, None for now."""

    name: str
    engine: str
    reason: str
    time: str
    faults: tuple[str, ...]
    phase: str
    looking: str | None
    live: bool
    pace: str = ""
    conditions: tuple[str, ...] = ()


ENGINES = {"sim": "simulator"}
"""Engines whose names are not what people call them."""


HIDDEN = "something is wrong"
"""What is said of faults that are to be found."""


def fault_texts(state: LabState, *, hiding: bool) -> tuple[str, ...]:
    """What is broken, in words; nothing in particular while it is to be found."""
    return (HIDDEN,) if hiding else tuple(text for text, _ in find_faults(state))


def header_view(
    state: LabState, looking: float | None, *, live: bool = True, pace: str = "", hiding: bool = False
) -> HeaderView:
    """The header of a state. Before the lab is ready, `phase` is the step it is at; `pace`: how time goes."""
    unfinished = [name for name, (done, _, _) in state.phases.items() if not done]
    return HeaderView(
        name=state.name,
        engine=state.engine,
        reason=state.reason,
        time=format_clock(state.at),
        faults=fault_texts(state, hiding=hiding) if state.ready else (),
        phase="" if state.ready else (unfinished[-1] if unfinished else "starting"),
        looking=None if looking is None else format_fine_clock(looking),
        live=live,
        pace=pace,
        conditions=tuple(name.replace("_", " ") for name in state.conditions) if state.ready else (),
    )


class HeaderLine(LineWidget):
    """Lab, engine and why this one, time, faults."""

    view: reactive[HeaderView | None] = reactive(None, repaint=False)

    def watch_view(self, view: HeaderView | None) -> None:
        self.set_class(view is not None and view.looking is not None, "-past")
        self.redraw()

    def build(self) -> list[Content]:
        view = self.view
        if view is None:
            return [styled((" hatlab", "bold"))]
        width = self.size.width
        left: list[str | Piece] = [(" hatlab ", "bold"), (f" {view.name} ", "bold accent"), " "]
        if view.looking is not None:
            left += [(f"◷ looking at {view.looking}", "bold warn"), (" — esc for live", "warn")]
        else:
            left += [self._glyph(view), (self._engine(view), "bold")]
            left += [(f" {view.pace}", "bold warn")] if view.pace else []
        who = styled(*left)
        time = styled(("   " + view.time + " ", "bold"))
        room = width - who.cell_length - time.cell_length - 1
        found = self._condition(view, width).truncate(max(10, room), ellipsis=True)
        if view.reason and view.looking is None and width >= 100:
            reason = styled((f" · {view.reason}", "quiet"))
            who += reason.truncate(max(0, room - found.cell_length), ellipsis=True)
        return [justified(who, found + time, width)]

    def _condition(self, view: HeaderView, width: int) -> Content:
        """What the lab is at, or what is broken in it."""
        if view.phase:
            return styled((f"◔ {view.phase}…", "warn"))
        if not view.faults and view.conditions:
            return styled((f"⚠ {', '.join(view.conditions)}", "bold warn"))
        if not view.faults:
            return styled(("✔ no fault", "quiet"))
        count = len(view.faults)
        text = f"⚑ {count} faults" if count > 1 else f"⚑ {view.faults[0]}"
        text += ": " + ", ".join(view.faults) if count > 1 and width >= 120 else ""
        return styled((text, "bold fault"))

    def _glyph(self, view: HeaderView) -> Piece:
        if view.pace == "paused":
            return "‖ ", "warn"
        return ("● ", "master") if view.live else ("▶ ", "wire")

    def _engine(self, view: HeaderView) -> str:
        name = ENGINES.get(view.engine, view.engine)
        if not view.live:
            return f"a recording of {name if name == view.engine else f'the {name}'}"
        return name if name != view.engine else f"{name} live"


class Banner(Widget):
    """A condition nobody may miss, in one plain sentence; not there otherwise."""

    sentences: reactive[tuple[str, ...]] = reactive((), layout=True)

    def show(self, state: LabState) -> None:
        """All of them; on a low screen the first, and how many more."""
        found = condition_sentences(state)
        if len(found) > 1 and self.app.size.height < LOW:
            more = len(found) - 1
            found = [f"{found[0]} (+{more} more condition{'s' * (more > 1)}: key 3, the log)"]
        self.sentences = tuple(found)

    def watch_sentences(self, sentences: tuple[str, ...]) -> None:
        self.display = bool(sentences)

    def render(self) -> Content:
        return Content("\n").join(Content(s) for s in self.sentences)


class Tabs(LineWidget):
    """Which pane a small screen shows; at its right end, what a learner should not lose sight of."""

    active: reactive[str] = reactive("timeline", repaint=False)
    panes: reactive[tuple[str, ...]] = reactive(PANES, repaint=False)
    reminder: reactive[Content] = reactive(Content(""), repaint=False)

    def watch_active(self) -> None:
        self.redraw()

    def watch_panes(self) -> None:
        self.redraw()

    def watch_reminder(self) -> None:
        self.redraw()

    def build(self) -> list[Content]:
        tabs = styled(" ", *(piece for k, name in enumerate(self.panes, 1) for piece in self._tab(k, name)))
        width = self.content_size.width
        reminder = self.reminder.truncate(max(0, width - tabs.cell_length - 1), ellipsis=True)
        return [justified(tabs, reminder, width) if self.reminder else tabs]

    def _tab(self, k: int, name: str) -> tuple[Piece | str, ...]:
        on = name == self.active
        return (
            (f" {k} ", "bold accent" if on else "quiet"),
            (f"{name} ", "bold reverse" if on else "quiet"),
            "  ",
        )

    def on_click(self, event: events.Click) -> None:
        edge = 1
        for name in self.panes:
            edge += len(name) + 6
            if event.x < edge:
                self.post_message(PaneChosen(name))
                return


class KeyBar(LineWidget):
    """The keys one needs, as many as fit; a click does what the key does. Shows the node keys act on.

    Args:
        commands: those of use.
        layout: of the lab, if keys act on its nodes; commands that make no sense on that node are left out.
    """

    target: reactive[str] = reactive("", repaint=False)
    notice: reactive[tuple[str, Severity]] = reactive(NOTHING, repaint=False)

    def __init__(self, commands: Iterable[Command], layout: Layout | None = None) -> None:
        super().__init__()
        self._layout = layout
        self._commands = [c for c in commands if c.footer]
        self._notices = 0

    def watch_target(self) -> None:
        self.redraw()

    def watch_notice(self) -> None:
        self.redraw()

    def say(self, text: str, severity: Severity, seconds: float) -> bool:
        """A notice in place of the keys for a while; False, and nothing is said, if it does not fit.

        Of one in two lines the second, a detail, may be cut; but not of a warning or an error.
        """
        parts = [part.strip() for part in text.split("\n") if part.strip()]
        line = " · ".join(parts)
        room = self.size.width - 2
        detailed = len(parts) == 2 and severity == "information"
        if cell_len(line) > room and not (detailed and cell_len(parts[0]) <= room):
            return False
        self._notices += 1
        self.notice = (line, severity)
        self.set_timer(seconds, partial(self._said, self._notices))
        return True

    def unsay(self, text: str) -> None:
        """Ends a notice, if it is shown."""
        if self.notice[0] == text:
            self.notice = NOTHING

    def _said(self, number: int) -> None:
        if number == self._notices:
            self.notice = NOTHING

    def _fitting(self) -> list[tuple[int, int, str, str, str]]:
        """(begin, end, key, label, action) of each command that fits, most needed first kept."""
        ranked = sorted(filter(self._makes_sense, self._commands), key=lambda c: c.footer)
        room = self.size.width - 1
        kept = []
        for command in ranked:
            need = len(command.key_shown) + len(self._label(command.label, command.line)) + 3
            if need <= room:
                kept.append(command)
                room -= need
        order = [c for c in self._commands if c in kept]
        found, x = [], 1
        for command in order:
            label = self._label(command.label, command.line)
            end = x + len(command.key_shown) + 1 + len(label)
            found.append((x, end, command.key_shown, label, command.app_action))
            x = end + 2
        return found

    def _makes_sense(self, command: Command) -> bool:
        if self._layout is None or not command.line or not self.target:
            return True
        try:
            line = command.line.format(node=self.target, heartbeat=self._layout.network_names[0])
            parse_words(line.split(), self._layout)
        except ActionError:
            return False
        return True

    def _label(self, label: str, line: str) -> str:
        wide = self.size.width >= 100
        return f"{label} {self.target}" if wide and "{node}" in line and self.target else label

    def build(self) -> list[Content]:
        text, severity = self.notice
        if text:
            return [styled(" ", (text, "bold" if severity == "information" else f"bold {severity}"))]
        pieces: list[Piece | str] = [" "]
        for _, _, key, label, _ in self._fitting():
            pieces += [(key, "bold accent"), (f" {label}", ""), "  "]
        return [styled(*pieces)]

    async def on_click(self, event: events.Click) -> None:
        self.notice = NOTHING
        for begin, end, _, _, action in self._fitting():
            if begin <= event.x < end:
                await self.app.run_action(action)
                return
