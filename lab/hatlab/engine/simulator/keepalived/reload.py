"""A reload: some instances and checks go on, some begin anew, some end (keepalived: start_vrrp).

keepalived makes every instance anew. One that is the same virtual router as before takes over its state, and
its addresses if it is Master; what it has learnt, its complaints and its timers are gone.
"""

from __future__ import annotations

from math import inf

from hatlab.engine.simulator.keepalived.config import Config
from hatlab.engine.simulator.keepalived.instance import Instance
from hatlab.engine.simulator.keepalived.vrrp_child import VrrpChild
from hatlab.vrrp import machine
from hatlab.vrrp.router import Router, State


def apply_new_config(child: VrrpChild, config: Config, previous: Config) -> None:
    """Take a configuration in place of the one before."""
    old = list(child.instances.values())
    for instance in old:
        instance.timers.set(instance, inf)
    child.instances = {}
    child.take_checks(config, previous)
    child.configure(config)
    new = list(child.instances.values())
    for instance in new:
        if instance.in_trouble:
            same = find_same(instance, old)
            instance.begin_in_fault(told=same is not None and same.router.state is State.FAULT)
    kept = [(instance, same) for instance in old if (same := find_same(instance, new))]
    for instance, same in kept:
        _take_state(instance, same)
    child.update_groups()
    child.daemon.log("Reload complete")
    for instance in old:
        if not any(instance is other for other, _ in kept):
            _retire(instance)
    for instance, same in kept:
        _take_addresses(instance, same)
    child.begin()


def find_same(instance: Instance, others: list[Instance]) -> Instance | None:
    """Return the first that is the same virtual router (keepalived: vrrp_exist); its name does not count."""
    settings = instance.config.settings
    if settings.adverts.group_of_all and settings.family == 4:
        return None  # keepalived compares bytes of it that it did not set
    return next((other for other in others if _identity(other) == _identity(instance)), None)


def _identity(instance: Instance) -> tuple[object, ...]:
    """VRID, address family, interface, and the source of unicast adverts or the group of multicast ones."""
    settings, adverts = instance.config.settings, instance.config.settings.adverts
    where = ("unicast", instance.rules.address) if adverts.peers else ("multicast", adverts.group)
    return settings.vrid, settings.family, settings.interface, *where


def _take_state(old: Instance, new: Instance) -> None:
    """Go on with the state of before, unless there is a reason for FAULT or a check to wait for."""
    if new.name == old.name and not new.reported:
        new.reported = old.reported  # by another name it has told nothing yet
    if new.router.priority != new.rules.priority:
        new.tell_priority()
    if old.router.state in {State.FAULT, State.INIT}:
        return
    if new.router.state is not State.FAULT and not new.tracking.undecided:
        state, priority = old.router.state, new.router.priority
        new.router = Router(state, priority, heard_interval=new.rules.interval, holds=old.router.holds)
        new.wants_master = old.router.state is State.MASTER


def _take_addresses(old: Instance, new: Instance) -> None:
    """A Master's addresses that are no longer in the file go, new ones come (keepalived: clear_diff_vrrp)."""
    new.sender.sequence = old.sender.sequence
    if old.router.state is not State.MASTER:
        return
    new.held.take_over(old.held)
    new.held.hold()
    if new.router.state is State.MASTER:
        new.announcements.announce_reloaded(bool(set(new.config.vips) - set(old.config.vips)))


def _retire(instance: Instance) -> None:
    """End an instance that the new configuration no longer has. It tells FAULT, for whatever reason, or
    runs its notify_deleted."""
    was_nothing = instance.router.state in {State.FAULT, State.INIT}
    instance.apply(machine.stop(instance.rules, instance.router))
    if instance.config.settings.tells_deletion:
        instance.daemon.run_notify("INSTANCE", instance.name, "DELETED", instance.router.priority)
    elif not was_nothing:
        instance.report(State.FAULT)
