"""How a node is, asked anew: while hatlab did not see it, its agent's facts went nowhere.

An agent reports what changes. So after a gap in its stream hatlab looks at the node by itself, and tells what
differs from what it was told last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hatlab.engine.docker.agent_link import Message

LOOK = r"""
rm -f /tmp/keepalived.json
for name in keepalived mysqld; do
  pids=$(pgrep -x "$name") && state=up || state=down
  case "$(ps -o stat= -p "$(echo $pids | cut -d' ' -f1)" 2>/dev/null)" in T*) state=frozen;; esac
  printf '{"service":"%s","state":"%s","pid":%s}\n' "$name" "$state" "$(echo ${pids:-null} | cut -d' ' -f1)"
  [ "$name $state" = "keepalived up" ] && kill -36 $(pgrep -o -x keepalived)
done
printf '{"interfaces":%s}\n' "$(ip -j addr show)"
for try in 1 2 3 4 5 6 7 8 9 10; do [ -s /tmp/keepalived.json ] && break; sleep 0.1; done
sleep 0.1
[ -s /tmp/keepalived.json ] && printf '{"instances":%s}\n' "$(tr -d '\n' < /tmp/keepalived.json)"
true
"""
"""What a node's shell is asked. keepalived writes its instances' states at signal 36 (`SIGJSON`)."""
_STATES = {0: "INIT", 1: "BACKUP", 2: "MASTER", 3: "FAULT"}
_KEYS = {
    "address": ("network", "address"),
    "link": ("network",),
    "process": ("service",),
    "vrrp": ("instance",),
    "conf": (),
}
"""Kind of fact → the fields that say of what it is."""
_VALUES = {"address": "held", "link": "up", "process": "state", "vrrp": "state", "conf": "text"}
"""Kind of fact → the field that says how it is."""
_Key = tuple[str, ...]


class LastFacts:
    """What one node's agent told last of each thing that can be asked anew."""

    def __init__(self) -> None:
        self._told: dict[_Key, Any] = {}

    def note(self, fact: Message) -> None:
        """Take a fact of the agent's."""
        if fact["kind"] in _KEYS:
            self._told[_key(fact)] = fact[_VALUES[fact["kind"]]]

    def news(self, facts: list[Message]) -> list[Message]:
        """Return those facts that differ from what was told, and that an address which none of them names
        is gone."""
        seen = {_key(fact) for fact in facts}
        gone = [
            {"kind": "address", "network": key[1], "address": key[2], "held": False}
            for key, held in self._told.items()
            if key[0] == "address" and held and key not in seen
        ]
        return gone + [f for f in facts if self._told.get(_key(f)) != f[_VALUES[f["kind"]]]]


def _key(fact: Message) -> _Key:
    return (fact["kind"], *(fact[field] for field in _KEYS[fact["kind"]]))


def read_look(output: str, devices: Mapping[str, str]) -> list[Message]:
    """Read what `LOOK` printed, as facts without a time.

    Args:
        output: all of it; what is no answer is left out.
        devices: interface → network.
    """
    return [fact for line in output.splitlines() for fact in _read_line(line, devices)]


def _read_line(line: str, devices: Mapping[str, str]) -> Iterator[Message]:
    try:
        answer = json.loads(line)
        match answer:
            case {"service": str(), "state": str()}:
                yield {"kind": "process", "reason": "", **answer}
            case {"interfaces": list(interfaces)}:
                for port in interfaces:
                    network = devices.get(port["ifname"].partition("@")[0])
                    if network is None:
                        continue
                    yield {"kind": "link", "network": network, "up": "UP" in port["flags"]}
                    for held in port["addr_info"]:
                        address = held["local"]
                        yield {"kind": "address", "network": network, "address": address, "held": True}
            case {"instances": list(instances)}:
                for entry in instances:
                    data = entry["data"]
                    yield {
                        "kind": "vrrp",
                        "instance": data["iname"],
                        "state": _STATES[data["state"]],
                        "priority": data["effective_priority"],
                    }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return
