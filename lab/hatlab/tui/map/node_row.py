"""One node of many in one line: name, state, priority, virtual addresses, and what is wrong with it."""

from __future__ import annotations

from collections import Counter

from textual.content import Content

from hatlab.tui.widgets.fitting import fit_text
from hatlab.tui.widgets.line_widget import Piece, styled
from hatlab.util.addresses import short_address
from hatlab.views.lab_view import ROLE_MARKS, Mark, NodeView

_WORST_FIRST = ("FAULT", "MASTER", "INIT", "STOPPED", "BACKUP")
_STATE_WIDTH = max(map(len, _WORST_FIRST)) + 2
"""Cells of a state: glyph, blank, word."""
_LEAST_WIDTH = _STATE_WIDTH + len(" 255  ◆ .100")
"""Cells that a row needs besides the name."""


def count_states(view: NodeView) -> list[tuple[Mark, int]]:
    """Return each state that the node is in, the worst first, with the number of its instances."""
    counts = Counter(part.state for part in view.parts)

    def rank(state: Mark) -> int:
        return _WORST_FIRST.index(state.word) if state.word in _WORST_FIRST else 0

    return sorted(counts.items(), key=lambda item: rank(item[0]))


def state_pieces(view: NodeView, width: int) -> list[Piece]:
    """Return `★ MASTER 2  ○ BACKUP 1`: as many whole words as fit; `+1` counts the instances that do not."""
    pieces: list[Piece] = []
    left, hidden = width, sum(count for _, count in count_states(view))
    for state, count in count_states(view):
        text = f"{state} {count}"
        more = len(f"  +{hidden - count}  ") if hidden > count else 0
        if pieces and len(text) + more > left:
            pieces.append((f"+{hidden}  ", "quiet"))
            break
        pieces += [(text, f"bold {state.tone}"), ("  ", "")]
        left -= len(text) + 2
        hidden -= count
    return pieces


def trouble_pieces(view: NodeView) -> list[Piece]:
    """Return what is wrong: disagreements, services that do not run, cuts; the worst first."""
    power = [("‖ paused", "warn")] if view.power == "paused" else []
    services = [m.piece() for m in view.services if m.tone in ("fault", "warn")]
    return [
        *(("⚠ " + doubt, "bold fault") for doubt in view.doubts),
        *(power or services),
        *(("✂ " + fault, "fault") for fault in view.faults),
        *([view.replication.piece()] if view.replication.tone in ("fault", "warn") else []),
    ]


def trouble_forms(text: str) -> tuple[str, ...]:
    """Return `✂ deaf on heartbeat`, and for where there is less room `✂ deaf` and the sign alone."""
    return (text, text.partition(" on ")[0], text[:1]) if text.startswith("✂") else (text,)


def name_width(names: tuple[str, ...], width: int) -> int:
    """Return the cells for the names of all rows: a name may be cut, a state never is."""
    return max(4, min(max(map(len, names)), width - _LEAST_WIDTH - 2))


def row_line(view: NodeView, name_cells: int, width: int, *, target: bool) -> Content:
    """Return one line of at most `width` cells.

    Args:
        name_cells: cells for the name.
        target: whether keys act on this node.
    """
    name = view.name if len(view.name) <= name_cells else view.name[: name_cells - 1] + "…"
    style = f"bold {'accent' if target else ''}".strip()
    pieces: list[str | Piece] = [("▸" if target else " ", style), (f"{name:<{name_cells}}", style), " "]
    room = width - name_cells - 2
    if room >= _LEAST_WIDTH + 6:
        pieces.append((f"{view.octet:<4} ", "quiet"))
        room -= 5
    if view.power == "off":
        return styled(*pieces, ("□ OFF", "bold stopped"))
    pieces += _state_and_priority(view, room)
    if view.held:
        few = len(view.held) == 1
        held = short_address(view.held[0]) if few else f"{len(view.held)} VIPs"
        pieces.append((f"◆ {held}", f"bold {'fault' if view.tone == 'fault' else 'vip'}"))
    elif view.answers:
        pieces.append(("▲", "master"))
    line = styled(*pieces)
    troubles = trouble_pieces(view)
    if not troubles:
        return line
    more = f" +{len(troubles) - 1}" if len(troubles) > 1 else ""
    text, style = troubles[0]
    line += styled(" " * bool(view.held))
    forms = (form + more for form in trouble_forms(text))
    return line + styled((fit_text(forms, width - line.cell_length), style))


def _state_and_priority(view: NodeView, room: int) -> list[Piece]:
    if len(view.parts) > 1:
        return state_pieces(view, room - len("◆ 2 VIPs"))
    if not view.parts:
        return [
            ROLE_MARKS[view.role].piece() if view.role == "host" else ("· no instance", "quiet"),
            ("  ", ""),
        ]
    part = view.parts[0]
    changed = "bold" if part.priority != part.configured else ""
    return [
        (f"{part.state!s:<{_STATE_WIDTH}} ", f"bold {part.state.tone}"),
        (f"{part.priority:>3} ", changed),
        (" ", ""),
    ]
