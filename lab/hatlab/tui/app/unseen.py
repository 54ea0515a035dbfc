"""What came from the lab and is not on its screen yet: mere numbers wait a moment for more."""

from __future__ import annotations

from dataclasses import replace

from hatlab import events as e
from hatlab.session import Batch
from hatlab.state.model import LabState

TYPING = 15
"""Drains for which somebody who pressed a key or clicked is taken to go on: what they do is seen at once."""


class Unseen:
    """Batches that wait until they are drawn.

    Args:
        numbers_every: drains from one drawing of mere numbers to the next.
    """

    def __init__(self, numbers_every: int) -> None:
        self._numbers_every = numbers_every
        self._batches: list[Batch] = []
        self._drains_since = 0
        """Drains since something was drawn."""
        self._typing = 0
        """Drains for which nothing waits."""

    def add(self, batch: Batch) -> None:
        """Keep a batch, if there is something in it."""
        if batch.events or batch.rewound:
            self._batches.append(batch)

    def note_input(self) -> None:
        """Somebody presses keys, or clicks."""
        self._typing = TYPING

    def take(self, shown: LabState) -> list[Batch]:
        """Return what is to be drawn now, as few batches as it can be; call this at each drain.

        Args:
            shown: the state on the screen.
        """
        self._drains_since += 1
        self._typing = max(0, self._typing - 1)
        if self._drains_since < self._numbers_every and not self._typing and self._is_routine(shown):
            return []
        merged: list[Batch] = []
        for batch in self._batches:
            if merged and not batch.rewound:
                events = merged[-1].events + batch.events
                merged[-1] = replace(merged[-1], events=events, state=batch.state, course=batch.course)
            else:
                merged.append(batch)
        self._batches, self._drains_since = [], 0
        return merged

    def _is_routine(self, shown: LabState) -> bool:
        return not any(
            batch.rewound or not all(_is_routine(event, shown) for event in batch.events)
            for batch in self._batches
        )


def _is_routine(event: e.Event, shown: LabState) -> bool:
    """True for what tells nothing new: time passed, and the server that answers a client did so again."""
    match event:
        case e.Tick():
            return True
        case e.Probe(ok=True) | e.Write(ok=True):
            client = shown.clients.get(event.client)
            return client is not None and not client.failed and client.server == event.server
    return False
