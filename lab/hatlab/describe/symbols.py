"""One glyph and one word for each state, and the tone each is drawn in. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Tone(StrEnum):
    """What a colour says. A reader has its own colour for each; status is never colour alone."""

    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"
    WIRE = "wire"
    """Adverts, gratuitous ARP or what IPv6 has in its place, and a Backup that listens."""
    NOTE = "note"
    """What hatlab itself says: actions, explanations."""
    QUIET = "quiet"


class Symbol(NamedTuple):
    """One character, and the tone it is drawn in."""

    glyph: str
    tone: Tone


STATE_SYMBOLS = {
    "MASTER": Symbol("★", Tone.GOOD),
    "BACKUP": Symbol("○", Tone.WIRE),
    "FAULT": Symbol("✖", Tone.BAD),
    "STOPPED": Symbol("■", Tone.BAD),
    "INIT": Symbol("·", Tone.QUIET),
    "UNKNOWN": Symbol("?", Tone.QUIET),
}
"""Of a VRRP instance, by its state."""
PROCESS_SYMBOLS = {
    "up": Symbol("✔", Tone.GOOD),
    "down": Symbol("✖", Tone.BAD),
    "frozen": Symbol("❄", Tone.WARNING),
    "unknown": Symbol("?", Tone.QUIET),
}
POWER_SYMBOLS = {
    "on": Symbol("✔", Tone.GOOD),
    "off": Symbol("□", Tone.BAD),
    "paused": Symbol("‖", Tone.WARNING),
    "unknown": Symbol("?", Tone.QUIET),
}
"""Of a machine: paused (‖) is not a frozen process (❄), off (□) not a stopped keepalived (■)."""
ACTION_SYMBOLS = {
    "started": Symbol("▶", Tone.NOTE),
    "done": Symbol("✔", Tone.NOTE),
    "failed": Symbol("✖", Tone.BAD),
}
"""Of an action, by its phase."""
GOOD, BAD, WARNING = Symbol("✔", Tone.GOOD), Symbol("✖", Tone.BAD), Symbol("⚠", Tone.WARNING)
UNKNOWN = Symbol("?", Tone.QUIET)


def format_state(state: str) -> str:
    """Return a VRRP state with its glyph: `★ MASTER`."""
    return f"{STATE_SYMBOLS.get(state, UNKNOWN).glyph} {state}"


def format_transition(before: str, after: str) -> str:
    """Return `○ BACKUP → ★ MASTER`, or `stays ★ MASTER`."""
    if before == after:
        return f"stays {format_state(after)}"
    return f"{format_state(before)} → {format_state(after)}"
