"""One vrrp_instance of a running daemon: hands inputs to `lab.vrrp.machine` and carries its outputs out."""

from __future__ import annotations

from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING

from lab import events as e
from lab.engine.simulator.clock import Alarm
from lab.engine.simulator.conf import InstanceConf
from lab.engine.simulator.network import Port, advert_frame, announcement, numbered
from lab.vrrp import machine
from lab.vrrp.acceptance import complaint, remark
from lab.vrrp.codec import Advertisement
from lab.vrrp.machine import Announce, Enter, Heard, Hold, Output, Router, Rules, Say, Send, State, Step

if TYPE_CHECKING:
    from lab.engine.simulator.keepalived import Keepalived

WAKE = (0.00005, 0.0002)
"""Seconds by which a timer is served late."""
READ = 0.00025
"""Seconds from a frame's arrival to its being read: a timer set by it starts then."""
TAKE_OVER = 0.0006
"""Seconds a new Master needs for its addresses before its advert timer starts. So of two Masters that mute
each other, the one that was there first stays ahead."""
ANNOUNCING = 0.0002
"""Seconds that gratuitous ARPs take before an advert timer starts."""

_announcement = lru_cache(maxsize=256)(announcement)


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
        self.deaf_until = 0.0
        self.reported: State | None = None
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
            conf.peers,
        )
        self._heard = None

    @property
    def name(self) -> str:
        return self.rules.name

    # -- inputs

    def ring(self) -> None:
        """Its timer ended; a frozen daemon sees to it when it is thawed."""
        daemon = self.daemon
        if not daemon.frozen:
            late = 0.0 if self.router.state is State.MASTER else TAKE_OVER
            self.apply(machine.timer_ended(self.rules, self.router, daemon.node.now), late)

    def hear(self, advert: Advertisement) -> None:
        """An advert for its VRID arrived."""
        now = self.daemon.node.now
        if now < self.deaf_until:
            return
        known = self._heard
        if known is None or known[0] is not advert:
            rules = self.rules
            heard = Heard(advert.source, advert.priority or 0, advert.interval or rules.interval)
            known = self._heard = (advert, complaint(rules, advert), remark(rules, advert), heard)
        _, bad, note, heard = known
        if bad:
            self.apply(machine.reject(self.rules, self.router, bad, advert.source, now), READ)
            return
        if note:
            self.daemon.say(note)
        self.apply(machine.hear(self.rules, self.router, heard, now), READ)

    def begin(self, quiet: bool = False) -> None:
        """Starts if nothing stands in the way: FAULT with a reason, INIT while a check is undecided."""
        now = self.daemon.node.now
        if self.troubles:
            if not quiet:
                self.daemon.say(f"({self.name}) Entering FAULT STATE (init)")
            self.router = Router(State.FAULT, self.effective())
            self.report(State.FAULT)
        elif not self.undecided:
            self.apply(machine.start(self.rules, self.effective(), max(now, self.deaf_until), quiet=quiet))

    def trouble(self, what: str, present: bool) -> None:
        """A reason for FAULT came or went."""
        before = bool(self.troubles)
        (self.troubles.add if present else self.troubles.discard)(what)
        self.undecided.discard(what)
        if self.router.state is State.INIT:
            if present or not self.undecided:
                self.begin(quiet=True)
        elif present and not before:
            self.apply(machine.fail(self.rules, self.router))
        elif before and not self.troubles and not self.undecided:
            self.apply(machine.recover(self.rules, self.router, self.daemon.node.now))

    def weigh(self) -> None:
        """A check's weight came or went."""
        now = self.daemon.node.now
        self.apply(machine.reprioritise(self.rules, self.router, self.effective(), now))

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
            if machine.ANNOUNCE in outputs:
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
            case Announce():
                self.announce(self.daemon.reloads)

    def report(self, state: str) -> None:
        """Tells the notify FIFO a state, or STOPPED."""
        node = self.daemon.node
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
        for peer in self.conf.peers or (None,):
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

    def announce(self, reloads: int, again: bool = True) -> None:
        """Gratuitous ARPs for each address, and once more some seconds later if it is still Master and the
        daemon was not reloaded meanwhile."""
        daemon = self.daemon
        if reloads != daemon.reloads or self.router.state is not State.MASTER:
            return
        for address, device in self.conf.vips:
            port = daemon.node.port_of(device)
            if port is None:
                continue
            daemon.say(f"({self.name}) Sending/queueing gratuitous ARPs on {device} for {address}")
            frame, packet = _announcement(address, port.mac)
            for _ in range(daemon.conf.garp_repeat):
                daemon.say(f"Sending gratuitous ARP on {device} for {address}")
                daemon.node.world.networks[port.network].send(port, frame, packet)
        if again and daemon.conf.garp_delay:
            daemon.after(daemon.conf.garp_delay, self.announce, reloads, False)
