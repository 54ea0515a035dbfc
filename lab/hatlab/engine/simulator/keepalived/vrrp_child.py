"""keepalived's VRRP process: its instances, checks and sync groups, and what reaches them."""

from __future__ import annotations

from math import inf

from hatlab.engine.simulator.environment import Daemon
from hatlab.engine.simulator.keepalived.config import Config, InstanceConfig
from hatlab.engine.simulator.keepalived.instance import STOPPED, WRONG_CONFIGURATION, Instance
from hatlab.engine.simulator.keepalived.sync_group import SyncGroup
from hatlab.engine.simulator.keepalived.vrrp_script import Check
from hatlab.engine.simulator.network.network import Port
from hatlab.util.addresses import is_ipv6
from hatlab.vrrp import machine
from hatlab.vrrp.acceptance import socket_receives
from hatlab.vrrp.codec import Advertisement
from hatlab.vrrp.router import State


class VrrpChild:
    """The VRRP process of a daemon; empty while there is none."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.pid: int | None = None
        self.instances: dict[str, Instance] = {}
        self.checks: dict[str, Check] = {}
        self.socket_queue: list[tuple[Port, Advertisement]] = []
        """Adverts that arrived while it was frozen."""

    # -- life

    def start(self, config: Config) -> None:
        """Remove addresses left by an earlier process, then run every check and instance of the file."""
        daemon = self.daemon
        self.checks = {}
        self.instances = {}
        for instance_config in config.instances:
            self.add_instance(config, instance_config)
        for instance in self.instances.values():
            instance.held.release(force=True)
        daemon.log("Startup complete")
        self.form_groups()
        self.start_checks(self.checks)
        deaf_until = daemon.node.now + config.startup_delay if config.startup_delay else 0.0
        for instance in list(self.instances.values()):
            instance.deaf_until = deaf_until
            instance.held.release(force=True)
            instance.start()

    def stop(self) -> None:
        """Each Master says priority 0 and gives its addresses up."""
        for instance in self.instances.values():
            instance.apply(machine.stop(instance.rules, instance.router))
            instance.alarm.set(inf)
            instance.report(STOPPED)
        self.clear()

    def clear(self) -> None:
        """The process is gone; the addresses stay."""
        for instance in self.instances.values():
            instance.alarm.set(inf)
        self.instances, self.checks = {}, {}
        self.socket_queue.clear()

    def wake_up(self) -> None:
        """After SIGCONT: first the adverts that wait in the socket, then the timers that ended meanwhile."""
        now = self.daemon.node.now
        lateness = [now - i.router.until for i in self.instances.values() if i.router.until < now]
        if lateness:
            self.daemon.log(f"A thread timer expired {max(lateness):.6f} seconds ago")
        queue, self.socket_queue = self.socket_queue, []
        for port, advert in queue:
            self.dispatch(port, advert)
        for instance in list(self.instances.values()):
            if instance.router.until <= now:
                instance.timer_expired()

    # -- what a configuration has in it

    def add_instance(self, config: Config, instance_config: InstanceConfig) -> Instance:
        """Make an instance on its interface, with its checks."""
        port = self._find_port(instance_config)
        for script, _ in instance_config.checks:
            if script not in self.checks:
                self.checks[script] = Check(self.daemon, config.scripts[script])
        instance = Instance(self.daemon, instance_config, port, self.checks)
        self.instances[instance_config.settings.instance] = instance
        self.find_troubles(instance)
        return instance

    def _find_port(self, instance_config: InstanceConfig) -> Port:
        """Return an instance's interface. A unicast one may name none: its packets take their own way."""
        node, settings = self.daemon.node, instance_config.settings
        port = node.find_port(settings.interface) if settings.interface else None
        if port is None:
            assert not settings.interface, "an interface that is missing is fatal"
            port = node.port_holding(settings.adverts.source) or next(iter(node.ports.values()))
        return port

    def find_troubles(self, instance: Instance) -> None:
        """Set what keeps an instance from running as things stand."""
        config = instance.config
        instance.troubles.clear()
        instance.undecided.clear()
        for script, weight in config.checks:
            if weight == 0 and self.checks[script].ok is None:
                instance.undecided.add(_script_trouble(script))
            elif weight == 0 and not self.checks[script].ok:
                instance.troubles.add(_script_trouble(script))
        for device in config.devices:
            port = self.daemon.node.find_port(device)
            if port is not None and not port.up:
                instance.troubles.add(_link_trouble(device))
        if config.settings.adverts.fault_without_peers:
            instance.troubles.add(WRONG_CONFIGURATION)
        if config.settings.family == 6 and not instance.port.has_link_local:
            instance.troubles.add(_NO_SOURCE)

    def form_groups(self) -> None:
        """Put the instances into their sync groups."""
        groups: dict[str, SyncGroup] = {}
        for instance in self.instances.values():
            name = instance.config.settings.sync_group
            instance.group = groups.setdefault(name, SyncGroup(name)) if name else None
            if instance.group is not None:
                instance.group.members.append(instance)
        for group in groups.values():
            group.update_state()

    def start_checks(self, checks: dict[str, Check]) -> None:
        """Run each check for the first time."""
        for check in list(checks.values()):
            check.run()

    # -- what reaches it

    def dispatch(self, port: Port, advert: Advertisement) -> None:
        """Hand an advert to the instance that it is for: one whose socket gets it, with its VRID.

        Unicast instances may share a VRID if their peers differ (vrrp_dispatcher_read).
        """
        family = 6 if is_ipv6(advert.source) else 4
        listening = [
            i
            for i in self.instances.values()
            if i.port is port and i.config.settings.family == family and socket_receives(i.rules, advert)
        ]
        concerned = [i for i in listening if i.rules.vrid == advert.vrid]
        if len(concerned) > 1:
            concerned = [i for i in concerned if advert.source in i.rules.peers]
        if concerned:
            concerned[0].receive(advert)
        elif listening and listening[0].config.settings.adverts.logs_unknown_vrids:
            told = f"Unknown VRID({advert.vrid}) received on interface({port.device}). ignoring..."
            self.daemon.log(told)

    def on_link_changed(self, device: str, up: bool) -> None:
        """Netlink says that an interface went up or down."""
        concerned = [i for i in self.instances.values() if device in i.config.devices]
        if self.instances:
            self.daemon.log(f"Netlink reports {device} {'up' if up else 'down'}")
        for instance in concerned:
            instance.set_trouble(_link_trouble(device), not up)

    def on_link_local_changed(self, port: Port) -> None:
        """Netlink says that an interface has lost its link-local address, or has it again: instances of IPv6
        have nothing else to send from (netlink_if_address_filter)."""
        concerned = [i for i in self.instances.values() if i.port is port]
        if not concerned:
            return
        words = ("Assigned", "for") if port.has_link_local else ("Deassigned", "from")
        self.daemon.log(f"{words[0]} address {port.ipv6_source} {words[1]} interface {port.device}")
        for instance in concerned:
            if instance.config.settings.family == 6:
                instance.set_trouble(_NO_SOURCE, not port.has_link_local)

    def on_address_deleted(self, address: str, device: str) -> None:
        """Netlink says that somebody took an address away: its Master, and its whole group, give way."""
        daemon = self.daemon
        daemon.log(f"Netlink reflector reports IP {address} removed from {device}")
        for instance in self.instances.values():
            if address in instance.rules.addresses and instance.router.state is State.MASTER:
                group = instance.group
                others = [m for m in group.members if m is not instance] if group else []
                for member in (instance, *others):
                    member.wants_master = False
                    member.apply(machine.lose_address(member.rules, member.router, daemon.node.now))
                if group:
                    group.update_state()

    def on_check_changed(self, name: str) -> None:
        """A check's verdict changed."""
        ok = self.checks[name].ok
        for instance in self.instances.values():
            weight = dict(instance.config.checks).get(name)
            if weight == 0:
                instance.set_trouble(_script_trouble(name), not ok)
            elif weight is not None and instance.router.state is not State.INIT:
                instance.update_priority()


_NO_SOURCE = "no address to send from"


def _script_trouble(name: str) -> str:
    return f"script `{name}`"


def _link_trouble(device: str) -> str:
    return f"interface {device} down"
