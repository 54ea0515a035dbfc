"""A run, told from its beginning: each event with the state before and after it, derived ones in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hatlab import events as e
from hatlab.state.derive import derive
from hatlab.state.fold import fold
from hatlab.state.model import LabState


class Told(NamedTuple):
    """One event and what it changed."""

    event: e.Event
    before: LabState
    after: LabState


def tell(facts: Iterable[e.Event]) -> Iterator[Told]:
    """Folds facts and derives what follows from them, as a session does.

    A fact of a damaged recording that no lab can have observed (an address that is none) is told as missed.
    """
    state = LabState()
    for fact in facts:
        before, shown = state, fact
        try:
            state = fold(before, fact)
            extras = derive(before, fact, state)
        except (ValueError, LookupError) as error:
            shown = e.Dropped(at=before.at, count=1, where=f"{fact.kind}: {error}")
            state, extras = fold(before, shown), ()
        yield Told(shown, before, state)
        for extra in extras:
            between, state = state, fold(state, extra)
            yield Told(extra, between, state)
