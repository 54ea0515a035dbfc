"""A simulated keepalived 2.3: reads its keepalived.conf, drives `hatlab.vrrp.machine` for each instance."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from hatlab.engine.simulator.keepalived.check import Check
from hatlab.engine.simulator.keepalived.config import Conf, read
from hatlab.engine.simulator.keepalived.config_check import fatal, remarks
from hatlab.engine.simulator.keepalived.instance import STOPPED, Instance
from hatlab.engine.simulator.keepalived.instance_setup import (
    add_instance,
    form_groups,
    interface_down,
    script_failed,
)
from hatlab.engine.simulator.keepalived.reload import reread
from hatlab.engine.simulator.network.network import Port
from hatlab.engine.simulator.service import Service
from hatlab.vrrp import machine
from hatlab.vrrp.codec import Advertisement
from hatlab.vrrp.router import State

if TYPE_CHECKING:
    from hatlab.engine.simulator.node import Node

START = 0.017
"""Seconds from exec to the first state, measured."""
STOPPING = 1.0
"""Seconds from SIGTERM to the end, measured."""
RELOAD = 0.004
RESPAWN = 0.011
"""Seconds from the end of the VRRP child to its successor's first state, measured."""
IPVS = 0.009
"""Seconds that the checker process takes to find that the kernel has no ip_vs, measured."""
REFUSAL = 0.012
"""Seconds from a fatal line to the end, measured."""
ORPHAN = (0.07, 0.95)
"""Seconds from its parent's end until the VRRP child is seen to run alone, and for which it still does."""
VERSION = "Keepalived v2.3.4 (06/10,2025)"


class Keepalived(Service):
    """The daemon: a parent and its VRRP child."""

    name = "keepalived"

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.text = node.conf
        """The configuration that its parent read last; a child takes it from there."""
        self.conf: Conf = read(self.text)
        self.instances: dict[str, Instance] = {}
        self.checks: dict[str, Check] = {}
        self.queue: list[tuple[Port, Advertisement]] = []
        """Adverts in the socket of a frozen daemon."""
        self.child: int | None = None
        self.orphaned = False
        """Whether only the VRRP child is left, and about to end."""
        self.reloads = 0
        """How often it was reloaded: what was planned before a reload is forgotten."""

    @property
    def life(self) -> int:
        """Which of its processes is running: a new number each time."""
        return self._life

    def say(self, text: str) -> None:
        """A line in the log."""
        self.node.log(self.name, text)

    # -- life

    def spawn(self) -> None:
        self.begin()
        self.orphaned = False
        self.say(f"Starting {VERSION}")
        self._say_file()
        self._read()
        self.after(START, self._child_begins)

    def _read(self) -> None:
        self.text = self.node.conf
        self.conf = read(self.text)

    def _say_file(self) -> None:
        self.say("Opening file '/etc/keepalived/keepalived.conf'.")
        self.say("Configuration file /etc/keepalived/keepalived.conf")

    def _child_begins(self) -> None:
        """The VRRP child takes the configuration that its parent read, removes addresses left by an earlier
        one, and starts."""
        node = self.node
        self._begin_checker()
        self.child = node.new_pid()
        self.say(f"Starting VRRP child process, pid={self.child}")
        for line in remarks(self.text):
            self.say(line)
        if self._refuses():
            return
        self._drop_stale()
        self.checks = {}
        self.instances = {}
        for conf in self.conf.instances:
            add_instance(self, conf)
        form_groups(self)
        self.begin_checks(self.checks)
        deaf = node.now + self.conf.startup_delay if self.conf.startup_delay else 0.0
        for instance in list(self.instances.values()):
            instance.deaf_until = deaf
            self.say(f"({instance.name}) removing VIPs.")
            instance.begin()

    def _refuses(self) -> bool:
        """Whether the configuration names what is not there: all of it ends then, and held addresses stay."""
        lines = fatal(self.text, tuple(port.device for port in self.node.ports.values()))
        for line in lines:
            self.say(line)
        if lines:
            self._forget()
            self._life += 1
            self.after(REFUSAL, self._ended, f"pid {self.child} exited with permanent error CONFIG", "exit 2")
        return bool(lines)

    def _ended(self, why: str, reason: str) -> None:
        self.say(f"{why}. Terminating")
        self.say(f"Stopped {VERSION}")
        self.end(reason)

    def _begin_checker(self) -> None:
        """A virtual_server needs IPVS, which this kernel lacks: the checker ends, and its parent with it."""
        if self.conf.balances:
            checker = self.node.new_pid()
            self.say(f"Starting Healthcheck child process, pid={checker}")
            self.say("Initializing ipvs")
            self.after(IPVS, self._no_ipvs, checker)

    def _no_ipvs(self, checker: int) -> None:
        self.say("IPVS: Can't initialize ipvs: No such file or directory")
        for real, virtual in self.conf.servers:
            self.say(f"Shutting down service {real} from VS {virtual}")
        self._stop_instances()
        self._ended(f"pid {checker} exited with permanent error FATAL", "exit 1")
        self.after(ORPHAN[0], self._left_alone)

    def _left_alone(self) -> None:
        """The VRRP child goes on for the second that an orderly end takes."""
        self.orphaned = True
        self.pid = self.child
        self.tell("up")
        self.after(ORPHAN[1], self.end, "exit 0")

    def _drop_stale(self) -> None:
        for conf in self.conf.instances:
            self.say(f"({conf.settings.instance}) removing VIPs.")
            for address, device in conf.vips:
                self.node.hold(address, device, False)
        self.say("Startup complete")

    def begin_checks(self, checks: dict[str, Check]) -> None:
        """Runs each check for the first time."""
        for check in list(checks.values()):
            check.run()

    def kill(self) -> None:
        """SIGKILL to parent and child: the addresses stay."""
        self._forget()
        self.end("signal 9")

    def vanish(self) -> None:
        self._forget()
        super().vanish()

    def _forget(self) -> None:
        for instance in self.instances.values():
            instance.alarm.set(inf)
        self.instances, self.checks = {}, {}
        self.queue.clear()

    def kill_child(self) -> None:
        """SIGKILL to the VRRP child: its parent starts another at once."""
        pid = self.child
        self._forget()
        self._life += 1
        self.missed.clear()
        self.say(f"pid {pid} exited due to signal 9 (Killed) - has rlimit_rttime been exceeded?")
        self.say(f"VRRP child process({pid}) died: Respawning")
        self.say("Restart of VRRP process delayed 0 seconds to limit respawn rate")
        self.after(RESPAWN, self._child_begins)

    def stop(self) -> None:
        """SIGTERM: a Master says priority 0; the process ends a second later."""
        self.say("Stopping")
        self._stop_instances()
        self._life += 1
        self.after(STOPPING, self._stopped)

    def _stop_instances(self) -> None:
        """Each Master says priority 0 and gives its addresses up."""
        for instance in self.instances.values():
            instance.apply(machine.stop(instance.rules, instance.router))
            instance.alarm.set(inf)
            instance.report(STOPPED)
        self._forget()

    def _stopped(self) -> None:
        self.say(f"Stopped {VERSION}")
        self.end("exit 0")

    def thaw(self) -> None:
        """SIGCONT: first the adverts that waited in the socket, then the timers that ended meanwhile."""
        self.tell("up")
        late = [
            self.node.now - i.router.until for i in self.instances.values() if i.router.until < self.node.now
        ]
        if late:
            self.say(f"A thread timer expired {max(late):.6f} seconds ago")
        queue, self.queue = self.queue, []
        for port, advert in queue:
            self._dispatch(port, advert)
        for instance in list(self.instances.values()):
            if instance.router.until <= self.node.now:
                instance.ring()
        self.catch_up()

    def reload(self) -> None:
        """SIGHUP: reads the configuration again. A Master stays, and advertises at once, before it reads
        (sigreload_vrrp) and after; others begin anew."""
        if self.orphaned:
            return
        self.say("Reloading ...")
        self._say_file()
        for instance in self.instances.values():
            if instance.router.state is State.MASTER:
                instance.send(instance.router.priority)
        self.say("Reloading")
        self.after(RELOAD, self._reload)

    def _reload(self) -> None:
        self.reloads += 1
        self._read()
        if self._refuses():
            return
        self._begin_checker()
        reread(self)

    # -- what happens to it

    def receive(self, port: Port, advert: Advertisement) -> None:
        """A VRRP packet arrived at an interface."""
        if self.state == "up":
            self._dispatch(port, advert)
        elif self.frozen:
            self.queue.append((port, advert))

    def _dispatch(self, port: Port, advert: Advertisement) -> None:
        for instance in self.instances.values():
            if instance.port is port and instance.rules.vrid == advert.vrid:
                instance.hear(advert)

    def on_link(self, device: str, up: bool) -> None:
        """Netlink says that an interface went up or down."""
        if self.running:
            self.after(0.0, self._link, device, up)

    def _link(self, device: str, up: bool) -> None:
        concerned = [
            i for i in self.instances.values() if device in (i.conf.settings.interface, *i.conf.tracked)
        ]
        if self.instances:
            self.say(f"Netlink reports {device} {'up' if up else 'down'}")
        for instance in concerned:
            instance.trouble(interface_down(device), not up)

    def on_address_gone(self, address: str, device: str) -> None:
        """Netlink says that somebody took an address away."""
        if self.running:
            self.after(0.0, self._address_gone, address, device)

    def _address_gone(self, address: str, device: str) -> None:
        self.say(f"Netlink reflector reports IP {address} removed from {device}")
        for instance in self.instances.values():
            if address in instance.rules.addresses and instance.router.state is State.MASTER:
                group = instance.group
                for each in (
                    [instance, *(m for m in group.members if m is not instance)] if group else [instance]
                ):
                    each.wants_master = False
                    each.apply(machine.lose_address(each.rules, each.router, self.node.now))
                if group:
                    group.settle()

    def on_check(self, name: str) -> None:
        """A check's verdict changed."""
        ok = self.checks[name].ok
        for instance in self.instances.values():
            weight = dict(instance.conf.checks).get(name)
            if weight == 0:
                instance.trouble(script_failed(name), not ok)
            elif weight is not None and instance.router.state is not State.INIT:
                instance.weigh()
