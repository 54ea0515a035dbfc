"""How a lab is, in one word and one glyph, for somebody who looks at many labs at once. Pure."""

from __future__ import annotations

from typing import NamedTuple

from hatlab.state.faults import find_faults
from hatlab.state.model import LabState


class Health(NamedTuple):
    """A word for machines and people, and a glyph that stands for it."""

    word: str
    glyph: str


STARTING = Health("starting", "◔")
FINE = Health("fine", "✔")
SPLIT = Health("split", "⚠")
NO_OWNER = Health("none", "✖")
SILENT = Health("silent", "○")
FAULTY = Health("faulty", "⚑")
ENDED = Health("ended", "■")
HEALTHS = (STARTING, FINE, SPLIT, NO_OWNER, SILENT, FAULTY, ENDED)


def find_health(state: LabState, *, facts_only: bool = False) -> Health:
    """Return how a lab is: two owners come before no owner, that before clients that nobody answers.

    Args:
        state: of the lab.
        facts_only: somebody has to find what is broken, so only what the clients see counts.
    """
    if state.stopping is not None:
        return ENDED
    if not state.ready:
        return STARTING
    if not facts_only:
        if state.conditions.keys() & {"split_brain", "duplicate_address"}:
            return SPLIT
        if "no_owner" in state.conditions:
            return NO_OWNER
    if any(client.last is not None and not client.last.ok for client in state.clients.values()):
        return SILENT
    return FAULTY if not facts_only and any(find_faults(state)) else FINE
