"""One vrrp_instance of a running daemon: feeds `hatlab.vrrp.machine` and carries its outputs out."""

from __future__ import annotations

from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING

from hatlab import events as e
from hatlab.engine.simulator.clock import Alarm
from hatlab.engine.simulator.keepalived import scripts
from hatlab.engine.simulator.keepalived.config import InstanceConf
from hatlab.engine.simulator.keepalived.sync_group import SyncGroup
from hatlab.engine.simulator.network.network import Port, advert_frame, announcement, numbered
from hatlab.vrrp import machine
from hatlab.vrrp.acceptance import address_list_line, refusal_line, socket_receives
from hatlab.vrrp.codec import Advertisement
from hatlab.vrrp.router import (
    ANNOUNCE,
    ANNOUNCE_AGAIN,
    Announce,
    Enter,
    Heard,
    Hold,
    Output,
    Router,
    Rules,
    Say,
    Send,
    State,
    Step,
)

if TYPE_CHECKING:
    from hatlab.engine.simulator.keepalived.daemon import Keepalived

WAKE = (0.00005, 0.0002)
"""Seconds by which a timer is served late."""
READ = 0.00025
"""Seconds from a frame's arrival to its being read: a timer set by it starts then."""
TAKE_OVER = 0.0006
"""Seconds a new Master needs for its addresses before its advert timer starts. So of two Masters that mute
each other, the one that was there first stays ahead."""
ANNOUNCING = 0.0002
"""Seconds that gratuitous ARPs take before an advert timer starts."""

STOPPED = "STOPPED"

_announcement = lru_cache(maxsize=256)(announcement)


def _no_matter(_: int) -> None:
    """keepalived does not look at a notify script's exit status."""


class Instance:
    """One vrrp_instance of a running daemon."""

    def __init__(self, daemon: Keepalived, conf: InstanceConf, port: Port) -> None:
        self.daemon, self.port = daemon, port
        self.configure(conf)
        self.router = Router(State.INIT, conf.settings.priority)
        self.alarm = Alarm(daemon.node.world.clock, self.ring)
        self.troubles: set[str] = set()
        """Why it is in FAULT: failed checks of weight 0 and interfaces that are down."""
        self.undecided: set[str] = set()
        """Checks of weight 0 without a first result."""
        self.group: SyncGroup | None = None
        self.wants_master = False
        """Whether its timer has ended since it last heard a better Master: what a sync group waits for."""
        self.deaf_until = 0.0
        self.reported = ""
        self._ident = 0
        self._heard: tuple[Advertisement | None, str, str, Heard] | None = None

    def configure(self, conf: InstanceConf) -> None:
        """Takes a configuration."""
        own = conf.settings
        self.conf = conf
        self.rules = Rules(
            own.instance,
            own.version,
            own.vrid or 0,
            own.priority,
            own.interval,
            self.port.address,
            tuple(address for address, _ in conf.vips),
            own.state == "MASTER",
            own.nopreempt,
            own.preempt_delay,
            own.auth_pass,
            self.daemon.conf.answer_lower,
            own.unicast_peers,
            conf.known_peers_only,
        )
        self._heard = None

    @property
    def name(self) -> str:
        return self.rules.name

    @property
    def now(self) -> float:
        return self.daemon.node.now

    @property
    def in_trouble(self) -> bool:
        """Whether it must be in FAULT, for a reason of its own or of its sync group's."""
        return bool(self.troubles) or (self.group is not None and self.group.troubled)

    @property
    def waits(self) -> bool:
        """Whether a check, its own or one of its sync group, has no first result yet."""
        return bool(self.undecided) or (self.group is not None and self.group.undecided)

    # -- inputs

    def ring(self) -> None:
        """Its timer ended; a frozen daemon sees to it when it is thawed."""
        if self.daemon.frozen:
            return
        if self.router.state is State.MASTER:
            self.apply(machine.timer_ended(self.rules, self.router, self.now))
            return
        self.wants_master = True
        if self.group is not None and not self.group.may_lead(self):
            self.apply(machine.held_back(self.rules, self.router, self.now))
            return
        self.apply(machine.timer_ended(self.rules, self.router, self.now), TAKE_OVER)
        if self.group is not None:
            self.group.to_master(self)

    def hear(self, advert: Advertisement) -> None:
        """An advert for its VRID arrived."""
        now = self.now
        if now < self.deaf_until or not socket_receives(self.rules, advert):
            return
        known = self._heard
        if known is None or known[0] is not advert:
            rules = self.rules
            heard = Heard(advert.source, advert.priority or 0, advert.interval or rules.interval)
            known = self._heard = (
                advert,
                refusal_line(rules, advert),
                address_list_line(rules, advert),
                heard,
            )
        _, bad, note, heard = known
        if bad:
            self.apply(machine.reject(self.rules, self.router, bad, advert.source, now), READ)
            return
        if note:
            self.daemon.say(note)
        before = self.router
        self.apply(machine.hear(self.rules, before, heard, now), READ)
        if self.router.state is State.BACKUP and heard.priority and self.router.until != before.until:
            self.wants_master = False
            if before.state is State.MASTER and self.group is not None:
                self.group.to_backup(self)

    def begin(self, quiet: bool = False) -> None:
        """Starts if nothing stands in the way: FAULT with a reason, INIT while a check is undecided."""
        if self.in_trouble:
            if not quiet:
                self.daemon.say(f"({self.name}) Entering FAULT STATE (init)")
            self.router = Router(State.FAULT, self.effective())
            self.report(State.FAULT)
        elif not self.waits:
            began = max(self.now, self.deaf_until)
            self.apply(machine.start(self.rules, self.effective(), began, quiet=quiet))

    def trouble(self, what: str, present: bool) -> None:
        """A reason for FAULT came or went."""
        before = bool(self.troubles)
        (self.troubles.add if present else self.troubles.discard)(what)
        self.undecided.discard(what)
        fails = present and not before
        if self.router.state is State.INIT:
            if not present and self.waits:
                return
            self.begin(quiet=True)
        elif fails:
            self.wants_master = False
            self.apply(machine.fail(self.rules, self.router))
        elif self.router.state is State.FAULT and not self.in_trouble and not self.waits:
            self.apply(machine.recover(self.rules, self.router, self.now))
        else:
            return
        if self.router.state is State.BACKUP and self.rules.peers:
            self._greet()
        if self.group is not None and fails:
            self.group.to_fault(self)
        elif self.group is not None and self.router.state is State.BACKUP:
            self.group.to_backup(self)

    def _greet(self) -> None:
        """Out of FAULT a unicast router announces its own address, so that its Master need not ask for it
        (keepalived: try_up_instance)."""
        port, daemon = self.port, self.daemon
        daemon.say(f"{self.name}: sending gratuitous ARP for {port.address}")
        daemon.say(f"Sending gratuitous ARP on {port.device} for {port.address}")
        frame, packet = _announcement(port.address, port.mac)
        daemon.node.world.networks[port.network].send(port, frame, packet)

    def weigh(self) -> None:
        """A check's weight came or went."""
        self.apply(machine.reprioritise(self.rules, self.router, self.effective(), self.now))

    def effective(self) -> int:
        """The priority with the weights of its checks."""
        checks = self.daemon.checks
        weights = tuple(
            weight
            for name, weight in self.conf.checks
            if weight and (checks[name].ok is True if weight > 0 else checks[name].ok is False)
        )
        return machine.effective_priority(self.rules.priority, weights)

    # -- outputs

    def apply(self, step: Step, late: float = 0.0) -> None:
        """Takes the new state, whose timer ends `late` later, and carries the outputs out in their order."""
        self.router, outputs = step
        until = self.router.until
        if until < inf:
            if ANNOUNCE in outputs or ANNOUNCE_AGAIN in outputs:
                late += ANNOUNCING
            until += self.daemon.node.world.random.uniform(*WAKE) + late
        self.alarm.set(until)
        for output in outputs:
            self._carry_out(output)

    def _carry_out(self, output: Output) -> None:
        match output:
            case Send(priority):
                self.send(priority)
            case Say(text):
                self.daemon.say(text)
            case Enter(state):
                self.report(state)
            case Hold(held):
                self.daemon.say(f"({self.name}) {'setting' if held else 'removing'} VIPs.")
                for address, device in self.conf.vips:
                    self.daemon.node.hold(address, device, held)
            case Announce(lower=False):
                self.announce_master()
            case Announce():
                for instance in self.group.members if self.group else (self,):
                    garp = instance.conf.settings.garp
                    if garp.lower_repeat:
                        instance.announce(garp.lower_repeat, garp.lower_delay)

    def report(self, state: str) -> None:
        """Tells a state, or STOPPED, which only the notify FIFO is told; a notify script is run too."""
        node = self.daemon.node
        if str(state) != self.reported:
            self.reported = str(state)
            if script := self.conf.notify.get(self.reported):
                scripts.run(node, script, _no_matter)
        if state == STOPPED and not self.daemon.conf.notifies:
            return
        node.emit(
            e.Vrrp(
                at=node.now,
                node=node.name,
                instance=self.name,
                state=str(state),
                priority=self.router.priority,
            )
        )

    def send(self, priority: int) -> None:
        """Sends an advert to the group, or to each unicast peer."""
        rules, port = self.rules, self.port
        network = self.daemon.node.world.networks[port.network]
        self._ident += 1
        for peer in rules.peers or (None,):
            there = next((p for p in network.ports if p.address == peer), None)
            if peer and there is None:
                continue
            frame, advert = advert_frame(
                rules.version,
                rules.vrid,
                priority,
                rules.addresses,
                rules.address,
                rules.interval,
                rules.auth_pass,
                port.mac,
                peer,
                there.mac if there else None,
            )
            network.send(port, numbered(frame, self._ident), advert, there)

    def announce_master(self) -> None:
        """What a new Master announces, and how it goes on (keepalived: vrrp_state_become_master)."""
        garp = self.conf.settings.garp
        self.announce(garp.repeat, garp.delay)
        self.refresh_after(garp.delay)

    def announce_reloaded(self, new_addresses: bool) -> None:
        """What a Master announces after a reload: new addresses, and all if it refreshes them anyway."""
        garp = self.conf.settings.garp
        delay = garp.delay if new_addresses else 0
        if new_addresses or garp.refresh:
            self.announce(garp.repeat, delay)
        self.refresh_after(delay)

    def refresh_after(self, delay: float) -> None:
        """Begins the announcements that go on, if there are any."""
        refresh = self.conf.settings.garp.refresh
        if refresh:
            self.daemon.after(delay + refresh, self._refresh, self.daemon.reloads)

    def _refresh(self, reloads: int) -> None:
        """Announces again and again: keepalived never ends this timer, it only says nothing as a Backup. So
        after each time it became Master one more of them runs."""
        if reloads == self.daemon.reloads:
            garp = self.conf.settings.garp
            self._announce(garp.refresh_repeat)
            self.daemon.after(garp.refresh, self._refresh, reloads)

    def announce(self, repeat: int, delay: float) -> None:
        """Gratuitous ARPs for each address, and once more `delay` later unless that is 0."""
        self._announce(repeat)
        if delay:
            self.daemon.after(delay, self._announce_later, repeat, self.daemon.reloads)

    def _announce_later(self, repeat: int, reloads: int) -> None:
        if reloads == self.daemon.reloads:
            self._announce(repeat)

    def _announce(self, repeat: int) -> None:
        """A round of gratuitous ARPs, if it is Master."""
        daemon = self.daemon
        for k in range(repeat if self.router.state is State.MASTER else 0):
            for address, device in self.conf.vips:
                port = daemon.node.port_of(device)
                if port is None:
                    continue
                if k == 0:
                    daemon.say(f"({self.name}) Sending/queueing gratuitous ARPs on {device} for {address}")
                daemon.say(f"Sending gratuitous ARP on {device} for {address}")
                frame, packet = _announcement(address, port.mac)
                daemon.node.world.networks[port.network].send(port, frame, packet)
