"""Protocols: what a machine may use of its lab, and a service of its machine.

Neither knows the class behind it: `World` is an Environment, `Node` a Machine, `Keepalived` a Daemon.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Protocol

from hatlab.engine.simulator.clock import Clock
from hatlab.engine.simulator.disk import Disk
from hatlab.engine.simulator.network.firewall import Firewall
from hatlab.engine.simulator.network.network import Network, Port
from hatlab.events import Event
from hatlab.topology import Layout
from hatlab.vrrp.codec import Advertisement


class Environment(Protocol):
    """The lab around a machine."""

    layout: Layout
    clock: Clock
    random: Random
    networks: dict[str, Network]
    """By name."""
    vips: frozenset[str]
    """All virtual addresses of the lab."""

    def emit(self, event: Event) -> None:
        """Note a fact."""

    def start_script(
        self, machine: Machine, argv: Sequence[str], user: str, on_end: Callable[..., None], *args: Any
    ) -> ScriptProcess:
        """Run a program on a machine, as execve does: `on_end(exit status, *args)` when it is through.

        A negative status is the signal that ended it.
        """


class ScriptProcess(Protocol):
    """A script or program that runs on a machine, besides its services."""

    pid: int
    parent: int
    """The process that began it."""
    name: str
    command: str
    """Its name and arguments, as `ps` shows them."""
    ignores: set[int]
    """Signals that its shell traps."""

    def signal(self, number: int) -> None:
        """Send it, and what it began, a signal."""

    def abandon(self) -> None:
        """End it without a word to who began it."""


class Process(Protocol):
    """A process of a machine, as another program sees it."""

    @property
    def running(self) -> bool:
        """True if there is a process, frozen or not."""


class SqlProcess(Process, Protocol):
    """mysqld, as a program on the same machine sees it."""

    answering: bool
    """True if it accepts connections."""

    def query(self, statement: str, call: Callable[..., None], *args: Any) -> None:
        """Run a statement as root, then call `call(succeeded, *args)`; never, if nothing answers."""


class Machine(Protocol):
    """The machine that a service runs on."""

    name: str
    environment: Environment
    ports: dict[str, Port]
    """Its interfaces, by network."""
    conf: str
    """The text of its keepalived.conf, on its disk."""
    disk: Disk
    """Its other files."""

    @property
    def now(self) -> float:
        """Seconds since the lab began."""

    @property
    def mysqld(self) -> SqlProcess:
        """Its mysqld, which may be down, or never meant to run."""

    @property
    def keepalived(self) -> Process:
        """Its keepalived, which may be down, or never meant to run."""

    def emit(self, event: Event) -> None:
        """Note a fact."""

    def log(self, service: str, text: str) -> None:
        """Add a line to a service's log."""

    def list_process_names(self) -> list[tuple[str, str]]:
        """Return the name and the command line of each process of its services."""

    def on_process_changed(self) -> None:
        """Take note that a process of its services began or ended."""

    def new_pid(self) -> int:
        """Return a process id that was not used before."""

    def find_port(self, device: str) -> Port | None:
        """Return the interface of this name, None if there is none."""

    def port_holding(self, address: str) -> Port | None:
        """Return the interface that holds an address, None if none does."""

    firewall: Firewall

    def set_refused(self, addresses: list[str] | None) -> None:
        """Set keepalived's own table, of addresses to which every packet is dropped; None: no such table."""

    def set_address(self, address: str, device: str, held: bool) -> bool:
        """Put an address on an interface, or take it off; False if nothing changed."""


class Pace(Protocol):
    """How fast announcements follow one another."""

    def send(self, port: Port, address: str, repeat: int, send: Callable[[Port, str], None]) -> None:
        """Send an announcement, or queue it; more than `repeat` of one address never wait."""

    def forget(self, addresses: set[str]) -> None:
        """Send nothing of these addresses that still waits."""


class Daemon(Protocol):
    """A running keepalived, as its instances and checks use it."""

    def run_check(self, name: str, on_end: Callable[..., None], *args: Any) -> ScriptProcess | None:
        """Run the program of a vrrp_script: `on_end(exit status, *args)` when it ends, which may be never."""

    def run_notify(self, kind: str, name: str, state: str, priority: int) -> None:
        """Run what an INSTANCE or GROUP has for a state that it entered."""

    node: Machine
    pacing: Pace
    generation: int
    """Counts the processes that it has been."""
    reloads: int
    """Counts the reloads; what was planned before one is forgotten."""

    @property
    def frozen(self) -> bool:
        """True after SIGSTOP."""

    @property
    def has_notify_fifo(self) -> bool:
        """True if its configuration names a notify FIFO."""

    has_table: bool
    """Its own table of the packet filter is set up."""

    @property
    def uses_firewall(self) -> bool:
        """True if its configuration needs rules of the packet filter."""

    def log(self, text: str) -> None:
        """Add a line to its log."""

    def call_after(self, seconds: float, call: Callable[..., None], *args: Any) -> None:
        """Call a bound method after some seconds of this process's life."""

    def receive(self, port: Port, advert: Advertisement) -> None:
        """A VRRP packet arrived at an interface."""

    def on_processes_changed(self, name: str, has_quorum: bool) -> None:
        """Take note that as many of a tracked program's processes run as shall, or no longer."""

    def on_check_changed(self, name: str, *, first: bool) -> None:
        """Take note that a check's verdict changed; its first one counts as a change."""
