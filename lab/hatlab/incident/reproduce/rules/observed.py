"""What a lab saw itself of its nodes: processes, power, links, packet filters and files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hatlab import events as e
from hatlab.incident.reproduce.faults import Episode, InferredFault, single
from hatlab.incident.reproduce.lab_text import to_lab_text
from hatlab.incident.reproduce.seen import Seen
from hatlab.keepalived import DaemonStopping, ReloadStarted

_AT_ONCE = 0.3
"""Seconds within which several nodes' facts have one cause."""
_BOOT = 8.0
"""Seconds after a power on in which what starts does so by itself."""
_AFTERMATH = 3.0
"""Seconds after a transition in which a process that ends may have been ended by a script of keepalived."""


def infer(seen: Seen) -> Iterator[Episode]:
    """Yield a fault for each thing that changed without another reason."""
    reader = _Reader(seen)
    for fact in seen.facts:
        if fact.at > seen.ready and not (seen.is_imported and _is_concluded(fact)):
            yield from reader.read(fact)
        else:
            reader.note(fact)
    yield from reader.cuts()


def _is_concluded(fact: e.Event) -> bool:
    """Return whether an import concluded it from log lines, of which `log_lines` and `silence` know more."""
    match fact:
        case e.Node():
            return True
        case e.Process(service="keepalived", state="down", reason=reason):
            return "signal 9" not in reason and "SIGKILL" not in reason
        case e.Process(service="keepalived"):
            return True
        case _:
            return False


class _Reader:
    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._process: dict[tuple[str, str], str] = {}
        self._power: dict[str, str] = {}
        self._booted: dict[str, float] = {}
        self._links: dict[tuple[str, str], bool] = {}
        self._confs: dict[str, str] = {}
        self._filters: list[e.Filter] = []
        self._ended_alone: dict[str, float] = {}
        self._power_moments = [(f.at, f.node) for f in seen.facts if isinstance(f, e.Node)]

    def note(self, fact: e.Event) -> None:
        """Take in what was so when the lab was ready."""
        match fact:
            case e.Process():
                self._process[fact.node, fact.service] = fact.state
            case e.Node():
                self._power[fact.node] = fact.state
            case e.Link():
                self._links[fact.node, fact.network] = fact.up
            case e.Conf():
                self._confs[fact.node] = fact.text

    def read(self, fact: e.Event) -> Iterator[Episode]:
        match fact:
            case e.Node():
                yield from self._read_power(fact)
            case e.Process():
                yield from self._read_process(fact)
            case e.Link():
                yield from self._read_link(fact)
            case e.Filter():
                self._filters.append(fact)
            case e.Conf() if self._confs.get(fact.node, fact.text) != fact.text:
                text = to_lab_text(fact.text, self._seen, fact.node)
                yield single(_fault(fact, "edit", (fact.node, f"{fact.node}.conf"), "its file changed", text))
        self.note(fact)

    def _read_power(self, fact: e.Node) -> Iterator[Episode]:
        before = self._power.get(fact.node, "on")
        verbs = {("on", "off"): "power off", ("paused", "off"): "power off", ("off", "on"): "power on"}
        verbs |= {("on", "paused"): "pause", ("paused", "on"): "resume"}
        verb = verbs.get((before, fact.state))
        if verb == "power on":
            self._booted[fact.node] = fact.at
        if verb is not None:
            yield single(_fault(fact, verb, (fact.node,), f"its power went from {before} to {fact.state}"))

    def _read_process(self, fact: e.Process) -> Iterator[Episode]:
        before = self._process.get((fact.node, fact.service), "up")
        if before == fact.state or self._is_of_power(fact):
            return
        target = (fact.service, fact.node)
        why = f"{fact.service} went from {before} to {fact.state}" + (f" ({fact.reason})" * bool(fact.reason))
        match before, fact.state:
            case _, "frozen":
                yield single(_fault(fact, "freeze", target, why))
            case "frozen", "up":
                yield single(_fault(fact, "thaw", target, why))
            case "down", "up" if fact.at - self._ended_alone.get(fact.node, -_AFTERMATH) > _AFTERMATH:
                yield single(_fault(fact, "start", target, why))
            case _, "down":
                yield from self._read_end(fact, target, why)

    def _read_end(self, fact: e.Process, target: tuple[str, str], why: str) -> Iterator[Episode]:
        """Yield the end of a process: killed, or stopped, unless it ended by itself."""
        killed = "signal 9" in fact.reason or "SIGKILL" in fact.reason
        at = fact.at
        if not killed:
            lines = self._seen.lines(fact.node)
            if any(
                isinstance(what, ReloadStarted) and 0 <= at - line.at < _AFTERMATH for line, what in lines
            ):
                self._ended_alone[fact.node] = fact.at  # it could not go on with its new file
                return
            began = self._stop_began(fact)
            at = began if began is not None else at
        states = self._seen.states.get(fact.node, ())
        may_follow = any(0 <= fact.at - state.at < _AFTERMATH for state in states)
        fault = _fault(fact, "kill" if killed else "stop", target, why)
        yield single(fault.moved(at - fact.at), may_follow=may_follow and fact.service == "mysqld")

    def _stop_began(self, fact: e.Process) -> float | None:
        """Return when a process was told to stop, as it said itself."""
        if fact.service == "keepalived":
            told = [line.at for line, what in self._seen.lines(fact.node) if isinstance(what, DaemonStopping)]
        else:
            lines = self._seen.logs.get((fact.node, fact.service), ())
            told = [line.at for line in lines if "SHUTDOWN" in line.text]
        return max((at for at in told if 0 <= fact.at - at < 15), default=None)

    def _is_of_power(self, fact: e.Process | e.Link) -> bool:
        """Return whether it follows from the node's power: paused and resumed, off, booting."""
        near = any(node == fact.node and abs(at - fact.at) < _AT_ONCE for at, node in self._power_moments)
        booting = fact.at - self._booted.get(fact.node, -_BOOT) < _BOOT
        return near or booting or self._power.get(fact.node, "on") == "off"

    def _read_link(self, fact: e.Link) -> Iterator[Episode]:
        before = self._links.get((fact.node, fact.network), True)
        if before != fact.up and not self._is_of_power(fact):
            verb = "link up" if fact.up else "link down"
            why = f"its interface on {fact.network} went {'up' if fact.up else 'down'}"
            yield single(_fault(fact, verb, (fact.network, fact.node), why))

    def cuts(self) -> Iterator[Episode]:
        """Yield cuts, losses, delays and their ends: what all nodes of a network drop at once is one."""
        current: dict[str, dict[str, tuple[float, float]]] = {}
        groups: list[list[e.Filter]] = []
        for fact in self._filters:
            last = groups[-1][-1] if groups else None
            if last is not None and last.network == fact.network and fact.at - last.at < _AT_ONCE:
                groups[-1].append(fact)
            else:
                groups.append([fact])
        for group in groups:
            network = group[0].network
            before = current.get(network, {})
            after = before | {fact.node: (fact.percent, fact.delay_ms) for fact in group}
            current[network] = after
            for verb, targets, why in self._changes(network, before, after):
                yield single(_fault(group[0], verb, targets, why))

    def _changes(
        self,
        network: str,
        before: Mapping[str, tuple[float, float]],
        after: Mapping[str, tuple[float, float]],
    ) -> Iterator[tuple[str, tuple[str, ...], str]]:
        layout = self._seen.layout
        members = [name for name in layout.server_names if network in layout.networks_of(name)]
        new = {name: after.get(name, (0.0, 0.0)) for name in members}
        old = {name: before.get(name, (0.0, 0.0)) for name in members}
        if new == old:
            return
        if any(new[name] < old[name] for name in members):
            yield "heal", (network,), f"nothing is dropped on {network} any more"
            old = dict.fromkeys(members, (0.0, 0.0))
        same = len(set(new.values())) == 1
        for name in members:
            percent, delay = new[name]
            if new[name] == old[name] or (percent, delay) == (0.0, 0.0):
                continue
            where = () if same else (name,)
            who = "every node" if same else name
            if delay:
                yield "delay", (network, f"{delay:g}"), f"frames on {network} come {delay:g} ms late"
                return
            if percent >= 100:
                yield "cut", (network, *where), f"{who} drops what servers send it on {network}"
            else:
                why = f"{who} drops {percent:g} % of what servers send it on {network}"
                yield "loss", (network, f"{percent:g}", *where), why
            if same:
                return


def _fault(fact: e.Event, verb: str, targets: tuple[str, ...], why: str, text: str = "") -> InferredFault:
    node = getattr(fact, "node", "")
    evidence = (fact.evidence,) if fact.evidence else ()
    why = f"{node}: {why}" if node else why
    return InferredFault(fact.at, verb, targets, why, evidence, later=fact.about, text=text)
