"""Facts about one node alone: its power, processes, configuration, log and instances."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache

from hatlab import events as e
from hatlab.keepalived import (
    AddressRemoved,
    CheckRemoved,
    ConfigurationRead,
    InstanceSettings,
    LinkChanged,
    LogLine,
    PriorityChanged,
    ScriptDisabled,
    ScriptResult,
    StartupDelayed,
    StateEntered,
    VrrpScript,
    parse_config,
    parse_log_line,
    read_scripts,
    read_settings,
    select_lines,
)
from hatlab.keepalived.tracks import list_tracked_scripts
from hatlab.state.fold.master_down_timer import (
    arm_after_stepping_down,
    arm_timer,
    change_priority,
)
from hatlab.state.model import (
    CheckState,
    FilterState,
    InstanceState,
    LinkReport,
    NodeState,
    ServiceState,
    evolve,
    with_entry,
)
from hatlab.util.ranges import Ranges, parse_ranges
from hatlab.vrrp.machine import effective_priority

ONE_RUN = 0.1
"""Seconds between a run's exit status and the verdict that it alone makes."""


def fold_node(node: NodeState, event: e.Event) -> NodeState:
    """A node after a fact about it alone; unchanged by any other."""
    match event:
        case e.Vrrp():
            return _fold_vrrp(node, event)
        case e.Process():
            return _fold_process(node, event)
        case e.Log():
            return _fold_log(node, event)
        case e.Conf():
            return _fold_conf(node, event)
        case e.Link():
            return evolve(node, links=with_entry(node.links, event.network, event.up))
        case e.Filter():
            drop = FilterState(event.percent, event.rules, event.delay_ms, event.at, event.refused)
            return evolve(node, filters=with_entry(node.filters, event.network, drop))
        case e.Replication():
            return evolve(node, replication=event)
        case e.ReadOnly():
            return evolve(node, read_only=event.read_only)
        case e.Written():
            return evolve(node, written=_parse_sequences(event.sequences))
        case e.Node():
            return _fold_power(node, event)
        case _:
            return node


def _parse_sequences(sequences: Mapping[str, str]) -> dict[str, Ranges]:
    """Each client's ranges; without those that are none."""
    found = {}
    for client, text in sequences.items():
        with suppress(ValueError):
            found[client] = parse_ranges(text)
    return found


def _fold_power(node: NodeState, event: e.Node) -> NodeState:
    if event.state != "off":
        return evolve(node, power=event.state, since=event.at)
    return evolve(
        node,
        power="off",
        since=event.at,
        addresses=frozenset(),
        services={n: ServiceState("down", "power off", event.at, about=event.about) for n in node.services},
        instances={n: _enter_state(i, "STOPPED", event.at) for n, i in node.instances.items()},
        links={},
        filters={},
        checks={},
        replication=None,
        read_only=False,
    )


def _fold_process(node: NodeState, event: e.Process) -> NodeState:
    before = node.service(event.service).state
    service = ServiceState(event.state, event.reason, event.at, event.pid, event.about)
    node = evolve(node, services=with_entry(node.services, event.service, service))
    if event.service == "mysqld" and event.state == "down":
        return evolve(node, read_only=False)
    if event.service != "keepalived" or event.state == "frozen":
        return node
    if event.state == "down":
        stopped = {n: _enter_state(i, "STOPPED", event.at) for n, i in node.instances.items()}
        node = evolve(node, instances=stopped, checks={})
        return _forget_addresses(node) if node.sources is not None and event.about else node
    if before == "frozen":
        return node
    begun = {
        n: _enter_state(i, "INIT", event.at) if i.reported in {"STOPPED", "UNKNOWN"} else i
        for n, i in node.instances.items()
    }
    return _load_conf(evolve(node, instances=begun), event.at)


def _forget_addresses(node: NodeState) -> NodeState:
    """What a keepalived of an incident held, of which nothing more is told, is not known any more."""
    held = frozenset(address for _, address in node.addresses)
    if node.sees("addresses"):
        return node
    return evolve(node, addresses=frozenset(), unknown_addresses=node.unknown_addresses | held)


def _enter_state(instance: InstanceState, reported: str, at: float) -> InstanceState:
    """The instance in another state; leaving Backup stops its timer."""
    if reported == instance.reported:
        return instance
    return evolve(instance, reported=reported, since=at, armed=None, zero_from=None, preempt_from=None)


def _fold_vrrp(node: NodeState, event: e.Vrrp) -> NodeState:
    old = node.instances.get(event.instance, InstanceState())
    new = _enter_state(old, event.state, event.at)
    begins = max(event.at, node.delayed_until)
    if event.priority is not None and event.state in {"BACKUP", "MASTER"}:
        new = evolve(new, priority=event.priority)
    if event.state == "BACKUP" and old.reported == "MASTER":
        new = arm_after_stepping_down(new, event.at, node.name)
    elif event.state == "BACKUP" and old.reported != "BACKUP":
        new = arm_timer(new, begins, None, event.about)
    node = evolve(node, instances=with_entry(node.instances, event.instance, new))
    return _forget_addresses(node) if event.state == "UNKNOWN" and node.sees("log") else node


def _fold_conf(node: NodeState, event: e.Conf) -> NodeState:
    """The file changed. A running keepalived does not look at it before it is told to."""
    node = evolve(node, conf=event.text, original_conf=node.original_conf or event.text)
    runs = node.service("keepalived").state not in {"down", "unknown"}
    return node if runs else _load_conf(node, event.at)


@lru_cache(64)
def _read_conf_text(text: str) -> tuple[Mapping[str, InstanceSettings], Mapping[str, VrrpScript]]:
    """Instances and checks of a keepalived.conf; cached, as going back in time folds the same texts again."""
    return read_settings(text), read_scripts(text)


def _load_conf(node: NodeState, at: float) -> NodeState:
    """keepalived reads its configuration, at its start or at a reload.

    A reload tells no state: the new priority counts at once, and a Backup waits from the beginning.
    """
    found, known = _read_conf_text(select_lines(node.conf, node.name))
    instances = {n: InstanceState() for n in found} | dict(node.instances)
    for name, instance in instances.items():
        conf = found.get(name)
        if conf is not None:
            priority = _effective_priority(conf, node.checks)
            new = evolve(instance, settings=conf, priority=priority)
            instances[name] = arm_timer(new, at, None) if new.reported == "BACKUP" else new
    return evolve(
        node,
        loaded=node.conf,
        loaded_at=at if node.service("keepalived").state not in {"down", "unknown"} else None,
        replaced=node.loaded,
        delayed_until=0.0,
        removed_checks={},
        scripts=known,
        instances=instances,
    )


def _effective_priority(conf: InstanceSettings, checks: Mapping[str, CheckState]) -> int:
    """The base priority with the weights of its checks; whatever else has one is told by the log."""
    tracks = (track for track in conf.tracks if track.kind == "script" and track.name in checks)
    return effective_priority(conf.priority, tuple(track.adds(checks[track.name].ok) for track in tracks))


def _fold_log(node: NodeState, event: e.Log) -> NodeState:
    if event.service == "hatlab":
        from hatlab.keepalived.lab_programs import (
            read_missing,  # few labs say this; it loads a shell's syntax
        )

        missing = read_missing(event.text)
        return evolve(node, lacking=with_entry(node.lacking, *missing)) if missing else node
    line = parse_log_line(event.text) if event.service == "keepalived" else None
    match line:
        case None:
            return node
        case ConfigurationRead():
            return _load_conf(node, event.at)
        case ScriptResult():
            check = _update_check(node.checks.get(line.script, CheckState()), line, event.at)
            return evolve(node, checks=with_entry(node.checks, line.script, check))
        case CheckRemoved():
            return _remove_check(node, line.script, line.reason)
        case ScriptDisabled():
            for name, script in node.scripts.items():
                if script.command.split()[:1] == [line.path]:
                    node = _remove_check(node, name, line.reason)
            return node
        case StartupDelayed():
            return evolve(node, delayed_until=event.at + line.seconds)
        case LinkChanged():
            return evolve(node, link_report=LinkReport(line.up, event.at))
        case _:
            return _fold_instance_log(node, line, event.at)


@lru_cache(64)
def _is_tracked(text: str, script: str) -> bool:
    """True if an instance of a keepalived.conf names a check: one that nothing tracks may be left out."""
    return script in list_tracked_scripts(parse_config(text))


def _remove_check(node: NodeState, script: str, reason: str) -> NodeState:
    """keepalived leaves a check out; one that nothing tracks is no loss."""
    if script in node.removed_checks or not _is_tracked(node.loaded, script):
        return node
    return evolve(node, removed_checks=with_entry(node.removed_checks, script, reason))


def _fold_instance_log(node: NodeState, line: LogLine, at: float) -> NodeState:
    """What a line says of instances, beyond their states."""
    instances = dict(node.instances)
    match line:
        case PriorityChanged() if line.instance in instances:
            instances[line.instance] = change_priority(instances[line.instance], line.after)
        case StateEntered(state="FAULT") if line.reason and line.instance in instances:
            instances[line.instance] = evolve(instances[line.instance], fault_reason=line.reason)
        case AddressRemoved():
            for name, instance in instances.items():
                addresses = instance.settings.virtual_addresses if instance.settings else ()
                if any(line.address == vip.address for vip in addresses):
                    instances[name] = evolve(instance, address_removed=at)
        case _:
            return node
    return evolve(node, instances=instances)


def _update_check(old: CheckState, line: ScriptResult, at: float) -> CheckState:
    """A single run that disagrees with the verdict starts the count; the verdict ends it."""
    if line.verdict:
        turned = None if line.ok == old.ok and old.since else old.turned
        first = not old.decided and (old.turned is None or at - old.turned < ONE_RUN)
        return CheckState(line.ok, at, turned, line.detail, decided=True, first=first)
    if line.ok != old.ok:
        return evolve(old, turned=at, detail=line.detail)
    return evolve(old, turned=None)
