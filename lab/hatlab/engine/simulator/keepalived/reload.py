"""What a reload does to instances and checks: some go on, some begin anew, some end."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from hatlab.engine.simulator.keepalived.check import Check
from hatlab.engine.simulator.keepalived.config import InstanceConf
from hatlab.engine.simulator.keepalived.instance import STOPPED, Instance
from hatlab.engine.simulator.keepalived.instance_setup import add_instance, find_troubles, form_groups
from hatlab.vrrp import machine
from hatlab.vrrp.router import HOLD, Router, State

if TYPE_CHECKING:
    from hatlab.engine.simulator.keepalived.daemon import Keepalived


def reread(daemon: Keepalived) -> None:
    """Takes the configuration that the daemon has just read in place of the one before."""
    old, daemon.instances = daemon.instances, {}
    daemon.checks, before = {}, _same_checks(daemon)
    changed: list[tuple[Instance, InstanceConf | None]] = []
    for conf in daemon.conf.instances:
        name = conf.settings.instance
        for script, _ in conf.checks:
            if script not in daemon.checks:
                daemon.checks[script] = Check(daemon, daemon.conf.scripts[script], before.get(script))
            if daemon.checks[script].ok:
                daemon.say(f"VRRP_Script({script}) considered successful on reload")
        kept = old.pop(name, None)
        if kept is None or kept.port.device != conf.settings.interface:
            if kept is not None:
                _retire(kept)
            changed.append((add_instance(daemon, conf), None))
            continue
        daemon.instances[name] = kept
        changed.append((kept, kept.conf))
        kept.configure(conf)
        find_troubles(daemon, kept)
    form_groups(daemon)
    for instance, previous in changed:
        if previous is None:
            instance.begin()
        else:
            _go_on(daemon, instance, previous)
    for instance in old.values():
        _retire(instance)
    for check in [c for name, c in before.items() if name not in daemon.checks]:
        check.forget()
    daemon.begin_checks({n: c for n, c in daemon.checks.items() if n not in before})
    daemon.say("Reload complete")


def _same_checks(daemon: Keepalived) -> dict[str, Check]:
    """The checks that go on: those whose script is the same; another one begins anew, as at a start."""
    same, scripts = {}, daemon.conf.scripts
    for name, check in daemon.checks.items():
        if name in scripts and check.script.command == scripts[name].command:
            same[name] = check
        else:
            check.forget()
    return same


def _go_on(daemon: Keepalived, instance: Instance, previous: InstanceConf) -> None:
    """After a reload a Master without a fault stays Master; any other instance begins anew."""
    vips = instance.conf.vips
    for address, device in previous.vips:
        if (address, device) not in vips:
            daemon.node.hold(address, device, False)
    if instance.router.state is not State.MASTER:
        _begin_anew(daemon, instance)
    elif instance.in_trouble:
        instance.apply(machine.fail(instance.rules, instance.router))
    else:
        priority, interval = instance.effective(), instance.rules.interval
        stays = Router(State.MASTER, priority, until=daemon.node.now, heard_interval=interval)
        instance.apply((stays, (HOLD,)))
        instance.announce_reloaded(bool(set(vips) - set(previous.vips)))


def _begin_anew(daemon: Keepalived, instance: Instance) -> None:
    """After a reload a Backup's timer begins anew; nothing is told while its state, or FAULT, stays."""
    before, state = instance.router.state, State.FAULT if instance.in_trouble else State.BACKUP
    if instance.waits or before is not state:
        instance.router = Router(State.INIT, instance.rules.priority)
        instance.alarm.set(inf)
        instance.begin()
        return
    daemon.say(f"({instance.name}) removing VIPs.")
    if state is State.BACKUP:
        step = machine.start(instance.rules, instance.effective(), daemon.node.now)
        instance.apply(step if step[0].state is State.MASTER else (step[0], ()))


def _retire(instance: Instance) -> None:
    """An instance that the new configuration no longer has."""
    instance.apply(machine.stop(instance.rules, instance.router))
    instance.report(STOPPED)
