"""What hatlab concludes from facts: conditions and explanations. Someone who wants to find them hides these.

What was observed stays: states, adverts, addresses, processes, logs, and whether a client is answered.
"""

from __future__ import annotations

from hatlab import events as e
from hatlab.state.model import LabState, evolve


def is_conclusion(event: e.Event) -> bool:
    """True for an event that hatlab concluded: a condition such as split brain, or why something happened."""
    return isinstance(event, e.Condition | e.Why)


def hide_conclusions(state: LabState) -> LabState:
    """Return a state in which nothing was concluded."""
    return evolve(state, conditions={}, whys=())
