"""What a screen shows in its panes, as lines for a learner who asks by typing."""

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
from hatlab.state.conclusions import hide_conclusions
from hatlab.state.faults import find_cures
from hatlab.state.model import LabState, NodeState
from hatlab.state.summary import summarize, summary_lines
from hatlab.text.event_log import format_event
from hatlab.util.files import write_new

_KEPT = 500
"""Log lines, and adverts, that are remembered."""
_SHOWN = 15
"""Lines of them that an answer has at most."""
_ARGUMENTS = {"addresses": (1, 1), "conf": (1, 2), "packets": (0, 1), "log": (0, 1)}
"""How many words may follow a query, at least and at most; none where it is not listed."""


class LabQueries:
    """Follows a lab and answers queries such as `status` and `log db1`.

    Args:
        width: columns of a line; None for as long as it is.
    """

    def __init__(self, width: int | None = None) -> None:
        self._state = LabState()
        self._width = width and width - 1
        self._logs: deque[e.Log] = deque(maxlen=_KEPT)
        self._adverts: deque[e.Advert] = deque(maxlen=_KEPT)

    def feed(self, batch: Batch) -> None:
        """Take in what happened."""
        self._state = batch.state
        if batch.rewound:
            self._logs.clear()
            self._adverts.clear()
        for event in batch.events:
            if isinstance(event, e.Log):
                self._logs.append(event)
            elif isinstance(event, e.Advert):
                self._adverts.append(event)

    def answer(self, words: list[str], *, hide_faults: bool, facts_only: bool = False) -> list[str] | None:
        """Return the lines that a query asks for; None if the words are no query.

        Args:
            words: as typed.
            hide_faults: name only what the learner broke, as something else is to be found.
            facts_only: leave out what hatlab concludes.

        Raises:
            UserError: it names what is not there, or a file cannot be written.
        """
        queries: dict[str, Callable[..., Iterator[str]]] = {
            "status": lambda: self._status(hide_faults, facts_only),
            "packets": self._packets,
            "log": self._log,
            "why": lambda: self._why(facts_only),
            "conf": lambda *names: self._conf(*names, facts_only=facts_only),
            "addresses": self._addresses,
        }
        if words == ["help", "actions"]:
            return list(self._actions())
        name, *arguments = words or [""]
        if name not in queries:
            return None
        least, most = _ARGUMENTS.get(name, (0, 0))
        if not least <= len(arguments) <= most:
            wrong = "few" if len(arguments) < least else "many"
            raise UserError(f"too {wrong} words for {name}", "type help to see what you can type")
        return [line for text in queries[name](*arguments) for line in text.split("\n")]

    def _status(self, hide_faults: bool, facts_only: bool) -> Iterator[str]:
        summary = summarize(hide_conclusions(self._state) if facts_only else self._state)
        if hide_faults:
            cures = {str(cure) for cure in find_cures(self._state, own=True)}
            summary["faults"] = [fault for fault in summary["faults"] if fault["mend"] in cures]
        return summary_lines(summary, do="")

    def _packets(self, name: str = "") -> Iterator[str]:
        if not name:
            yield from map(self._format, list(self._adverts)[-_SHOWN:])
            yield "(Type packets NODE for every field of the last advert a node sent.)"
            return
        node = self._node(name).name
        sent = [advert for advert in self._adverts if advert.node == node and advert.direction == "sent"]
        if not sent:
            yield f"{node} has sent no adverts"
            return
        from hatlab.dissect import dissect

        yield self._format(sent[-1])
        for field in dissect(bytes.fromhex(sent[-1].frame)):
            yield f"  {field.layer} {field.name}: {field.value}"

    def _log(self, name: str = "") -> Iterator[str]:
        node = self._node(name).name if name else ""
        logs = [event for event in self._logs if event.node == (node or event.node)]
        for event, count in _count_repeated(logs)[-_SHOWN:]:
            yield self._format(replace(event, text=f"{event.text} ({count} times)") if count > 1 else event)
        yield from (self._format(event) for event in self._state.actions[-3:] if event.effect)
        if not logs:
            yield "nothing has been logged yet"

    def _why(self, facts_only: bool) -> Iterator[str]:
        if facts_only:
            yield "You see facts only: nothing is explained yet."
            return
        yield from map(self._format, self._state.whys[-3:])
        if not self._state.whys:
            yield "nothing has changed yet, so there is nothing to explain"

    def _conf(self, name: str, file: str = "", *, facts_only: bool) -> Iterator[str]:
        node = self._node(name)
        if not node.conf:
            yield f"{name} has no keepalived.conf"
            return
        if file:
            try:
                write_new(Path(file), node.conf)
            except OSError as error:
                raise UserError(f"cannot write {file}: {error.strerror}") from None
            yield f"Saved. Change {file}, then type: edit {name} {file}"
            yield f"To apply it, type: reload {name}"
            return
        yield from node.conf.rstrip("\n").split("\n")
        for finding in () if facts_only else diagnose_config(node.conf, config_id=name):
            yield f"line {finding.line}, {finding.severity}: {finding.message}"

    def _addresses(self, name: str) -> Iterator[str]:
        for network, address in sorted(self._node(name).addresses):
            yield f"{name} has {address} on {network}"
        if not self._node(name).addresses:
            yield f"{name} has no addresses"

    def _actions(self) -> Iterator[str]:
        yield from (f"{verb.usage}: {verb.help}" for verb in VERBS.values())
        if (layout := self._state.layout) is not None:
            yield f"NODE is one of: {', '.join(layout.node_names)}"
            yield f"NETWORK is one of: {', '.join(layout.network_names)}"
            yield f"CLIENT is one of: {', '.join(layout.client_names)}"
            yield f"VIP is one of: {', '.join(layout.vip_addresses)}"

    def _node(self, name: str) -> NodeState:
        nodes = self._state.nodes
        if name not in nodes:
            raise UserError(
                f"there is no node {name!r}{did_you_mean(name, nodes)}", f"the nodes are: {', '.join(nodes)}"
            )
        return nodes[name]

    def _format(self, event: e.Event) -> str:
        return format_event(event, width=self._width)


def _count_repeated(logs: list[e.Log]) -> list[tuple[e.Log, int]]:
    """Return (event, count) of each line, with those of the same words in a row as one."""
    runs = groupby(logs, lambda event: (event.node, event.service, event.text))
    return [(first, 1 + len(more)) for _, (first, *more) in runs]
