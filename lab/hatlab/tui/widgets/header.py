"""The first line of the screen, and the banner beneath it."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from hatlab.describe.shown_clock import show_moment
from hatlab.state.faults import find_faults, find_faults_and_edits
from hatlab.state.model import IMPORTED, LabState, NodeState
from hatlab.tui.keys import key_of
from hatlab.tui.widgets.line_widget import LineWidget, Piece, drawn, justified, shortened, styled
from hatlab.tui.widgets.notice_line import NoticeLine, notice_content
from hatlab.views.lab_view import condition_sentences

LOW_SCREEN = 30
"""Rows of a screen that has none to spare."""
ENGINE_NAMES = {"sim": "simulator"}
"""Engines that people call something else."""
HIDDEN_FAULTS = "something is wrong"
"""Stands for faults that are to be found."""
FACTS_ONLY = "◌ facts only"
"""Stands for every verdict while hatlab's conclusions are hidden."""


@dataclass(frozen=True, slots=True)
class HeaderView:
    """The content of the first line."""

    name: str
    engine: str
    reason: str
    """Why this engine."""
    time: str
    faults: tuple[str, ...]
    phase: str
    """The step it is at before it is ready; then empty."""
    looking: str | None
    """The past moment shown, None for now."""
    live: bool
    """True if it is a lab, and no recording."""
    pace: str = ""
    """How time goes, if not as it does."""
    conditions: tuple[str, ...] = ()
    facts_only: bool = False
    """True if what hatlab concludes is hidden."""
    is_replicating: bool = True
    """False if replication has stopped on a node whose mysqld is up."""
    waiting: str = ""
    """What the engine has been waiting for, a sentence; empty for nothing."""


def fault_texts(state: LabState, *, hiding: bool) -> tuple[str, ...]:
    """Return what is broken, in words; nothing in particular while it is to be found."""
    if hiding:
        return (HIDDEN_FAULTS,) if any(find_faults_and_edits(state)) else ()
    return tuple(text for text, _ in find_faults(state))


def header_view(
    state: LabState,
    looking: float | None,
    *,
    live: bool = True,
    pace: str = "",
    hiding: bool = False,
    facts_only: bool = False,
    waiting: str = "",
) -> HeaderView:
    """Return the header of a state."""
    unfinished = [name for name, (done, _, _) in state.phases.items() if not done]
    return HeaderView(
        name=state.name,
        engine=state.engine,
        reason=state.reason,
        time=show_moment(state.at),
        faults=fault_texts(state, hiding=hiding) if state.ready else (),
        phase="" if state.ready else (unfinished[-1] if unfinished else "starting"),
        looking=None if looking is None else show_moment(looking, 1),
        live=live,
        pace=pace,
        conditions=tuple(name.replace("_", " ") for name in state.conditions) if state.ready else (),
        facts_only=facts_only,
        is_replicating=not any(map(_stopped_replicating, state.nodes.values())),
        waiting=waiting,
    )


def _stopped_replicating(node: NodeState) -> bool:
    replica, is_up = node.replica, node.power == "on" and node.service("mysqld").state == "up"
    return is_up and replica is not None and not (replica.receiver and replica.applier)


class HeaderLine(LineWidget):
    """Lab, engine and why this one, time, faults."""

    view = drawn[HeaderView | None](None)
    alarm = drawn[str]("")
    """Conditions whose place a notice has for the moment."""

    def watch_view(self, view: HeaderView | None) -> None:
        self.set_class(view is not None and view.looking is not None, "-past")

    def build(self) -> list[Content]:
        view = self.view
        if view is None:
            return [styled((" hatlab", "bold"))]
        width = self.size.width
        pieces: list[str | Piece] = [(" hatlab ", "bold"), (f" {view.name} ", "bold accent"), " "]
        if view.looking is not None:
            key = key_of("view.live")
            back = f" — press {key} for live" if view.live else f" — press {key} to go back"
            pieces += [(f"◷ looking at {view.looking}", "bold warn"), (back, "warn")]
        else:
            pieces += [self._glyph(view), (self._engine(view), "bold")]
            pieces += [(f" {view.pace}", "bold warn")] if view.pace else []
        left = styled(*pieces)
        time = styled(("   " + view.time + " ", "bold"))
        room = width - left.cell_length - time.cell_length - 1
        alarm = Content(self.alarm).stylize(alarm_style(self))
        alarm = Content("  ") + shortened(alarm, max(0, room - 2)) if alarm else alarm
        room -= alarm.cell_length
        status = shortened(self._status(view, width), max(10, room))
        if view.reason and view.looking is None and width >= 100:
            reason = styled((f" · {view.reason}", "quiet"))
            left += shortened(reason, max(0, room - status.cell_length))
        left += alarm
        return [justified(left, status + time, width)]

    def _status(self, view: HeaderView, width: int) -> Content:
        """Return the step the lab is at, or what is broken in it."""
        if view.waiting:
            return styled((f"◔ {view.waiting}", "bold warn"))
        if view.phase:
            return styled((f"◔ {view.phase}…", "warn"))
        if view.facts_only:
            return styled((FACTS_ONLY, "bold accent"))
        if not view.faults and view.conditions:
            return styled((f"⚠ {', '.join(view.conditions)}", "bold warn"))
        if not view.faults and not view.is_replicating:
            return styled(("⚠ replication stopped", "bold warn"))
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
        name = ENGINE_NAMES.get(view.engine, view.engine)
        if view.engine == IMPORTED:
            return "an incident, imported"
        if not view.live:
            return f"a recording of {name if name == view.engine else f'the {name}'}"
        return name if name != view.engine else f"{name} live"


class Banner(NoticeLine):
    """Conditions nobody may miss, each in one plain sentence; beside them the notice that is shown.

    Its line is always there, so that nothing moves when it speaks. Where there is no room for both, the
    notice has the line, and the conditions' names stand in the `HeaderLine` as long as it is shown.
    """

    sentences = drawn[tuple[str, ...]](())

    def __init__(self, header: HeaderLine) -> None:
        super().__init__()
        self._header = header

    def show(self, state: LabState) -> None:
        """Show the conditions of a state."""
        self.sentences = tuple(condition_sentences(state))

    def build(self) -> list[Content]:
        width, notice = self.content_size.width, self.notice
        needed = cell_len(notice.line) + 2 if notice is not None else 0
        forms = _alarm_forms(self.sentences)
        alarm = next((form for form in forms if cell_len(form) + needed <= width), "")
        self._header.alarm = forms[-1] if notice is not None and not alarm else ""
        if notice is None:
            line = shortened(Content(alarm or forms[-1]), width)
            blanks = " " * (width - line.cell_length) if line else ""
            return [(line + Content(blanks)).stylize(alarm_style(self))]
        left = Content(alarm).stylize(alarm_style(self))
        return [left + notice_content(notice, width - left.cell_length)]


def alarm_style(widget: Widget) -> str:
    """Return the style of what nobody may miss."""
    return "bold reverse" if widget.app.no_color else "bold $alarm-ink on $alarm"


def _alarm_forms(sentences: tuple[str, ...]) -> list[str]:
    """Return what the banner says of conditions: all, the first, it without its consequence, their names."""
    if not sentences:
        return [""]
    names = [sentence.partition("  ")[0] for sentence in sentences]
    whole = "   ".join(sentences)
    first = " ".join([sentences[0], *names[1:]])
    brief = " ".join([sentences[0].partition(". ")[0].rstrip("."), *names[1:]])
    return [f" {text} " for text in dict.fromkeys((whole, first, brief, " ".join(names)))]
