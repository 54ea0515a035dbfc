"""A vrrp_sync_group of a running daemon (keepalived: vrrp_sync.c): its instances change state together.

An instance whose timer ends becomes Master only once all others want to be Master too; then all do. When one
becomes Backup or goes to FAULT, the others follow at once, and nobody leaves FAULT before the last one can.
"""

from __future__ import annotations

from typing import Protocol

from hatlab.engine.simulator.environment import Daemon
from hatlab.engine.simulator.keepalived.announcements import Announcements
from hatlab.engine.simulator.keepalived.tracking import Tracking
from hatlab.vrrp import machine
from hatlab.vrrp.router import OWNER, Router, Rules, State, Step


class Member(Protocol):
    """An instance, as its group sees it."""

    daemon: Daemon
    rules: Rules
    router: Router
    announcements: Announcements
    tracking: Tracking
    wants_master: bool
    """True if its timer has ended since it last heard a better Master."""

    @property
    def now(self) -> float:
        """Seconds since the lab began."""

    @property
    def timer_start(self) -> float:
        """When the timer of a Backup begins, s since the lab began."""

    def apply(self, step: Step) -> None:
        """Take the new state and carry the outputs out."""


class SyncGroup:
    """The instances of a group in the configuration's order, and the state they share."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.members: list[Member] = []
        self.state = State.INIT

    @property
    def in_trouble(self) -> bool:
        """True if a member has a reason for FAULT; a wrong configuration is that member's own affair."""
        return any(member.tracking.told_faults for member in self.members)

    @property
    def undecided(self) -> bool:
        """True if a member waits for a first check result."""
        return any(member.tracking.undecided for member in self.members)

    def update_state(self) -> None:
        """Take its state from its members, after a start or a reload."""
        if self.in_trouble:
            self.state = State.FAULT
        elif self.undecided:
            self.state = State.INIT
        else:
            masters = all(_starts_as_master(member) for member in self.members)
            self.state = State.MASTER if masters else State.BACKUP

    def may_become_master(self, candidate: Member) -> bool:
        """True if a member may become Master: the group is, or all others want to."""
        return self.state is State.MASTER or all(
            member.wants_master for member in self.members if member is not candidate
        )

    def follow_to_master(self, leader: Member) -> None:
        """A member became Master: the others do, before anybody is heard again."""
        for member in self._followers(leader, State.MASTER):
            if member.router.state is State.BACKUP:
                member.apply(machine.take_over(member.rules, member.router, member.now))

    def follow_to_backup(self, leader: Member) -> None:
        """A member became Backup: the others do."""
        for member in self._followers(leader, State.BACKUP):
            if member.router.state is not State.BACKUP:
                member.wants_master = False
                member.apply(machine.give_way(member.rules, member.router, member.timer_start))

    def follow_to_fault(self, leader: Member) -> None:
        """A member went to FAULT: the others do."""
        for member in self._followers(leader, State.FAULT):
            member.wants_master = False
            member.apply(machine.fail(member.rules, member.router, following=True))

    def _followers(self, leader: Member, state: State) -> list[Member]:
        """Take a state that the group is not in yet; return who has to follow into it."""
        if self.state is state:
            return []
        self.state = state
        leader.daemon.log(f"VRRP_Group({self.name}) Syncing instances to {state} state")
        leader.daemon.run_notify("GROUP", self.name, state, 0)
        return [member for member in self.members if member is not leader]


def _starts_as_master(member: Member) -> bool:
    """True if a member is Master, or will be at once: an owner at its start."""
    is_owner = member.rules.master and member.rules.priority == OWNER
    return member.router.state is State.MASTER or (member.router.state is State.INIT and is_owner)
