"""What a learner of a lesson as text looks at: what a screen shows in its panes, as lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from hatlab import events as e
from hatlab.actions import VERBS
from hatlab.diagnostics.finding import did_you_mean
from hatlab.errors import UserError
from hatlab.keepalived.diagnose import diagnose_config
from hatlab.session import Batch
from hatlab.state.faults import find_cures
from hatlab.state.model import LabState, NodeState
from hatlab.state.summary import summarize, summary_lines
from hatlab.text.event_log import format_event

_KEPT = 500
"""Lines of services, and adverts, that are remembered."""
_SHOWN = 15


class LabQueries:
    """Follows a lab, and tells what is asked of it.

    Args:
        width: of a line, in columns; None for as long as it is.

    Attributes:
        state: what is true now.
    """

    def __init__(self, width: int | None = None) -> None:
        self.state = LabState()
        self._width = width and width - 1
        self._logs: deque[e.Log] = deque(maxlen=_KEPT)
        self._adverts: deque[e.Advert] = deque(maxlen=_KEPT)

    def feed(self, batch: Batch) -> None:
        """Takes in what happened."""
        self.state = batch.state
        if batch.rewound:
            self._logs.clear()
            self._adverts.clear()
        for event in batch.events:
            if isinstance(event, e.Log):
                self._logs.append(event)
            elif isinstance(event, e.Advert):
                self._adverts.append(event)

    def look(self, words: list[str], *, hiding: bool) -> list[str] | None:
        """The lines that a command asks for, None if it is none of these.

        `hiding`: what is broken is to be found: only what the learner broke is named.

        Raises:
            UserError: it names what is not there, or a file cannot be written.
        """
        known: dict[str, Callable[..., Iterator[str]]] = {
            "status": lambda: self._status(hiding),
            "packets": self._packets,
            "log": self._log,
            "why": self._why,
            "conf": self._conf,
            "addresses": self._addresses,
        }
        name, *rest = words or [""]
        if name not in known:
            if words == ["help", "actions"]:
                return list(self._actions())
            return None
        least, most = {"addresses": (1, 1), "conf": (1, 2), "packets": (0, 1), "log": (0, 1)}.get(
            name, (0, 0)
        )
        if not least <= len(rest) <= most:
            wrong = "few" if len(rest) < least else "many"
            raise UserError(f"too {wrong} words for {name}", "help tells what can be typed")
        return [text for told in known[name](*rest) for text in told.split("\n")]

    def _node(self, name: str) -> NodeState:
        node = self.state.nodes.get(name)
        if node is None:
            known = ", ".join(self.state.nodes)
            raise UserError(f"no node {name!r}{did_you_mean(name, self.state.nodes)}", f"one of: {known}")
        return node

    def _status(self, hiding: bool) -> Iterator[str]:
        found = summarize(self.state)
        if hiding:
            own = {str(cure) for cure in find_cures(self.state, own=True)}
            found["faults"] = [fault for fault in found["faults"] if fault["mend"] in own]
        return summary_lines(found, do="")

    def _packets(self, name: str = "") -> Iterator[str]:
        if not name:
            yield from (self._line(event) for event in list(self._adverts)[-_SHOWN:])
            yield "packets NODE: every field of the last advert that a node sent"
            return
        node = self._node(name).name
        sent = [a for a in self._adverts if a.node == node and a.direction == "sent"]
        if not sent:
            yield f"{node} has sent no advert"
            return
        from hatlab.dissect import dissect

        yield self._line(sent[-1])
        for field in dissect(bytes.fromhex(sent[-1].frame)):
            yield f"  {field.layer} {field.name}: {field.value}"

    def _log(self, name: str = "") -> Iterator[str]:
        node = self._node(name).name if name else ""
        found = [event for event in self._logs if event.node == (node or event.node)]
        same = [(event, len([event, *more])) for _, (event, *more) in _repeated(found)]
        for event, times in same[-_SHOWN:]:
            yield self._line(replace(event, text=f"{event.text} ({times} times)") if times > 1 else event)
        yield from (self._line(event) for event in self.state.actions[-3:] if event.effect)
        if not found:
            yield "nothing has been logged"

    def _why(self) -> Iterator[str]:
        yield from map(self._line, self.state.whys[-3:])
        if not self.state.whys:
            yield "nothing has been explained yet"

    def _line(self, event: e.Event) -> str:
        return format_event(event, width=self._width)

    def _conf(self, name: str, file: str = "") -> Iterator[str]:
        node = self._node(name)
        if not node.conf:
            yield f"{name} has no keepalived.conf"
            return
        if file:
            try:
                with Path(file).open("x", encoding="utf-8") as new:
                    new.write(node.conf)
            except OSError as error:
                raise UserError(f"cannot write {file}: {error.strerror}") from None
            yield f"written. Change {file}, then type: edit {name} {file}"
            yield f"and then: reload {name}"
            return
        yield from node.conf.rstrip("\n").split("\n")
        yield from (
            f"line {finding.line}, {finding.severity}: {finding.message}"
            for finding in diagnose_config(node.conf)
        )

    def _addresses(self, name: str) -> Iterator[str]:
        for network, address in sorted(self._node(name).addresses):
            yield f"{name} has {address} on {network}"
        if not self._node(name).addresses:
            yield f"{name} has no address"

    def _actions(self) -> Iterator[str]:
        layout = self.state.layout
        yield from (f"{verb.usage}: {verb.help}" for verb in VERBS.values())
        if layout is not None:
            yield f"NODE is one of: {', '.join(layout.node_names)}"
            yield f"NETWORK is one of: {', '.join(layout.network_names)}"
            yield f"CLIENT is one of: {', '.join(layout.client_names)}"
            yield f"VIP is one of: {', '.join(layout.vip_addresses)}"


def _repeated(events: list[e.Log]) -> Iterator[tuple[object, Iterator[e.Log]]]:
    """Lines of the same words in a row."""
    return groupby(events, lambda event: (event.node, event.service, event.text))
