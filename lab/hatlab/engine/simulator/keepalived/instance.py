"""One vrrp_instance of a running daemon: it feeds `hatlab.vrrp.machine` and carries its outputs out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf

from hatlab import events as e
from hatlab.engine.simulator.clock import Alarm
from hatlab.engine.simulator.environment import Daemon
from hatlab.engine.simulator.keepalived.adverts import AdvertJudge, AdvertSender
from hatlab.engine.simulator.keepalived.announcements import Announcements
from hatlab.engine.simulator.keepalived.config import InstanceConfig
from hatlab.engine.simulator.keepalived.held_addresses import HeldAddresses
from hatlab.engine.simulator.keepalived.scripts import run_script
from hatlab.engine.simulator.keepalived.sync_group import SyncGroup
from hatlab.engine.simulator.keepalived.vrrp_script import Check
from hatlab.engine.simulator.network.network import Port
from hatlab.vrrp import machine, reception
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

WAKE = (0.00005, 0.0002)
"""Seconds by which a timer is served late."""
READ = 0.00025
"""Seconds from a frame's arrival to its being read: a timer set by it starts then."""
TAKE_OVER = 0.0006
"""Seconds a new Master needs for its addresses before its advert timer starts. So of two Masters that mute
each other, the one that was there first stays ahead."""
ANNOUNCING = 0.0002
"""Seconds that gratuitous ARPs take before an advert timer starts."""

WRONG_CONFIGURATION = "its configuration"
"""The reason for FAULT that nothing but another configuration takes away; keepalived enters it silently."""
STOPPED = "STOPPED"
"""The state that an instance reports at its end."""


def _ignore_status(_: int) -> None:
    """keepalived does not look at a notify script's exit status."""


class Instance:
    """One vrrp_instance of a running daemon."""

    def __init__(
        self, daemon: Daemon, config: InstanceConfig, port: Port, checks: Mapping[str, Check]
    ) -> None:
        self.daemon, self.port = daemon, port
        self.announcements, self.sender, self.judge = Announcements(self), AdvertSender(self), AdvertJudge()
        self.held = HeldAddresses(self)
        self.configure(config, checks)
        self.router = Router(State.INIT, config.settings.priority)
        self.alarm = Alarm(daemon.node.environment.clock, self.timer_expired)
        self.troubles: set[str] = set()
        """Reasons of its own for FAULT: failed checks of weight 0 and interfaces that are down."""
        self.undecided: set[str] = set()
        """Checks of weight 0 without a first result."""
        self.group: SyncGroup | None = None
        self.wants_master = False
        """True if its timer has ended since it last heard a better Master: what a sync group waits for."""
        self.deaf_until = 0.0
        """Until when it hears nothing: the end of `vrrp_startup_delay`, s."""
        self.reported = ""
        """The state that it told last."""

    def configure(self, config: InstanceConfig, checks: Mapping[str, Check]) -> None:
        """Take a configuration, and all checks of the daemon."""
        settings = config.settings
        self.config, self.checks = config, checks
        self.rules = Rules(
            name=settings.instance,
            version=settings.version,
            vrid=settings.vrid or 0,
            priority=settings.priority,
            interval=settings.interval,
            address=settings.adverts.source
            or (self.port.ipv6_source if settings.family == 6 else self.port.address),
            addresses=settings.addresses,
            master=settings.state == "MASTER",
            nopreempt=settings.nopreempt,
            preempt_delay=settings.preempt_delay,
            auth_pass=settings.auth_pass,
            auth_header=settings.auth_type == "AH",
            answer_lower=config.answers_lower_priority,
            group=settings.adverts.group,
            peers=settings.unicast_peers,
            known_peers_only=settings.adverts.known_peers_only,
            peer_ttls={p.address: (p.least_ttl, p.most_ttl) for p in settings.adverts.peers},
            ttl=settings.adverts.ttl,
            compares_addresses=settings.adverts.compares_addresses,
            checksum_kind=settings.adverts.checksum_kind,
        )
        self.judge.forget()

    @property
    def name(self) -> str:
        """As the configuration names it."""
        return self.rules.name

    @property
    def now(self) -> float:
        """Seconds since the lab began."""
        return self.daemon.node.now

    @property
    def in_trouble(self) -> bool:
        """True if it must be in FAULT, for a reason of its own or of its sync group's."""
        return bool(self.troubles) or (self.group is not None and self.group.in_trouble)

    @property
    def waits_for_check(self) -> bool:
        """True if a check, its own or one of its sync group, has no first result yet."""
        return bool(self.undecided) or (self.group is not None and self.group.undecided)

    # -- inputs

    def timer_expired(self) -> None:
        """Its timer ended; a frozen daemon sees to it when it is thawed."""
        if self.daemon.frozen:
            return
        if self.router.state is State.MASTER:
            self.apply(machine.timer_ended(self.rules, self.router, self.now))
            return
        self.wants_master = True
        if self.group is not None and not self.group.may_become_master(self):
            self.apply(machine.held_back(self.rules, self.router, self.now))
            return
        self.apply(machine.timer_ended(self.rules, self.router, self.now), TAKE_OVER)
        if self.group is not None:
            self.group.follow_to_master(self)

    def receive(self, advert: Advertisement) -> None:
        """An advert for its VRID arrived."""
        now = self.now
        if now < self.deaf_until:
            return
        self._follow_checksum(advert)
        judged = self.judge.judge(self.rules, advert, self.sender.sequence)
        if advert.header and not judged.refusal:
            self._follow_sequence(advert.header.sequence, judged.heard)
        if judged.refusal:
            self.apply(reception.reject(self.rules, self.router, judged.refusal, advert.source, now), READ)
            return
        before = self.router
        self.apply(reception.hear(self.rules, before, judged.heard, now), READ)
        if self.router.state is State.BACKUP and judged.heard.priority and self.router.until != before.until:
            self.wants_master = False
            if before.state is State.MASTER and self.group is not None:
                self.group.follow_to_backup(self)

    def _follow_sequence(self, number: int, heard: Heard) -> None:
        """The number in an authentication header counts on from the last one; a Master that answers a lower
        priority leaves one out (vrrp_state_master_rx)."""
        answers = self.router.state is State.MASTER and reception.outranks(self.rules, self.router, heard)
        self.sender.sequence = number + answers

    def _follow_checksum(self, advert: Advertisement) -> None:
        """A unicast router of version 3 counts its checksum in the old way from when a peer does."""
        rules = self.rules
        if advert.checksum_kind == "group" and rules.peers and rules.checksum_kind == "right":
            self.daemon.log(f"({self.name}) Setting unicast VRRPv3 checksum to old version")
            self.rules = replace(rules, checksum_kind="group")
            self.judge.forget()

    def start(self, quiet: bool = False) -> None:
        """Start, unless there is a reason for FAULT or a check has no first result yet."""
        if self.in_trouble:
            if not quiet and self.troubles != {WRONG_CONFIGURATION}:
                self.daemon.log(f"({self.name}) Entering FAULT STATE (init)")
            self.router = Router(State.FAULT, self.effective_priority())
            self.report(State.FAULT)
        elif not self.waits_for_check:
            began = max(self.now, self.deaf_until)
            self.apply(machine.start(self.rules, self.effective_priority(), began, quiet=quiet))

    def set_trouble(self, reason: str, present: bool) -> None:
        """A reason for FAULT came or went."""
        before = bool(self.troubles)
        (self.troubles.add if present else self.troubles.discard)(reason)
        self.undecided.discard(reason)
        fails = present and not before
        if self.router.state is State.INIT:
            if not present and self.waits_for_check:
                return
            self.start(quiet=True)
        elif fails:
            self.wants_master = False
            self.apply(machine.fail(self.rules, self.router))
        elif self.router.state is State.FAULT and not self.in_trouble and not self.waits_for_check:
            self.apply(machine.recover(self.rules, self.router, self.now))
        else:
            return
        if self.router.state is State.BACKUP and self.rules.peers:
            self.announcements.announce_own_address()
        if self.group is not None and fails:
            self.group.follow_to_fault(self)
        elif self.group is not None and self.router.state is State.BACKUP:
            self.group.follow_to_backup(self)

    def update_priority(self) -> None:
        """A check's weight came or went."""
        self.apply(machine.reprioritise(self.rules, self.router, self.effective_priority(), self.now))

    def effective_priority(self) -> int:
        """Return the priority with the weights of its checks."""
        checks = self.checks
        weights = tuple(
            weight
            for name, weight in self.config.checks
            if weight and (checks[name].ok is True if weight > 0 else checks[name].ok is False)
        )
        return machine.effective_priority(self.rules.priority, weights)

    # -- outputs

    def apply(self, step: Step, late: float = 0.0) -> None:
        """Take the new state, whose timer ends `late` later, and carry the outputs out in their order."""
        self.router, outputs = step
        until = self.router.until
        if until < inf:
            if ANNOUNCE in outputs or ANNOUNCE_AGAIN in outputs:
                late += ANNOUNCING
            until += self.daemon.node.environment.random.uniform(*WAKE) + late
        self.alarm.set(until)
        for output in outputs:
            self._carry_out(output)

    def _carry_out(self, output: Output) -> None:
        match output:
            case Send(priority):
                self.sender.send(priority)
            case Say(text):
                self.daemon.log(text)
            case Enter(state):
                self.report(state)
            case Hold(held):
                if held:
                    self.held.hold()
                else:
                    self.held.release()
            case Announce(lower=False):
                self.announcements.announce_master()
            case Announce():
                for instance in self.group.members if self.group else (self,):
                    instance.announcements.answer_lower()

    def report(self, state: str) -> None:
        """Run a state's notify script, and emit the state; STOPPED only where there is a notify FIFO."""
        node = self.daemon.node
        if str(state) != self.reported:
            self.reported = str(state)
            if script := self.config.notify.get(self.reported):
                run_script(node, script, _ignore_status)
        if state == STOPPED and not self.daemon.has_notify_fifo:
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
