"""keepalived's VRRP process: its instances, checks and sync groups, and what reaches them."""

from __future__ import annotations

from math import inf

from hatlab.engine.simulator.environment import Daemon
from hatlab.engine.simulator.keepalived.backlog import Backlog
from hatlab.engine.simulator.keepalived.config import Config, InstanceConfig
from hatlab.engine.simulator.keepalived.instance import STOPPED, Instance
from hatlab.engine.simulator.keepalived.pacing import Pacing
from hatlab.engine.simulator.keepalived.socket_timers import SocketTimers
from hatlab.engine.simulator.keepalived.sync_group import SyncGroup
from hatlab.engine.simulator.keepalived.tracking import NO_SOURCE, Trackers
from hatlab.engine.simulator.network.network import Port
from hatlab.keepalived.tracks import Track
from hatlab.util.addresses import is_ipv6
from hatlab.vrrp import machine
from hatlab.vrrp.acceptance import socket_receives
from hatlab.vrrp.codec import Advertisement
from hatlab.vrrp.router import State

MEANWHILE = 0.5
"""Chance that the parent has handed a reload on while adverts of a frozen time were answered: one round of
sockets or several were seen to be answered before it."""


class VrrpChild:
    """The VRRP process of a daemon; empty while there is none."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.pid: int | None = None
        self.instances: dict[str, Instance] = {}
        self.trackers = Trackers(daemon)
        self.deaf_until = 0.0
        """Until when its instances hear nothing: the end of `vrrp_startup_delay`, s; 0 for no such end."""
        self.backlog = Backlog()

    # -- life

    def start(self, config: Config) -> None:
        """Remove addresses left by an earlier process, then run every check and instance of the file."""
        daemon = self.daemon
        self.instances = {}
        self.take_checks(config)
        self.configure(config)
        for instance in self.instances.values():
            if instance.in_trouble:
                instance.begin_in_fault(told=False)
        for instance in self.instances.values():
            if not instance.held.make_vmac():
                instance.held.release(force=True)
        daemon.log("Startup complete")
        for group in self._groups():
            if group.state in {State.FAULT, State.BACKUP}:
                daemon.run_notify("GROUP", group.name, group.state, 0)
        self.begin()

    def take_checks(self, config: Config, previous: Config | None = None) -> None:
        """Take what a configuration tracks, and its startup delay: at a reload in place of the `previous`."""
        if previous is None:
            self.deaf_until = 0.0
            if delay := config.startup_delay:
                self.deaf_until = self.daemon.node.now + delay
                self.daemon.log(f"Delaying startup for {delay:g} seconds")
                self.daemon.call_after(delay, self.end_startup_delay, self.deaf_until)
        before, self.trackers = self.trackers, Trackers(self.daemon)
        self.trackers.configure(config, before if previous else None)
        if previous is not None:
            self._move_startup_delay(previous.startup_delay, config.startup_delay)

    def configure(self, config: Config) -> None:
        """Make the instances of a configuration, and find what they depend on."""
        self.daemon.pacing = Pacing(self.daemon, config.garp_paces)
        sockets: dict[tuple[object, ...], SocketTimers] = {}
        for instance_config in config.instances:
            port = self._find_port(instance_config)
            instance = Instance(self.daemon, instance_config, port, self.trackers)
            instance.timers = sockets.setdefault(instance.socket, instance.timers)
            self.instances[instance.name] = instance
        self._form_groups()
        told: set[str] = set()
        for instance in self.instances.values():
            instance.begin_tracking()
            group = instance.group.name if instance.group else ""
            if group and instance.tracking.told_faults and group not in told:
                told.add(group)
                self.daemon.log(f"VRRP_Group({group}): Syncing {instance.name} to FAULT state")
        self.update_groups()
        for script in config.scripts:
            if not any(instance.tracking.of("script", script) for instance in self.instances.values()):
                self.daemon.log(f"Warning - script {script} is not used")

    def update_groups(self) -> None:
        """Every sync group takes its state from its members."""
        for group in self._groups():
            group.update_state()

    def _groups(self) -> list[SyncGroup]:
        """Return the sync groups in the configuration's order."""
        return list({id(i.group): i.group for i in self.instances.values() if i.group}.values())

    def begin(self) -> None:
        """Every instance takes up its state, and every check runs (vrrp_dispatcher_init)."""
        for instance in list(self.instances.values()):
            instance.deaf_until = self.deaf_until
            if instance.rules.peers and instance.needs_link_local and not instance.port.has_link_local:
                self.daemon.log("bind unicast_src (none) failed 22 - Invalid argument")
            instance.begin()
        self.trackers.run()

    def _move_startup_delay(self, before: float, after: float) -> None:
        """A reload makes a startup delay that still runs longer or shorter."""
        daemon = self.daemon
        if not self.deaf_until:
            return
        self.deaf_until += after - before
        left = self.deaf_until - daemon.node.now
        if left <= 0:
            self.deaf_until = 0.0
            daemon.log("Reduced delayed start passed")
        else:
            daemon.log(f"Delaying startup for a further {left:g} seconds")
            daemon.call_after(left, self.end_startup_delay, self.deaf_until)

    def end_startup_delay(self, deaf_until: float) -> None:
        """The startup delay is over, if it still ends then."""
        if deaf_until == self.deaf_until:
            self.deaf_until = 0.0
            self.daemon.log("Delayed start completed")

    def stop(self) -> None:
        """Each Master says priority 0 and gives its addresses up."""
        for instance in self.instances.values():
            instance.apply(machine.stop(instance.rules, instance.router))
            instance.timers.set(instance, inf)
            instance.report(STOPPED)
        for group in self._groups():
            self.daemon.run_notify("GROUP", group.name, STOPPED, 0)
        self.clear()

    def clear(self) -> None:
        """The process is gone; the addresses stay."""
        for instance in self.instances.values():
            instance.timers.set(instance, inf)
        self.trackers.end()
        self.instances, self.trackers = {}, Trackers(self.daemon)
        self.backlog = Backlog()

    def wake_up(self, will_reload: bool) -> None:
        """After SIGCONT: first what waits in the sockets, then the timers that ended meanwhile; or they come
        once a first round of the sockets is read, if the kernel tells of them in that order.

        A reload that waits comes as soon as the parent hands it on, which takes no longer than some answers:
        what is left in the sockets is lost with them, and timers begin anew.
        """
        now = self.daemon.node.now
        lateness = [now - i.router.until for i in self.instances.values() if i.router.until < now]
        if lateness:
            self.daemon.log(f"A thread timer expired {max(lateness):.6f} seconds ago")
            self._step_back(now, max(lateness))
        backlog, self.backlog = self.backlog, Backlog()
        answered, random = self._count_sent(), self.daemon.node.environment.random
        timers_early = random.random() < MEANWHILE
        while backlog.queues:
            for call, args in backlog.take_round():
                call(*args)
            if timers_early and not will_reload:
                timers_early = False
                self._end_timers(now)
            if will_reload and self._count_sent() > answered and random.random() < MEANWHILE:
                break
        if not will_reload:
            self._end_timers(now)

    def _end_timers(self, now: float) -> None:
        for instance in sorted(self.instances.values(), key=lambda instance: instance.router.until):
            if instance.router.until <= now:
                instance.timer_expired()

    def _count_sent(self) -> int:
        return sum(instance.sender.sent for instance in self.instances.values())

    def _step_back(self, now: float, late: float) -> None:
        """A Master that has not run for long may have a successor (vrrp_thread_timeout_handler)."""
        overdue = [i for i in self.instances.values() if machine.is_overdue(i.rules, i.router, now)]
        if overdue:
            self.daemon.log(f"VRRP thread timer expired {late:.6f} seconds ago")
        for instance in overdue:
            instance.apply(machine.give_way(instance.rules, instance.router, now))

    def _find_port(self, instance_config: InstanceConfig) -> Port:
        """Return an instance's interface. A unicast one may name none: its packets take their own way."""
        node, settings = self.daemon.node, instance_config.settings
        port = node.find_port(settings.interface) if settings.interface else None
        if port is None:
            assert not settings.interface, "an interface that is missing is fatal"
            port = node.port_holding(settings.adverts.source) or next(iter(node.ports.values()))
        return port

    def _form_groups(self) -> None:
        """Put the instances into their sync groups."""
        groups: dict[str, SyncGroup] = {}
        for instance in self.instances.values():
            name = instance.config.settings.sync_group
            instance.group = groups.setdefault(name, SyncGroup(name)) if name else None
            if instance.group is not None:
                instance.group.members.append(instance)

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
        tracks = self._tracking("interface", device)
        if tracks or any(i.port.device == device for i in self.instances.values()):
            self.daemon.log(f"Netlink reports {device} {'up' if up else 'down'}")
        for instance, track in tracks:
            instance.tracking.take(track, up)

    def on_link_local_changed(self, port: Port) -> None:
        """Netlink says that an interface has lost its link-local address, or has it again: instances of IPv6
        have nothing else to send from (netlink_if_address_filter)."""
        concerned = [i for i in self.instances.values() if i.port is port]
        if not concerned:
            return
        words = ("Assigned", "for") if port.has_link_local else ("Deassigned", "from")
        self.daemon.log(f"{words[0]} address {port.ipv6_source} {words[1]} interface {port.device}")
        for instance in concerned:
            if instance.needs_link_local:
                if port.has_link_local:
                    instance.clear_fault(NO_SOURCE)
                else:
                    instance.set_fault(NO_SOURCE)

    def on_address_deleted(self, address: str, device: str) -> None:
        """Netlink says that somebody took an address away: its Master, and its whole group, give way. Nobody
        asks for an address with `no_track` (address_is_ours)."""
        masters = (i for i in self.instances.values() if i.router.state is State.MASTER)
        owners = [(i, vip) for i in masters for vip in i.config.vips if vip.address == address]
        if not owners or not owners[0][1].tracked:
            return
        self.daemon.log(f"Netlink reflector reports IP {address} removed from {device}")
        instance, group = owners[0][0], owners[0][0].group
        others = [m for m in group.members if m is not instance] if group else []
        for member in (instance, *others):
            member.wants_master = False
            member.apply(machine.lose_address(member.rules, member.router, self.daemon.node.now))
        if group:
            group.update_state()

    def on_check_changed(self, name: str, *, first: bool) -> None:
        """A check's verdict changed; its first one counts as a change."""
        check = self.trackers.checks[name]
        for instance, track in self._tracking("script", name):
            if first:
                instance.tracking.take_first_run(track, bool(check.ok), check.begun_by_reload)
            else:
                instance.tracking.take(track, bool(check.ok))

    def on_file_changed(self, path: str) -> None:
        """Inotify says that somebody wrote or removed a file."""
        for name, file in self.trackers.files.items():
            if file.path == path:
                before = file.read()
                for instance, track in self._tracking("file", name):
                    instance.tracking.take_value(track, before, file.value)

    def look_at_processes(self) -> None:
        """The kernel says that a process began or ended."""
        for processes in self.trackers.processes.values():
            processes.look()

    def on_processes_changed(self, name: str, has_quorum: bool) -> None:
        """As many of a program's processes run as shall, or no longer."""
        for instance, track in self._tracking("process", name):
            instance.tracking.take(track, has_quorum)

    def _tracking(self, kind: str, name: str) -> list[tuple[Instance, Track]]:
        """Return who depends on a thing, and how: those first that name it themselves."""
        instances = list(self.instances.values())
        found = [(i, track) for i in instances if (track := i.tracking.of(kind, name))]
        return sorted(found, key=lambda pair: pair[1].from_group)
