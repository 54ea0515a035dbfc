"""Makes the instances of a configuration that a daemon has read, with their checks and sync groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatlab.engine.simulator.keepalived.check import Check
from hatlab.engine.simulator.keepalived.config import InstanceConf
from hatlab.engine.simulator.keepalived.instance import Instance
from hatlab.engine.simulator.keepalived.sync_group import SyncGroup

if TYPE_CHECKING:
    from hatlab.engine.simulator.keepalived.daemon import Keepalived


def add_instance(daemon: Keepalived, conf: InstanceConf) -> Instance:
    """An instance on its interface."""
    port = daemon.node.port_of(conf.settings.interface)
    assert port is not None, "an interface that is missing is fatal"
    for script, _ in conf.checks:
        if script not in daemon.checks:
            daemon.checks[script] = Check(daemon, daemon.conf.scripts[script])
    instance = daemon.instances[conf.settings.instance] = Instance(daemon, conf, port)
    find_troubles(daemon, instance)
    return instance


def find_troubles(daemon: Keepalived, instance: Instance) -> None:
    """What keeps an instance from running as things stand."""
    conf = instance.conf
    instance.troubles.clear()
    instance.undecided.clear()
    for script, weight in conf.checks:
        if weight == 0 and daemon.checks[script].ok is None:
            instance.undecided.add(script_failed(script))
        elif weight == 0 and not daemon.checks[script].ok:
            instance.troubles.add(script_failed(script))
    for device in (conf.settings.interface, *conf.tracked):
        port = daemon.node.port_of(device)
        if port is not None and not port.up:
            instance.troubles.add(interface_down(device))


def form_groups(daemon: Keepalived) -> None:
    """Puts the instances into their sync groups."""
    groups: dict[str, SyncGroup] = {}
    for instance in daemon.instances.values():
        name = instance.conf.settings.sync_group
        instance.group = groups.setdefault(name, SyncGroup(name)) if name else None
        if instance.group is not None:
            instance.group.members.append(instance)
    for group in groups.values():
        group.settle()


def script_failed(name: str) -> str:
    return f"script `{name}`"


def interface_down(device: str) -> str:
    return f"interface {device} down"
