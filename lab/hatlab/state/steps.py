"""A run step by step: each event with the lab's state before and after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from hatlab import events as e
from hatlab.state.derive import derive
from hatlab.state.fold import fold
from hatlab.state.model import LabState


class Step(NamedTuple):
    """One event and what it changed."""

    event: e.Event
    before: LabState
    after: LabState


def steps(events: Iterable[e.Event], state: LabState) -> Iterator[Step]:
    """Fold events, derived ones among them, from a state on."""
    for event in events:
        before, state = state, fold(state, event)
        yield Step(event, before, state)


def fold_fact(before: LabState, fact: e.Event) -> tuple[Step, Sequence[e.Event]]:
    """Fold a fact, and derive what follows; one that no lab can have observed becomes an `e.Dropped`."""
    try:
        after = fold(before, fact)
        return Step(fact, before, after), derive(before, fact, after)
    except (ValueError, LookupError) as error:
        dropped = e.Dropped(at=before.at, count=1, where=f"{fact.kind}: {error}")
        return Step(dropped, before, fold(before, dropped)), ()


def derive_steps(facts: Iterable[e.Event]) -> Iterator[Step]:
    """Fold a whole run's facts, each followed by the events that derive from it, as a session does.

    A fact of a damaged recording that no lab can have observed (such as an address that is none) becomes an
    `e.Dropped`.
    """
    state = LabState()
    for fact in facts:
        step, extras = fold_fact(state, fact)
        state = step.after
        yield step
        for step in steps(extras, state):
            yield step
            state = step.after
