"""A reload: some instances and checks go on, some begin anew, some end."""

from __future__ import annotations

from math import inf

from hatlab.engine.simulator.keepalived.config import Config, InstanceConfig
from hatlab.engine.simulator.keepalived.instance import STOPPED, Instance
from hatlab.engine.simulator.keepalived.vrrp_child import VrrpChild
from hatlab.engine.simulator.keepalived.vrrp_script import Check
from hatlab.vrrp import machine
from hatlab.vrrp.router import HOLD, Router, State


def apply_new_config(child: VrrpChild, config: Config) -> None:
    """Take a configuration in place of the one before."""
    daemon = child.daemon
    old_instances, child.instances = child.instances, {}
    old_checks, child.checks = _unchanged_checks(child, config), {}
    changed: list[tuple[Instance, InstanceConfig | None]] = []
    for instance_config in config.instances:
        name = instance_config.settings.instance
        for script, _ in instance_config.checks:
            if script not in child.checks:
                child.checks[script] = Check(daemon, config.scripts[script], old_checks.get(script))
            if child.checks[script].ok:
                daemon.log(f"VRRP_Script({script}) considered successful on reload")
        kept = old_instances.pop(name, None)
        if kept is None or kept.port.device != instance_config.settings.interface:
            if kept is not None:
                _retire_instance(kept)
            changed.append((child.add_instance(config, instance_config), None))
            continue
        child.instances[name] = kept
        changed.append((kept, kept.config))
        kept.configure(instance_config, child.checks)
        child.find_troubles(kept)
    child.form_groups()
    for instance, previous in changed:
        if previous is None:
            instance.start()
        else:
            _continue_instance(instance, previous)
    for instance in old_instances.values():
        _retire_instance(instance)
    for check in [c for name, c in old_checks.items() if name not in child.checks]:
        check.cancel()
    child.start_checks({name: check for name, check in child.checks.items() if name not in old_checks})
    daemon.log("Reload complete")


def _unchanged_checks(child: VrrpChild, config: Config) -> dict[str, Check]:
    """Return the checks whose script is the same: they go on. Any other begins anew, as at a start."""
    unchanged = {}
    for name, check in child.checks.items():
        if name in config.scripts and check.script.command == config.scripts[name].command:
            unchanged[name] = check
        else:
            check.cancel()
    return unchanged


def _continue_instance(instance: Instance, previous: InstanceConfig) -> None:
    """A Master without a reason for FAULT stays Master; any other instance begins anew."""
    node, vips = instance.daemon.node, instance.config.vips
    instance.held.reload(previous)
    if instance.router.state is not State.MASTER:
        _restart_instance(instance)
    elif instance.in_trouble:
        instance.apply(machine.fail(instance.rules, instance.router))
    else:
        priority, interval = instance.effective_priority(), instance.rules.interval
        master = Router(State.MASTER, priority, until=node.now, heard_interval=interval)
        instance.apply((master, (HOLD,)))
        instance.announcements.announce_reloaded(bool(set(vips) - set(previous.vips)))


def _restart_instance(instance: Instance) -> None:
    """A Backup's timer begins anew; nothing is told while its state, or FAULT, stays."""
    daemon = instance.daemon
    before, state = instance.router.state, State.FAULT if instance.in_trouble else State.BACKUP
    if instance.waits_for_check or before is not state:
        instance.router = Router(State.INIT, instance.rules.priority)
        instance.alarm.set(inf)
        instance.start()
        return
    instance.held.release(force=True)
    if state is State.BACKUP:
        router, outputs = machine.start(instance.rules, instance.effective_priority(), daemon.node.now)
        instance.apply((router, outputs if router.state is State.MASTER else ()))


def _retire_instance(instance: Instance) -> None:
    """End an instance that the new configuration no longer has."""
    instance.apply(machine.stop(instance.rules, instance.router))
    instance.report(STOPPED)
