"""What of the lab is not drawn while a fault is to be found: cuts that were made in secret.

What comes of them is: adverts that leave and do not arrive, timers that run out.
"""

from __future__ import annotations

from dataclasses import replace

from hatlab import events as e
from hatlab.session import Batch
from hatlab.state.model import LabState, evolve

_OWN = {"cut", "loss", "delay"}


def veiled(batch: Batch) -> Batch:
    """A batch as it is drawn."""
    if _revealed(batch.state):
        return batch
    events = tuple(event for event in batch.events if not isinstance(event, e.Filter))
    return replace(batch, events=events, state=veil(batch.state))


def _revealed(state: LabState) -> bool:
    """Whether the learner has made a cut, too: theirs must be seen."""
    return any(action.name in _OWN for action in state.actions)


def veil(state: LabState) -> LabState:
    """A state as it is drawn: no node drops a thing."""
    if _revealed(state):
        return state
    nodes = {name: evolve(node, filters={}) for name, node in state.nodes.items()}
    return evolve(state, nodes=nodes)
