"""Events, states, times and packets in words, the same for every reader: panes, text, report. Pure.

event_line  an event as one line
conditions  what a condition is called
symbols     the glyph and the tone of each state
times       a moment, a length of time
packets     what a packet is
"""

from hatlab.describe.event_line import EventLine, describe_event, time_of
from hatlab.describe.symbols import (
    ACTION_SYMBOLS,
    BAD,
    GOOD,
    POWER_SYMBOLS,
    PROCESS_SYMBOLS,
    STATE_SYMBOLS,
    UNKNOWN,
    WARNING,
    Symbol,
    Tone,
    format_state,
    format_transition,
)

__all__ = [
    "ACTION_SYMBOLS",
    "BAD",
    "GOOD",
    "POWER_SYMBOLS",
    "PROCESS_SYMBOLS",
    "STATE_SYMBOLS",
    "UNKNOWN",
    "WARNING",
    "EventLine",
    "Symbol",
    "Tone",
    "describe_event",
    "format_state",
    "format_transition",
    "time_of",
]
