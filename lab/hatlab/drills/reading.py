"""Reads a lab as a learner can: the text that stands at each place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from hatlab import events as e
from hatlab.drills.places import Place, View
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.templates import render
from hatlab.session import Session
from hatlab.state.model import LabState

RunLine = Callable[[str, str], str]
"""Runs a line in a node's shell; what it prints, errors too."""
LATELY = 3.6
"""Seconds of adverts that the packets show: three of one a second."""


class LabReader:
    """Follows a session from now on, and tells what can be read where.

    Args:
        session: of the lab.
        run_line: how a command is run on one of its nodes.
    """

    def __init__(self, session: Session, run_line: RunLine) -> None:
        self._session, self._run_line = session, run_line
        self._reader, _ = session.follower()
        self._events: list[e.Event] = []

    def read(self, place: Place, values: Mapping[str, Value]) -> str:
        """Return what stands at a place now; empty where there is nothing.

        Args:
            place: where to look.
            values: what a lab has for the names in braces of a command.
        """
        self._catch_up()
        match place.view:
            case View.STATUS:
                return "\n".join(_status_lines(self._session.state))
            case View.PACKETS:
                return "\n".join(dict.fromkeys(self._packet_lines()))
            case View.LOG:
                return "\n".join(self._log_lines(place.node))
            case View.CONF:
                return self._session.state.nodes[place.node].conf
            case View.SHELL:
                return self._run_line(place.node, render(place.line, values))

    def _catch_up(self) -> None:
        while batch := self._reader.drain():
            if batch.rewound:
                self._events.clear()
            if not batch.events:
                return
            self._events += (event for event in batch.events if isinstance(event, e.Log | e.Advert))

    def _packet_lines(self) -> Iterator[str]:
        since = self._session.state.at - LATELY
        for event in self._events:
            if isinstance(event, e.Advert) and event.direction == "sent" and event.at >= since:
                yield packet_line(event)

    def _log_lines(self, node: str) -> Iterator[str]:
        for event in self._events:
            if isinstance(event, e.Log) and (event.node, event.service) == (node, "keepalived"):
                yield event.text


def packet_line(advert: e.Advert) -> str:
    """Return an advert's fields as one line."""
    interval = "?" if advert.interval is None else f"{advert.interval:g}"
    return (
        f"{advert.node} sent: version {advert.version}, VRID {advert.vrid}, priority {advert.priority}, "
        f"every {interval} s, password {advert.auth or 'none'}, to {advert.destination}"
    )


def _status_lines(state: LabState) -> Iterator[str]:
    for node in state.nodes.values():
        yield f"{node.name} power: {node.power}"
        for name, instance in node.instances.items():
            yield f"{node.name} {name}: {instance.reported}, priority {instance.priority}"
    for _, address, _ in state.vips():
        yield f"{address}: {', '.join(sorted(state.owners(address))) or 'nobody'}"
    for client in state.clients.values():
        if client.last is not None:
            yield f"{client.name}: {f'answered by {client.last.server}' if client.last.ok else 'no answer'}"
