"""One vrrp_instance of a running daemon: it feeds `hatlab.vrrp.machine` and carries its outputs out."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from hatlab import events as e
from hatlab.engine.simulator.environment import Daemon
from hatlab.engine.simulator.keepalived.adverts import AdvertJudge, AdvertSender
from hatlab.engine.simulator.keepalived.announcements import Announcements
from hatlab.engine.simulator.keepalived.config import InstanceConfig
from hatlab.engine.simulator.keepalived.held_addresses import HeldAddresses
from hatlab.engine.simulator.keepalived.socket_timers import SocketTimers
from hatlab.engine.simulator.keepalived.sync_group import SyncGroup
from hatlab.engine.simulator.keepalived.tracking import (
    INTERFACES,
    NO_SOURCE,
    WRONG_CONFIGURATION,
    Trackers,
    Tracking,
)
from hatlab.engine.simulator.network.network import Port
from hatlab.keepalived import InstanceSettings
from hatlab.vrrp import machine, reception
from hatlab.vrrp.acceptance import REFUSED_AFTER_HEADER, remarks_before
from hatlab.vrrp.codec import Advertisement
from hatlab.vrrp.router import (
    ANNOUNCE,
    ANNOUNCE_AGAIN,
    OWNER,
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
from hatlab.vrrp.timers import skew_time

WAKE = (0.00005, 0.0002)
"""Seconds by which a timer is served late."""
READ = 0.00025
"""Seconds from a frame's arrival to its being read: a timer set by it starts then."""
TAKE_OVER = 0.0006
"""Seconds a new Master needs for its addresses before its advert timer starts. So of two Masters that mute
each other, the one that was there first stays ahead."""
ANNOUNCING = 0.0002
"""Seconds that gratuitous ARPs take before an advert timer starts."""

"""The reason for FAULT that nothing but another configuration takes away; keepalived enters it silently."""
RECEIVED_LOWER = "MASTER_RX_LOWER_PRI"
"""What a Master tells when it heard a lower priority: no state."""
STOPPED = "STOPPED"
"""The state that an instance reports at its end."""


class Instance:
    """One vrrp_instance of a running daemon."""

    def __init__(self, daemon: Daemon, config: InstanceConfig, port: Port, trackers: Trackers) -> None:
        self.daemon, self.port = daemon, port
        self.announcements, self.sender, self.judge = Announcements(self), AdvertSender(self), AdvertJudge()
        self.held = HeldAddresses(self)
        self.config, self.rules = config, self._make_rules(config.settings)
        self.tracking = Tracking(self, config.settings.tracks, trackers)
        self.router = self._fresh(State.INIT, config.settings.priority)
        self.timers = SocketTimers(daemon.node.environment.clock)
        self.group: SyncGroup | None = None
        self.wants_master = False
        """True if its timer has ended since it last heard a better Master: what a sync group waits for."""
        self.deaf_until = 0.0
        """Until when it hears nothing: the end of `vrrp_startup_delay`, s."""
        self.reported = ""
        """The state that it told last."""

    def _make_rules(self, settings: InstanceSettings) -> Rules:
        return Rules(
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
            down_adverts=settings.down_adverts,
            answer_lower=settings.answers_lower,
            answer_higher=settings.answers_higher,
            expected_priority=settings.expected_priority,
            ignore_adverts=settings.ignores_adverts,
            group=settings.adverts.group,
            peers=settings.unicast_peers,
            known_peers_only=settings.adverts.known_peers_only,
            peer_ttls={p.address: (p.least_ttl, p.most_ttl) for p in settings.adverts.peers},
            ttl=settings.adverts.ttl,
            compares_addresses=settings.adverts.compares_addresses,
            checksum_kind=settings.adverts.checksum_kind,
        )

    def _fresh(self, state: State, priority: int) -> Router:
        """Return it in a state as if it had heard nobody yet."""
        return Router(state, priority, heard_interval=self.rules.interval)

    @property
    def name(self) -> str:
        """As the configuration names it."""
        return self.rules.name

    @property
    def now(self) -> float:
        """Seconds since the lab began."""
        return self.daemon.node.now

    @property
    def socket(self) -> tuple[object, ...]:
        """What its socket is known by; instances with the same listen on one (already_exist_sock)."""
        settings = self.config.settings
        device = settings.vmac.device if settings.vmac else self.port.device
        where = ("unicast", self.rules.address) if self.rules.peers else ("multicast", self.rules.group)
        return settings.family, self.rules.auth_header, device, *where

    @property
    def timer_start(self) -> float:
        """When the timer of a Backup begins: at once, but not before the end of a startup delay."""
        return max(self.now, self.deaf_until)

    @property
    def needs_link_local(self) -> bool:
        """True if its adverts come from its interface's link-local address: of IPv6, with none configured."""
        settings = self.config.settings
        return settings.family == 6 and not settings.adverts.source

    @property
    def in_trouble(self) -> bool:
        """True if it must be in FAULT, for a reason of its own or of its sync group's."""
        return bool(self.tracking.told_faults) or (self.group is not None and self.group.in_trouble)

    @property
    def waits_for_check(self) -> bool:
        """True if a check, its own or one of its sync group, has no first result yet."""
        return bool(self.tracking.undecided) or (self.group is not None and self.group.undecided)

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
            self.apply(machine.held_back(self.rules, self.router, self.timer_start))
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
        if advert.header:
            if judged.refusal is None:
                self._follow_sequence(advert.header.sequence, judged.heard)
            elif judged.refusal.kind in REFUSED_AFTER_HEADER:
                self.sender.sequence = advert.header.sequence
        if judged.refusal:
            remarks = remarks_before(judged.refusal, judged.heard.remarks)
            step = reception.reject(self.rules, self.router, judged.refusal, advert.source, now, remarks)
            self.apply(step, READ)
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

    # -- life

    def begin_tracking(self) -> None:
        """Take all that it depends on as it stands (keepalived: initialise_tracking_priorities)."""
        settings = self.config.settings
        self.tracking.begin()
        if settings.adverts.fault_without_peers:
            self.tracking.faults.add(WRONG_CONFIGURATION)
        if self.needs_link_local and not self.port.has_link_local:
            self.tracking.faults.add(NO_SOURCE)
            self.daemon.log(f"({self.name}) entering FAULT state (no IPv6 address for interface)")
        if settings.vmac and not self.port.up and self.tracking.of("interface", settings.interface):
            told = f"entering FAULT state (interface {settings.vmac.device} down)"
            self.daemon.log(f"({self.name}): {told}")
        self.update_priority()

    def begin_in_fault(self, *, told: bool) -> None:
        """Start in FAULT; that it was there before a reload is `told` already."""
        self.router = self._fresh(State.FAULT, self.router.priority)
        if not told:
            self.daemon.log(f"({self.name}) entering FAULT state")
            self.report(State.FAULT)

    def begin(self) -> None:
        """Take up the state that it has: none at a start, that of before at a reload (vrrp_init_state)."""
        router, now = self.router, self.now
        grouped = self.group is not None and self.group.state is not State.MASTER
        if router.state is State.MASTER and not (grouped or self.tracking.faults):
            self.timers.set(self, now)
            return
        waits = self.waits_for_check
        is_owner = self.rules.master and self.rules.priority == OWNER
        if is_owner and router.state is State.INIT and not (waits or grouped):
            self.apply(machine.start(self.rules, router.priority, self.timer_start))
            return
        self.held.release(force=True)
        if router.state is State.FAULT:
            return
        if self.tracking.faults:
            self.router = self._fresh(State.FAULT, router.priority)
            self.report(State.FAULT)
            return
        if waits:
            if router.state is not State.INIT:
                self.daemon.log(f"({self.name}) Entering FAULT STATE (init)")
            self.router = self._fresh(State.INIT, router.priority)
            return
        rules = replace(self.rules, master=False)
        began = self.timer_start
        router, outputs = machine.start(rules, router.priority, began)
        if self.wants_master and self.group is not None and self.group.state is State.BACKUP:
            # a Master whose group is none any more waits only for another Master's advert
            router = router.set_timer(rules.interval + skew_time(rules.version, OWNER, rules.interval), began)
        self.apply((router, () if self.router.state is State.BACKUP else outputs))

    # -- what it depends on

    def set_fault(self, reason: str) -> None:
        """A reason for FAULT came (keepalived: down_instance)."""
        before = bool(self.tracking.faults)
        self.tracking.faults.add(reason)
        if before:
            return
        self.wants_master = False
        if self.router.state is State.FAULT and not self.reported:
            self.report(State.FAULT)  # its group took it there before it had told any state
        self.apply(machine.fail(self.rules, self.router))
        if self.group is not None:
            self.group.follow_to_fault(self)

    def clear_fault(self, reason: str) -> None:
        """A reason for FAULT went; without any other it is Backup again (keepalived: try_up_instance).

        Of an interface keepalived does not ask whether it was a reason.
        """
        if reason not in self.tracking.faults and reason != INTERFACES:
            return
        self.tracking.faults.discard(reason)
        if not self.tracking.faults:
            self._come_up()

    def leave_init(self) -> None:
        """All its checks have a first result now, and none of them is a reason for FAULT."""
        if not self.tracking.faults:
            self._come_up()

    def _come_up(self) -> None:
        if self.tracking.faults or self.in_trouble or self.waits_for_check:
            return
        is_owner = self.rules.master and self.rules.priority == OWNER
        if self.router.state is not State.INIT:
            self.apply(machine.recover(self.rules, self.router, self.timer_start))
        elif is_owner and (self.group is None or self.group.may_become_master(self)):
            self.apply(machine.take_over(self.rules, self.router, self.now), TAKE_OVER)
        else:
            rules = replace(self.rules, master=False)
            self.apply(machine.start(rules, self.router.priority, self.timer_start, quiet=True))
        if self.rules.peers:
            self.announcements.announce_own_address()
        if self.group is not None:
            if self.router.state is State.MASTER:
                self.group.follow_to_master(self)
            else:
                self.group.follow_to_backup(self)

    def update_priority(self) -> None:
        """What its tracks add has changed. An owner's priority never changes for it."""
        if self.rules.priority != OWNER:
            priority = self._effective_priority()
            router, outputs = machine.reprioritise(self.rules, self.router, priority, self.now)
            if not (self.config.settings.tells_priority and self.reported):
                outputs = tuple(output for output in outputs if not isinstance(output, Enter))
            self.apply((router, outputs), keeps_place=True)

    def set_priority(self) -> None:
        """Take what its tracks add in silence: a tracked file ends a FAULT."""
        self.router = replace(self.router, priority=self._effective_priority())

    def _effective_priority(self) -> int:
        return machine.effective_priority(self.rules.priority, (self.tracking.added,))

    # -- outputs

    def apply(self, step: Step, late: float = 0.0, *, keeps_place: bool = False) -> None:
        """Take the new state, whose timer ends `late` later, and carry the outputs out in their order."""
        self.router, outputs = step
        until = self.router.until
        if until < inf:
            if ANNOUNCE in outputs or ANNOUNCE_AGAIN in outputs:
                late += ANNOUNCING
            until += self.daemon.node.environment.random.uniform(*WAKE) + late
        self.timers.set(self, until, keeps_place=keeps_place)
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
                    self.announcements.forget()
                    self.held.release()
            case Announce(lower=False):
                self.announcements.announce_master()
            case Announce():
                self.daemon.run_notify("INSTANCE", self.name, RECEIVED_LOWER, self.router.priority)
                for instance in self.group.members if self.group else (self,):
                    instance.announcements.answer_lower()

    def tell_priority(self) -> None:
        """Emit the priority with the state that it told last, if the configuration says so."""
        if self.config.settings.tells_priority and self.reported:
            self._emit(self.reported)

    def report(self, state: str) -> None:
        """Run a state's notify script, and emit the state; STOPPED only where there is a notify FIFO."""
        if str(state) != self.reported:
            self.reported = str(state)
            self.daemon.run_notify("INSTANCE", self.name, self.reported, self.router.priority)
        if state != STOPPED or self.daemon.has_notify_fifo:
            self._emit(str(state))

    def _emit(self, state: str) -> None:
        node, priority = self.daemon.node, self.router.priority
        node.emit(e.Vrrp(at=node.now, node=node.name, instance=self.name, state=state, priority=priority))
