"""What a line of a log says happened on its node, as events."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from hatlab import events as e
from hatlab.incident.moment import Moment
from hatlab.keepalived import (
    AddressRemoved,
    DaemonStarted,
    GarpSent,
    LinkChanged,
    ScriptResult,
    StateEntered,
    parse_log_line,
)
from hatlab.keepalived.log_line import (
    AddressesChanged,
    ChildDied,
    ChildStarted,
    DaemonStopped,
    DaemonStopping,
)

_MYSQLD = re.compile(r"mysqld|mariadbd?|mysql", re.I)
_UNIT = re.compile(r"(?P<unit>keepalived|mysqld?|mariadb)(?:@\S+)?\.service: (?P<what>.+)")
_UNIT_STATE = re.compile(r"(?P<what>Started|Stopped|Stopping) (?P<unit>keepalived|mysqld?|mariadb)\b.*", re.I)
_EXITED = re.compile(r"Main process exited, code=(?P<code>\w+), status=(?P<status>\d+)(?:/(?P<name>\w+))?")
_OOM = re.compile(r"Out of memory: Killed process \d+ \((?P<who>keepalived|mysqld|mariadbd)\)")
_READY = re.compile(r"ready for connections", re.I)
_ENDED = re.compile(r"Shutdown complete|mysqld(?:\.\w+)? got signal|\[ERROR\] .*Aborting", re.I)

Make = Callable[..., e.Event]


@dataclass
class LogFacts:
    """Makes events of one node's log, and keeps what it needs to know of the lines before.

    Args:
        node: the node's name.
        instances: what its log calls a vrrp_instance → what the topology does.
        addresses: instance → (address, network) of its virtual addresses.
        networks: interface → network, where it is known.
        needed: check → instances that are in FAULT while it fails.
    """

    node: str
    instances: Mapping[str, str]
    addresses: Mapping[str, tuple[tuple[str, str], ...]]
    networks: Mapping[str, str] = field(default_factory=dict)
    needed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _began: bool = False
    """The daemon's start is in the log, so an instance that has told no state yet has none."""
    _states: dict[str, str] = field(default_factory=dict)
    _services: dict[str, str] = field(default_factory=dict)
    _held: dict[str, bool] = field(default_factory=dict)

    def events(self, program: str, text: str, moment: Moment) -> Iterator[e.Event]:
        """Yield what a line says.

        Args:
            program: who wrote it, as the log names it.
            moment: `at`, `about` and `evidence` of the events.
        """
        name = program.lower()
        if "keepalived" in name or (not name and parse_log_line(text) is not None):
            yield from self._of_keepalived(text, moment)
        elif _MYSQLD.search(name):
            yield from self._of_mysqld(text, moment)
        elif name == "systemd":
            yield from self._of_systemd(text, moment)
        elif name == "kernel" and (match := _OOM.search(text)):
            service = "keepalived" if match["who"] == "keepalived" else "mysqld"
            yield from self._process(service, "down", "killed by the kernel: out of memory", moment)

    def end_silently(self, rebooted: bool, moment: Moment) -> Iterator[e.Event]:
        """Yield that keepalived ended, or the machine did, without a word."""
        reason = "without a word"
        if rebooted:
            self._services.clear()
            self._forget_instances()
            yield self._make(e.Node, moment, state="off", reason=reason)
        else:
            yield from self._process("keepalived", "down", reason, moment)

    def _of_keepalived(self, text: str, moment: Moment) -> Iterator[e.Event]:
        line = parse_log_line(text)
        called = getattr(line, "instance", "")
        instance = self.instances.get(called, called)
        is_end = isinstance(line, DaemonStopped | ChildDied)
        if not (is_end and self._services.get("keepalived")):
            yield from self._process("keepalived", "up", "", moment)  # who writes a log runs
        shown = text.replace(f"({called})", f"({instance})", 1) if instance != called else text
        yield self._make(e.Log, moment, service="keepalived", text=shown)
        match line:
            case StateEntered(state=state) if self._states.get(instance) != state:
                self._states[instance] = state
                yield self._make(e.Vrrp, moment, instance=instance, state=state, priority=None)
            case DaemonStarted() | ChildStarted(child="VRRP"):
                self._began = True
            case ScriptResult(ok=False, verdict=True) if self._began:
                # keepalived writes no line for an instance that goes to FAULT before it had another state
                for name in self.needed.get(line.script, ()):
                    if name not in self._states:
                        self._states[name] = "FAULT"
                        yield self._make(e.Vrrp, moment, instance=name, state="FAULT", priority=None)
            case AddressesChanged():
                for address, _ in self.addresses.get(instance, ()):
                    yield from self._address(address, line.held, moment)
            case GarpSent():
                yield from self._address(line.address, True, moment)
            case AddressRemoved():
                yield from self._address(line.address, False, moment)
            case LinkChanged() if line.interface in self.networks:
                yield self._make(e.Link, moment, network=self.networks[line.interface], up=line.up)
            case DaemonStopping():  # it has given up what it held, though it ends a second later
                for name in self.addresses:
                    if self._states.get(name, "STOPPED") != "STOPPED":
                        self._states[name] = "STOPPED"
                        yield self._make(e.Vrrp, moment, instance=name, state="STOPPED", priority=None)
            case DaemonStopped() | ChildDied(respawned=False):
                reason = "exit 0" if isinstance(line, DaemonStopped) else line.reason
                yield from self._process("keepalived", "down", reason, moment)
            case ChildDied():
                yield from self._process("keepalived", "down", line.reason, moment)
                yield from self._process("keepalived", "up", "", moment)

    def _of_mysqld(self, text: str, moment: Moment) -> Iterator[e.Event]:
        yield self._make(e.Log, moment, service="mysqld", text=text)
        if _READY.search(text):
            yield from self._process("mysqld", "up", "", moment)
        elif _ENDED.search(text):
            yield from self._process("mysqld", "down", "", moment)

    def _of_systemd(self, text: str, moment: Moment) -> Iterator[e.Event]:
        if unit := _UNIT.search(text):
            service = "keepalived" if unit["unit"] == "keepalived" else "mysqld"
            if exited := _EXITED.search(unit["what"]):
                killed = exited["code"] in {"killed", "dumped"}
                reason = f"signal {exited['status']}" if killed else f"exit {exited['status']}"
                yield from self._process(service, "down", reason, moment)
        elif state := _UNIT_STATE.match(text):
            service = "keepalived" if state["unit"].lower() == "keepalived" else "mysqld"
            if state["what"] != "Stopping":
                is_up = state["what"] == "Started"
                yield from self._process(
                    service, "up" if is_up else "down", "" if is_up else "exit 0", moment
                )

    def _process(self, service: str, state: str, reason: str, moment: Moment) -> Iterator[e.Event]:
        if self._services.get(service) != state:
            self._services[service] = state
            if service == "keepalived":
                self._forget_instances()
            yield self._make(e.Process, moment, service=service, state=state, reason=reason)

    def _forget_instances(self) -> None:
        """What its instances were, and held, is not so any more."""
        self._states.clear()
        self._held.clear()

    def _address(self, address: str, held: bool, moment: Moment) -> Iterator[e.Event]:
        network = next((n for vips in self.addresses.values() for a, n in vips if a == address), "")
        if network and self._held.get(address) is not held:
            self._held[address] = held
            yield self._make(e.Address, moment, network=network, address=address, held=held, vip=True)

    def _make(self, kind: Make, moment: Moment, **fields: object) -> e.Event:
        return kind(node=self.node, **moment, **fields)
