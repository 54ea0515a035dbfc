"""Films a run: looks at its map ten times a second and at each change, as the screen does. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from hatlab import events as e
from hatlab.export.html.film.packets import PacketList
from hatlab.export.html.film.scene import client_scene, node_scene, node_timers, status_scene, wire_scene
from hatlab.export.html.film.tracks import StepTrack, Table, milliseconds
from hatlab.state.model import LabState
from hatlab.state.steps import Step
from hatlab.views.lab_view import ClientView, client_view, condition_sentences, node_view
from hatlab.views.wire import advert_networks, wire_senders, wire_title

SAMPLE_EVERY = 0.1
"""Seconds between two looks, while only what always changes does."""
_CONSTANT = (e.Tick, e.Probe, e.Advert, e.Arp, e.Log, e.Write, e.Written, e.Table)
"""What comes all the time: waits for the next look."""
_CALM = 1.0
"""Seconds for which a client's numbers stay while it is answered, so that they can be read."""


def is_constant(event: e.Event) -> bool:
    """True for what comes all the time; the map is looked at when anything else has come."""
    return isinstance(event, _CONSTANT)


class Filming:
    """The scenes of one run, in tracks: one a box, a wire, a client; and its packets."""

    def __init__(self) -> None:
        self.tracks: dict[str, StepTrack] = {}
        self.values = Table()
        self.packets = PacketList()
        self.nodes: tuple[str, ...] = ()
        self.clients: tuple[str, ...] = ()
        self._shown: dict[str, Any] = {}
        """Track → what it was last made of, to leave alone what is the same."""
        self._sampled = -SAMPLE_EVERY
        self._client_shown: dict[str, float] = {}
        self._networks: dict[str, tuple[str, ...]] = {}

    def watch(self, steps: Iterable[Step]) -> Iterator[Step]:
        """Film steps as somebody else reads them."""
        last: LabState | None = None
        for step in steps:
            event, state = step.event, step.after
            if isinstance(event, e.Lab) and state.layout is not None:
                self._networks = advert_networks(state.layout)
                self.nodes, self.clients = state.layout.node_names, state.layout.client_names
            self.packets.feed(event, state)
            is_change = not is_constant(event)
            if state.layout and (is_change or state.at - self._sampled >= SAMPLE_EVERY):
                self._sample(state)
            last = state
            yield step
        if last is not None and last.layout:
            self._sample(last)

    def _sample(self, state: LabState) -> None:
        self._sampled = state.at
        for name in self.nodes:
            view = node_view(state, name, timers=False)
            self._show(state, f"node {name}", view, node_scene)
            self._show(state, f"timers {name}", node_timers(state, view))
        for network, nodes in self._networks.items():
            shown = wire_title(state, network, nodes), wire_senders(state, network, nodes)
            self._show(state, f"wire {network}", shown, lambda wire: wire_scene(*wire))
        for name in (name for name in self.clients if name in state.clients):
            self._sample_client(state, name, client_view(state, name))
        self._show(state, "banner", condition_sentences(state))
        self._show(state, "status", status_scene(state))

    def _sample_client(self, state: LabState, name: str, view: ClientView) -> None:
        track = f"client {name}"
        old: ClientView | None = self._shown.get(track)
        is_calm = old is not None and replace(view, latency=old.latency, writes=old.writes) == old
        if is_calm and state.at - self._client_shown[name] < _CALM:
            return
        self._client_shown[name] = state.at
        self._show(state, track, view, client_scene)

    def _show(
        self, state: LabState, track: str, shown: Any, scene: Callable[[Any], Any] | None = None
    ) -> None:
        if track in self._shown and self._shown[track] == shown:
            return
        self._shown[track] = shown
        number = self.values.number(scene(shown) if scene else shown)
        self.tracks.setdefault(track, StepTrack()).set(milliseconds(state.at), number)

    def to_data(self) -> dict[str, Any]:
        """Return the scenes as the page reads them."""
        return {
            "wires": [[network, list(nodes)] for network, nodes in self._networks.items()],
            "tracks": {name: track.to_data() for name, track in self.tracks.items()},
            "values": self.values.values,
        }
