"""Judges the election of a starting lab: has each VRRP instance a Master, or will it never get one?"""

from __future__ import annotations

from hatlab.topology import Layout
from hatlab.util.addresses import short_address
from hatlab.util.text import join_names

ENDED_FOR = 1.5
"""Seconds: an instance has no Master once the keepalived of every member has been gone for so long."""
STUCK_FOR = 6.0
"""Seconds: the same if some still run, but in FAULT or silent about the instance; a check may yet succeed."""
UNANSWERED_FOR = 5.0
"""Seconds: a client without an answer gets none if nothing has changed for so long, though a node holds the
address: keepalived's own firewall rule (vrrp_strict) drops its packets, or another rule does."""
GIVE_UP = 40.0
"""Seconds: an election that has no outcome by then counts as one without a Master."""


class Election:
    """Collects what each keepalived has reported since the start or the last reset.

    An instance is decided once a member is Master, or once nothing will change by itself: the keepalived of
    each member has ended, is in FAULT, or runs and has never mentioned the instance.
    """

    def __init__(self, layout: Layout) -> None:
        instances = layout.topology.instances
        self._members = {name: tuple(spec.members) for name, spec in instances.items()}
        targets = dict.fromkeys(spec.target for spec in layout.topology.clients.values())
        self._wanted = {(network, short_address(a)) for name in targets for a, network in layout.vips(name)}
        """The addresses that clients use, by their end: the lab's subnets may not be known yet."""
        self._running: dict[str, bool] = {}
        self._states: dict[tuple[str, str], str] = {}
        self._held: set[tuple[str, str, str]] = set()
        self._changed = 0.0

    def reset(self) -> None:
        """Start a new election: forget everything about the nodes except their addresses."""
        self._running.clear()
        self._states.clear()

    def on_process(self, at: float, node: str, running: bool) -> None:
        """A node's keepalived started or ended at a time in seconds; its earlier reports no longer count."""
        if self._running.get(node) is running:
            return
        self._changed = at
        self._running[node] = running
        for key in [key for key in self._states if key[0] == node]:
            del self._states[key]

    def on_state(self, at: float, node: str, instance: str, state: str) -> None:
        """A node's keepalived reported the state of an instance."""
        self._changed = at
        self._states[node, instance] = state

    def on_address(self, at: float, node: str, network: str, address: str, held: bool) -> None:
        """A node's interface gained or lost an address."""
        self._changed = at
        (self._held.add if held else self._held.discard)((node, network, short_address(address)))

    def is_decided(self, now: float) -> bool:
        """True if every instance has a Master or will not get one."""
        return all(self._has_master(name) or self._stays_without_master(name, now) for name in self._members)

    def cannot_serve_clients(self, now: float) -> bool:
        """True if no node holds an address that a client uses and none is about to take one, or if one has
        held it for long and the client has no answer yet."""
        return now - self._changed >= (UNANSWERED_FOR if self._holds_target() else ENDED_FOR)

    def unanswered(self) -> str:
        """Say in a sentence that no client is answered though a node holds the address, else nothing."""
        return "no client gets an answer at the virtual address" if self._holds_target() else ""

    def _holds_target(self) -> bool:
        """True if some node holds an address that a client uses."""
        return bool(self._wanted & {(network, ending) for _, network, ending in self._held})

    def summary(self) -> str:
        """Say in a sentence why instances have no Master; empty if all have one."""
        names = [name for name in self._members if not self._has_master(name)]
        reasons = {name: self._reason(name) for name in names}
        if len(set(reasons.values())) == 1 and len(names) == len(self._members):
            return f"no node became Master: {reasons[names[0]]}"
        return "; ".join(f"no node became Master of {name}: {why}" for name, why in reasons.items())

    # -- inside

    def _has_master(self, instance: str) -> bool:
        return any(self._states.get((node, instance)) == "MASTER" for node in self._members[instance])

    def _stays_without_master(self, instance: str, now: float) -> bool:
        nodes = self._members[instance]
        if not all(node in self._running for node in nodes):
            return False
        running = [node for node in nodes if self._running[node]]
        no_candidate = all(self._states.get((node, instance), "FAULT") == "FAULT" for node in running)
        return no_candidate and now - self._changed >= (STUCK_FOR if running else ENDED_FOR)

    def _reason(self, instance: str) -> str:
        by_reason: dict[str, list[str]] = {}
        for node in self._members[instance]:
            state = self._states.get((node, instance))
            why = "keepalived ended on" if not self._running.get(node) else f"{state} on" if state else ""
            by_reason.setdefault(why or f"keepalived says nothing about {instance} on", []).append(node)
        return ", ".join(f"{why} {join_names(nodes)}" for why, nodes in by_reason.items())
