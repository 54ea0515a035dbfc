"""What `hatlab import` says it found."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatlab.commands.support.json_output import print_json
from hatlab.incident.clocks import KNOWN
from hatlab.util.text import join_names, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatlab.commands.support.incident_files import WrittenRecording
    from hatlab.incident.clocks import ClockOffset
    from hatlab.incident.recording import Incident

_WORDS = {
    "conf": "configuration",
    "log": "keepalived's log",
    "capture": "capture",
    "addresses": "addresses",
    "mysqld": "mysqld's log",
}
_PLACED = re.compile(r"(?P<place>\S+:\d+): (?P<text>.+)", re.S)
_MOST_NOTES = 12


def print_report(incident: Incident, written: WrittenRecording, out: Path, *, as_json: bool) -> None:
    """Say what there is of each node, how the clocks differ, what was assumed, and what to do next."""
    if as_json:
        print_json(_document(incident, written, out))
        return
    lab = incident.lab.event
    lines = []
    for node, kinds in lab.sources.items():
        lines.append(f"{node}: {join_names([_WORDS.get(kind, kind) for kind in kinds])}")
    missing = [node for node in lab.topology["nodes"] if not lab.sources.get(node)]
    if missing:
        lines.append(f"{join_names(missing)}: nothing")
    (first, base), *_ = incident.offsets.items()
    lines += [
        _clock_line(node, offset, first, base.seconds)
        for node, offset in incident.offsets.items()
        if node != first or offset.pairs
    ]
    notes = _without_repetition(incident.notes)
    for note in notes[:_MOST_NOTES]:
        lines.append(f"note: {note}")
    if len(notes) > _MOST_NOTES:
        more = len(notes) - _MOST_NOTES
        lines.append(plural(more, "note: {count} more is in --json.", "note: {count} more are in --json."))
    count = sum(written.kinds.values())
    lines.append(
        plural(
            len(written.transitions),
            "{out}: {events} events from {started} on, {seconds:.0f} s, with {count} change of state",
            "{out}: {events} events from {started} on, {seconds:.0f} s, with {count} changes of state",
            out=out,
            events=count,
            started=lab.started[:19].replace("T", " "),
            seconds=written.seconds,
        )
    )
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _without_repetition(notes: Sequence[str]) -> list[str]:
    """Return notes, of which those that say the same of several files are one."""
    places: dict[str, dict[str, None]] = {}
    for note in notes:
        match = _PLACED.fullmatch(note)
        place, text = (match["place"], match["text"]) if match else ("", note)
        places.setdefault(text, {})[place] = None
    return [
        f"{join_names([place for place in found if place])}: {text}" if any(found) else text
        for text, found in places.items()
    ]


_OF_A_ZONE = (
    ". That is close to whole hours: its times may be of another zone, or of the hour that comes twice when "
    "summer time ends"
)
_HOUR, _NEAR_AN_HOUR = 3600.0, 180.0
_AS_SECONDS = 180.0
"""Seconds up to which a difference is told in seconds alone."""


def _difference(seconds: float) -> str:
    """How far two clocks are apart: `37.1 s`, `59 min 20 s`."""
    if seconds < _AS_SECONDS:
        return f"{seconds:.3g} s"
    hours, rest = divmod(round(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min", f"{rest} s"])


def _may_be_a_zone(seconds: float) -> bool:
    return seconds > _HOUR / 2 and min(seconds % _HOUR, -seconds % _HOUR) < _NEAR_AN_HOUR


def _clock_line(node: str, offset: ClockOffset, first: str, base: float) -> str:
    if offset.pairs == KNOWN:
        return f"{node}: its clock is {offset.seconds:+.4g} s from the right time, as you said"
    if not offset.pairs:
        return f"{node}: how its clock differs is not known; it is taken as right"
    ahead = offset.seconds - base
    if not ahead:
        return f"{node}: its clock agrees with that of {first} within {offset.uncertainty:.2g} s"
    return plural(
        offset.pairs,
        "{node}: its clock is {length} {way} that of {first}, give or take {uncertainty:.2g} s "
        "({count} moment says so); its times are told by that of {first}{zone}",
        "{node}: its clock is {length} {way} that of {first}, give or take {uncertainty:.2g} s "
        "({count} moments say so); its times are told by that of {first}{zone}",
        node=node,
        first=first,
        length=_difference(abs(ahead)),
        zone=_OF_A_ZONE if _may_be_a_zone(abs(ahead)) else "",
        way="ahead of" if ahead > 0 else "behind",
        uncertainty=offset.uncertainty,
    )


def _document(incident: Incident, written: WrittenRecording, out: Path) -> dict[str, Any]:
    lab = incident.lab.event
    return {
        "recording": str(out),
        "started": lab.started,
        "seconds": written.seconds,
        "events": dict(written.kinds),
        "nodes": {
            node: {
                "sources": list(lab.sources.get(node, ())),
                "clock": {
                    "ahead": incident.offsets[node].seconds,
                    "uncertainty": incident.offsets[node].uncertainty,
                    "known": bool(incident.offsets[node].pairs) or node == next(iter(incident.offsets)),
                }
                if node in incident.offsets
                else None,
            }
            for node in lab.topology["nodes"]
        },
        "notes": incident.notes,
    }
