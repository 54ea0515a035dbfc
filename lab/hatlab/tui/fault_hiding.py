"""Hides what a learner is to find: cuts that were made in secret, and what hatlab concludes from the facts.

What comes of a cut is still seen: adverts that leave and do not arrive, timers that run out.
"""

from __future__ import annotations

from dataclasses import replace

from hatlab import events as e
from hatlab.session import Batch
from hatlab.state.conclusions import hide_conclusions, is_conclusion
from hatlab.state.model import LabState, evolve

_FILTER_ACTIONS = {"cut", "loss", "delay"}


def hide_filters_in(batch: Batch) -> Batch:
    """Return a batch without filters in its events and its state."""
    if _learner_set_a_filter(batch.state):
        return batch
    events = tuple(event for event in batch.events if not isinstance(event, e.Filter))
    return replace(batch, events=events, state=hide_filters(batch.state))


def hide_filters(state: LabState) -> LabState:
    """Return a state in which no node drops a packet."""
    if _learner_set_a_filter(state):
        return state
    nodes = {name: evolve(node, filters={}) for name, node in state.nodes.items()}
    return evolve(state, nodes=nodes)


def hide_conclusions_in(batch: Batch) -> Batch:
    """Return a batch without conditions and explanations in its events and its state."""
    events = tuple(event for event in batch.events if not is_conclusion(event))
    return replace(batch, events=events, state=hide_conclusions(batch.state))


def _learner_set_a_filter(state: LabState) -> bool:
    """Return True if the learner made a cut of their own, which must be seen."""
    return any(action.name in _FILTER_ACTIONS for action in state.actions)
