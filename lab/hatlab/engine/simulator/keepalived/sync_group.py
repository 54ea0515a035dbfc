"""A vrrp_sync_group of a running daemon (keepalived: vrrp_sync.c): its instances change state together.

An instance whose timer ends becomes Master only once all others want to be Master too; then all do. When one
becomes Backup or goes to FAULT, the others follow at once, and nobody leaves FAULT before the last one can.
Not modelled: address owners (priority 255) in a group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatlab.vrrp import machine
from hatlab.vrrp.router import State

if TYPE_CHECKING:
    from hatlab.engine.simulator.keepalived.instance import Instance


FOLLOWS = 0.0006
"""Seconds that a new Master needs for its addresses and announcements before its group follows."""


class SyncGroup:
    """The instances of a group in the configuration's order, and the state they share."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.members: list[Instance] = []
        self.state = State.INIT

    @property
    def troubled(self) -> bool:
        """Whether a member has a reason for FAULT."""
        return any(member.troubles for member in self.members)

    @property
    def undecided(self) -> bool:
        """Whether a member waits for a first check result."""
        return any(member.undecided for member in self.members)

    def settle(self) -> None:
        """Takes its state from its members, after a start or a reload."""
        if self.troubled:
            self.state = State.FAULT
        elif self.undecided:
            self.state = State.INIT
        else:
            masters = all(member.router.state is State.MASTER for member in self.members)
            self.state = State.MASTER if masters else State.BACKUP

    def may_lead(self, instance: Instance) -> bool:
        """Whether a member may become Master: the group is, or all others want to."""
        return self.state is State.MASTER or all(
            member.wants_master for member in self.members if member is not instance
        )

    def to_master(self, leader: Instance) -> None:
        """A member became Master: the others do, once it has its addresses."""
        for member in self._following(leader, State.MASTER):
            member.daemon.after(FOLLOWS, self._take_over, member)

    def _take_over(self, member: Instance) -> None:
        if self.state is State.MASTER and member.router.state is State.BACKUP:
            member.apply(machine.take_over(member.rules, member.router, member.now))

    def to_backup(self, leader: Instance) -> None:
        """A member became Backup: the others do."""
        for member in self._following(leader, State.BACKUP):
            if member.router.state is not State.BACKUP:
                member.wants_master = False
                member.apply(machine.give_way(member.rules, member.router, member.now))

    def to_fault(self, leader: Instance) -> None:
        """A member went to FAULT: the others do."""
        for member in self._following(leader, State.FAULT):
            member.wants_master = False
            member.apply(machine.fail(member.rules, member.router, following=True))

    def _following(self, leader: Instance, state: State) -> list[Instance]:
        """Who has to follow into a state that the group is not in yet; it is from now on."""
        if self.state is state:
            return []
        self.state = state
        leader.daemon.say(f"VRRP_Group({self.name}) Syncing instances to {state} state")
        return [member for member in self.members if member is not leader]
