"""What of the lab is not drawn while a fault is to be found: cuts that were made in secret.

What comes of them is: adverts that leave and do not arrive, timers that run out.
"""

from __future__ import annotations

from dataclasses import replace

from hatlab import events as e
from hatlab.session import Batch
from hatlab.state.model import LabState, evolve

_FILTER_ACTIONS = {"cut", "loss", "delay"}


def hide_filters_in(batch: Batch) -> Batch:
    """A batch as it is drawn."""
    if _learner_set_a_filter(batch.state):
        return batch
    events = tuple(event for event in batch.events if not isinstance(event, e.Filter))
    return replace(batch, events=events, state=hide_filters(batch.state))


def _learner_set_a_filter(state: LabState) -> bool:
    """Whether the learner has made a cut, too: theirs must be seen."""
    return any(action.name in _FILTER_ACTIONS for action in state.actions)


def hide_filters(state: LabState) -> LabState:
    """A state as it is drawn: no node drops a thing."""
    if _learner_set_a_filter(state):
        return state
    nodes = {name: evolve(node, filters={}) for name, node in state.nodes.items()}
    return evolve(state, nodes=nodes)
