"""A client's line in pieces: who answers it, how fast, and for how long nobody does. Pure."""

from __future__ import annotations

from hatlab.describe.times import format_seconds
from hatlab.util.text import plural
from hatlab.views.lab_view import ClientView
from hatlab.views.pieces import Part


def current_parts(view: ClientView) -> list[Part]:
    """Who answers, or for how long nobody does; on a narrow line without what matters least."""
    parts: list[Part] = [(0, ("▣ ", "bold")), (0, (view.name, "bold")), (3, (f" {view.octet}", "bold"))]
    parts += [(1, (" ─▶ ", "quiet")), (1, (view.target, "vip"))]
    if view.pinged:
        parts += [(1, (" ─▶ ping ", "quiet")), (1, (view.pinged, "bold"))]
    parts += [(0, "  ")]
    if view.outage is not None:
        seconds, tries, error = view.outage
        parts += [(0, (f"✖ NO ANSWER for {format_seconds(seconds, 1)}", "bold fault"))]
        parts += [(4, (f": {error}" if error else "", "fault"))]
        parts += [(2, (plural(tries, ", {count} failed try", ", {count} failed tries"), "fault"))]
    elif view.server is not None and not view.is_answered:
        parts += [(1, ("· last answered by ", "quiet")), (0, (view.server, "bold"))]
    elif view.server is not None:
        parts += [(0, ("✔ through " if view.pinged else "✔ answered by ", "quiet"))]
        parts += [(0, (view.server, "bold master")), (4, f"  {view.latency}")]
    else:
        parts += [(0, ("· no answer yet", "quiet"))]
    return parts


def brief_summary_parts(view: ClientView) -> list[Part]:
    """Its last outage, or its writes if it had none."""
    seconds, _ = view.last_outage
    if seconds:
        return [(2, ("   last outage ", "quiet")), (2, (seconds, "warn"))]
    acknowledged, refused = view.writes
    text = plural(acknowledged, "   {count} write", "   {count} writes")
    return [(5, (text, "quiet"))] if acknowledged or refused else []


def summary_parts(view: ClientView) -> list[Part]:
    """Its last outage and its writes, for a line of their own."""
    parts: list[Part] = [(0, "  ")]
    seconds, tries = view.last_outage
    if seconds:
        parts += [
            (0, ("last outage ", "quiet")),
            (0, (seconds, "warn")),
            (2, (f" {tries}", "warn")),
            (1, "   "),
        ]
    acknowledged, refused = view.writes
    if acknowledged or refused:
        text = plural(acknowledged, "{count} write acknowledged", "{count} writes acknowledged")
        parts += [(1, (text, "quiet")), (1, (f", {refused} refused" if refused else "", "quiet"))]
    return parts
