"""FAULT at a start, which keepalived does not tell of.

An instance waits for the first result of its checks. If that is a failure it goes from INIT to FAULT without
a line of its own in the log (vrrp_state_leave_fault says nothing where the state was FAULT already), and a
configuration without a notify FIFO has nobody else to tell it. The check's line says it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hatlab.engine.docker.agent_link import Message
from hatlab.keepalived import ScriptResult, parse_log_line, read_settings


@dataclass(slots=True)
class _Node:
    """What one node's keepalived has told since its start."""

    conf: str = ""
    told: set[str] = field(default_factory=set)
    """Instances of which it has told a state."""


class SilentFaults:
    """Adds the states that keepalived keeps to itself to the facts of its node's agent."""

    def __init__(self) -> None:
        self._nodes: dict[str, _Node] = {}

    def complete(self, node: str, facts: list[Message]) -> list[Message]:
        """Return a node's facts with a `vrrp` fact behind each line from which one follows."""
        known = self._nodes.setdefault(node, _Node())
        completed = []
        for fact in facts:
            completed.append(fact)
            match fact["kind"]:
                case "hello":
                    known.told.clear()
                case "conf":
                    known.conf = fact["text"]
                case "process" if fact["service"] == "keepalived" and fact["state"] == "down":
                    known.told.clear()
                case "vrrp":
                    known.told.add(fact["instance"])
                case "log" if fact["service"] == "keepalived":
                    completed += _faults_at_start(known, fact)
        return completed


def _faults_at_start(node: _Node, fact: Message) -> list[Message]:
    """Return a `vrrp` fact for each instance that a check's first verdict keeps from starting."""
    line = parse_log_line(fact["text"])
    if not isinstance(line, ScriptResult) or not line.verdict:
        return []
    silent = [
        name
        for name, settings in read_settings(node.conf).items()
        if name not in node.told
        and any(
            track.kind == "script" and track.name == line.script and track.means_fault(line.ok)
            for track in settings.tracks
        )
    ]
    node.told.update(silent)
    return [
        {"kind": "vrrp", "t": fact["t"], "instance": name, "state": "FAULT", "priority": None}
        for name in silent
    ]
