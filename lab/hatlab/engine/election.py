"""Whether a starting lab's instances have a Master, or will have none however long one waits."""

from __future__ import annotations

from hatlab.topology import Layout
from hatlab.util.text import join_names

ENDED = 1.5
"""Seconds for which every member's keepalived must be gone before an instance counts as without a Master."""
STUCK = 6.0
"""The same where some still run, but in FAULT, or without a word of the instance: a check may yet succeed."""
_SPREAD = "; "


class Election:
    """Takes what each keepalived reported since the lab began, or began anew, and judges it.

    An instance is decided once a member is Master, or once nothing can change by itself any more: each
    member's keepalived has ended, is in FAULT, or runs and never mentioned the instance.
    """

    def __init__(self, layout: Layout) -> None:
        self._members = {name: tuple(spec.members) for name, spec in layout.topology.instances.items()}
        instances = layout.topology.instances
        self._targets = {spec.target: instances[spec.target] for spec in layout.topology.clients.values()}
        self._runs: dict[str, bool] = {}
        self._states: dict[tuple[str, str], str] = {}
        self._held: set[tuple[str, str, int]] = set()
        self._changed = 0.0

    def forget(self) -> None:
        """The election begins anew: nothing is known of any node but its addresses."""
        self._runs.clear()
        self._states.clear()

    def process(self, at: float, node: str, runs: bool) -> None:
        """A node's keepalived began or ended, at a time in seconds; what it reported counts until then."""
        if self._runs.get(node) is runs:
            return
        self._changed = at
        self._runs[node] = runs
        for key in [key for key in self._states if key[0] == node]:
            del self._states[key]

    def state(self, at: float, node: str, instance: str, state: str) -> None:
        """A node's keepalived reported an instance's state."""
        self._changed = at
        self._states[node, instance] = state

    def address(self, at: float, node: str, network: str, address: str, held: bool) -> None:
        """A node's interface holds an IPv4 address, or no longer; last octets tell addresses apart."""
        octet = address.rpartition(".")[2]
        if octet.isdecimal():
            self._changed = at
            (self._held.add if held else self._held.discard)((node, network, int(octet)))

    def decided(self, now: float) -> bool:
        """Whether every instance has a Master or settled without one."""
        return all(self._has_master(name) or self._settled(name, now) for name in self._members)

    def hopeless(self, now: float) -> bool:
        """Whether nobody holds an address that a client asks for, nor is about to."""
        held = {(network, octet) for _, network, octet in self._held}
        wanted = {
            (network, octet)
            for spec in self._targets.values()
            for network, octets in spec.addresses.items()
            for octet in octets
        }
        return not wanted & held and now - self._changed >= ENDED

    def told(self) -> str:
        """Why instances have no Master, in a sentence; empty if all have one."""
        names = [name for name in self._members if not self._has_master(name)]
        reasons = {name: self._reason(name) for name in names}
        if len(set(reasons.values())) == 1 and len(names) == len(self._members):
            return f"no node became Master: {reasons[names[0]]}"
        return _SPREAD.join(f"no node became Master of {name}: {why}" for name, why in reasons.items())

    # -- inside

    def _has_master(self, instance: str) -> bool:
        return any(self._states.get((node, instance)) == "MASTER" for node in self._members[instance])

    def _settled(self, instance: str, now: float) -> bool:
        nodes = self._members[instance]
        if not all(node in self._runs for node in nodes):
            return False
        running = [node for node in nodes if self._runs[node]]
        waits = all(self._states.get((node, instance), "FAULT") == "FAULT" for node in running)
        return waits and now - self._changed >= (STUCK if running else ENDED)

    def _reason(self, instance: str) -> str:
        by_reason: dict[str, list[str]] = {}
        for node in self._members[instance]:
            state = self._states.get((node, instance))
            why = "keepalived ended on" if not self._runs.get(node) else f"{state} on" if state else ""
            by_reason.setdefault(why or f"keepalived says nothing of {instance} on", []).append(node)
        return ", ".join(f"{why} {join_names(nodes)}" for why, nodes in by_reason.items())
