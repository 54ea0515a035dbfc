"""A recording's facts, sorted by what says what; what nothing says is not there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from math import inf

from hatlab import events as e
from hatlab.errors import UserError
from hatlab.incident.reproduce.asked_hosts import AskedHosts, find_asked_hosts
from hatlab.keepalived import LinkChanged, LogLine, parse_log_line
from hatlab.keepalived.settings import InstanceSettings, VrrpScript, read_scripts, read_settings
from hatlab.state.model import layout_of
from hatlab.vrrp.timers import master_down_interval

_ELECTED = 0.05
"""Seconds after its election at which a lab is ready, about: its client is answered."""
SERIES = 3.5
"""Intervals without an advert after which the next one begins a new series."""
_LEAD = 3.0
"""Seconds after ready at which the first thing happens in a lab, where nothing says when it was ready."""


class Seen:
    """Everything that a recording says, without what was done to a lab and what hatlab concluded."""

    def __init__(self, events: Iterable[e.Event]) -> None:
        self.actions: list[e.Action] = []
        """What was done: only asked for where a recording is trusted."""
        self.facts: list[e.Event] = []
        """All else, in order of time."""
        for event in events:
            if isinstance(event, e.Action):
                self.actions.append(event)
            elif not event.derived:
                self.facts.append(event)
        self.anchor = 0.0
        """When the first thing happened, as it was inferred: a script counts from there, whatever is tried,
        where nothing says when a lab was ready."""
        self.facts.sort(key=lambda fact: fact.at)
        labs = [fact for fact in self.facts if isinstance(fact, e.Lab)]
        if not labs:
            raise UserError("the recording does not say what ran", "a recording starts with the `lab` event")
        self.lab = labs[0]
        self.layout = layout_of(self.lab)
        self.ends = max(fact.at for fact in self.facts)
        self.adverts: dict[tuple[str, str], list[e.Advert]] = defaultdict(list)
        """(node, direction) → its adverts."""
        self.logs: dict[tuple[str, str], list[e.Log]] = defaultdict(list)
        """(node, service) → its lines."""
        self.states: dict[str, list[e.Vrrp]] = defaultdict(list)
        for fact in self.facts:
            match fact:
                case e.Advert():
                    self.adverts[fact.node, fact.direction].append(fact)
                case e.Log():
                    self.logs[fact.node, fact.service].append(fact)
                case e.Vrrp():
                    self.states[fact.node].append(fact)

    @property
    def is_imported(self) -> bool:
        """True if nothing is known but what was brought."""
        return bool(self.lab.sources)

    def sees(self, node: str, source: str) -> bool:
        """Return whether a node's `log` or `capture` is there."""
        return not self.is_imported or source in self.lab.sources.get(node, ())

    def knows_nothing_of(self, node: str) -> bool:
        return not (self.sees(node, "log") or self.sees(node, "capture"))

    @cached_property
    def ready(self) -> float:
        """When the lab was ready; where nothing says so, when one like it would have been."""
        if self._said_ready is not None:
            return self._said_ready
        if self.begins_with_start:
            elected = [s.at for states in self.states.values() for s in states if s.state == "MASTER"]
            adverts = (a for found in self.adverts.values() for a in found)
            elected += [a.at for a in adverts if a.priority and self.sender(a)]
            if elected:
                return min(elected) + _ELECTED
        return self.lab.at

    @cached_property
    def has_ready(self) -> bool:
        """True if a script's times are known, not chosen."""
        return self._said_ready is not None or self.begins_with_start

    @cached_property
    def _said_ready(self) -> float | None:
        """When a lab said that it was ready; None of an incident, in which nobody waited for that."""
        if self.is_imported:
            return None
        ready = (f.at for f in self.facts if isinstance(f, e.Phase) and f.name == "ready" and f.done)
        return next(ready, None)

    @cached_property
    def begins_with_start(self) -> bool:
        """True if each keepalived whose log is there begins with its start."""
        first = [lines[0].text for (_, service), lines in self.logs.items() if service == "keepalived"]
        return bool(first) and all(text.startswith("Starting Keepalived") for text in first)

    def script_time(self, at: float) -> float:
        """Return a moment as seconds after a lab is ready."""
        return at - self.ready if self.has_ready else at - self.anchor + _LEAD

    def lines(self, node: str, service: str = "keepalived") -> list[tuple[e.Log, LogLine | None]]:
        """Return a node's log since the lab was ready, each line with what it reports."""
        lines = self.logs.get((node, service), ())
        return [(line, parse_log_line(line.text)) for line in lines if line.at + line.about >= self.ready]

    @cached_property
    def confs(self) -> Mapping[str, str]:
        """Node → its first keepalived.conf."""
        first: dict[str, str] = {}
        for fact in self.facts:
            if isinstance(fact, e.Conf):
                first.setdefault(fact.node, fact.text)
        return first

    def conf_after(self, node: str, at: float) -> str:
        """Return a node's keepalived.conf as the next event after a moment has it, else as it was first."""
        later = (f.text for f in self.facts if isinstance(f, e.Conf) and f.node == node and f.at >= at)
        return next(later, self.confs.get(node, ""))

    @cached_property
    def asked(self) -> AskedHosts:
        """What the checks of an incident ask; a lab's own are known anyway."""
        return find_asked_hosts(self.layout, self.confs) if self.is_imported else AskedHosts()

    def settings(self, node: str) -> Mapping[str, InstanceSettings]:
        return read_settings(self.confs.get(node, ""))

    def scripts(self, node: str) -> Mapping[str, VrrpScript]:
        return read_scripts(self.confs.get(node, ""))

    def interfaces(self, node: str) -> Mapping[str, str]:
        """Interface → network of a node, as its configuration tells."""
        found: dict[str, str] = {}
        for name, settings in self.settings(node).items():
            spec = self.layout.topology.instances.get(name)
            if spec is not None and settings.interface:
                found[settings.interface] = spec.network_of(node)
            for address in settings.virtual_addresses:
                network = self.layout.network_of(address.address)
                if network is not None and address.device:
                    found.setdefault(address.device, network)
        names = self.layout.topology.networks_of(node)
        for interface in self._named_interfaces(node) - found.keys():
            free = [name for name in names if name not in found.values()]
            network = f"net-{interface}" if f"net-{interface}" in free else free[0] if len(free) == 1 else ""
            if network:
                found[interface] = network
        return found | {name: name for name in names if name not in found}

    def _named_interfaces(self, node: str) -> set[str]:
        """Return the interfaces that a node's log says went up or down."""
        parsed = (parse_log_line(line.text) for line in self.logs.get((node, "keepalived"), ()))
        return {what.interface for what in parsed if isinstance(what, LinkChanged)}

    def down_interval(self, node: str, instance: str) -> float:
        """Return a Backup's master-down interval, s."""
        settings = self.settings(node).get(instance)
        if settings is not None:
            return master_down_interval(
                settings.version, settings.priority, settings.interval, settings.down_adverts
            )
        spec = self.layout.topology.instances[instance]
        return master_down_interval(spec.version, spec.members[node].priority, spec.interval)

    def sender(self, advert: e.Advert) -> str:
        """Return the node that sent an advert, "" for a stranger."""
        return self.layout.owner_of(advert.source) or ""

    def heard(self, node: str, sender: str, vrid: int) -> list[e.Advert]:
        """Return the adverts of a sender that reached a node; without a capture there, all of them."""
        if self.sees(node, "capture"):
            received = self.adverts.get((node, "received"), ())
            return [a for a in received if a.vrid == vrid and self.sender(a) == sender]
        return self.adverts_of(sender, vrid)

    def adverts_of(self, sender: str, vrid: int) -> list[e.Advert]:
        """Return what a node sent, as its own capture has it, or else that of another node."""
        if own := self.sent(sender, vrid):
            return own
        for (_, direction), adverts in self.adverts.items():
            found = [a for a in adverts if a.vrid == vrid and self.sender(a) == sender]
            if direction == "received" and found:
                return found
        return []

    def all_of(self, node: str) -> list[e.Advert]:
        """Return all adverts that a node sent, as its own capture has them, or else that of another node."""
        if own := self.adverts.get((node, "sent")):
            return own
        for (_, direction), adverts in self.adverts.items():
            found = [a for a in adverts if self.sender(a) == node] if direction == "received" else []
            if found:
                return found
        return []

    def became_master(self, node: str, instance: str) -> list[e.Event]:
        """Return what shows that a node became Master: its log, or else the first advert of each series."""
        if self.states.get(node):
            own = (s for s in self.states[node] if s.instance == instance and s.state == "MASTER")
            return list(own)
        spec = self.layout.topology.instances[instance]
        found: list[e.Event] = []
        last = -inf
        for advert in self.adverts_of(node, spec.vrid):
            if advert.priority and advert.at - last > SERIES * spec.interval:
                found.append(advert)
            last = advert.at if advert.priority else last
        return found

    def sent(self, node: str, vrid: int) -> list[e.Advert]:
        return [a for a in self.adverts.get((node, "sent"), ()) if a.vrid == vrid]
