"""The lines of a node's box, in pieces. Pure."""

from __future__ import annotations

from hatlab.util.addresses import short_address
from hatlab.util.text import join_names
from hatlab.views.lab_view import NodeView, PartView
from hatlab.views.pieces import Row

MOST_LISTED = 3
"""Instances with a line each; more are counted by their state."""
OFF: Row = (("□ OFF", "bold stopped"),)


def answers_text(view: NodeView) -> str:
    """Return that it serves a client, empty if it serves none."""
    verb = "forwards for" if view.role == "router" else "answers"
    return f"▲ {verb} the client" if view.answers else ""


def state_row(part: PartView, *, several: bool) -> Row:
    """Return `★ MASTER`, with the instance's name where there are several."""
    name = f"  {part.instance}" if several else ""
    return part.state.piece("bold"), (name, "quiet")


def priority_row(part: PartView, word: str = "priority", space: str = " ") -> Row:
    """Return `priority 100`, or `priority 90 of 100` where it is not the configured one."""
    changed = "" if part.priority == part.configured else f" of {part.configured}"
    return (f"{word}{space}", "quiet"), (f"{part.priority}{changed}", "bold" if changed else "")


def held_texts(view: NodeView) -> tuple[tuple[str, ...], str]:
    """Return the virtual addresses it holds: whole, their last numbers, or how many; and the style."""
    if not view.held and view.perhaps_held:
        perhaps = join_names(view.perhaps_held)
        return (
            f"? not known whether it holds {perhaps}",
            f"? holds {perhaps}",
            "? address not known",
        ), "quiet"
    if not view.held:
        return ("  no virtual address",), "quiet"
    ends = [short_address(address) for address in view.held]
    texts = [f"◆ holds {join_names(names)}" for names in (view.held, ends)]
    return (*texts, f"◆ holds {len(ends)} addresses"), "bold vip"


def trouble_texts(view: NodeView) -> list[tuple[str, str]]:
    """Return where claim, report and hold disagree, and the faults on its networks."""
    doubts = [(f"⚠ {doubt}", "bold fault") for doubt in view.doubts]
    return [*doubts, *((f"✂ {fault}", "fault") for fault in view.faults)]
