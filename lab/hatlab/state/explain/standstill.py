"""Why nothing follows: a Master whose service is gone, or whose priority fell, and that stays Master."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab import events as e
from hatlab.keepalived import PriorityChanged, parse_config, parse_log_line
from hatlab.keepalived.tracks import list_tracked_scripts
from hatlab.state.explain.transition import Cause
from hatlab.state.model import JUST_NOW, InstanceState, LabState, NodeState

_CHANGED = "Changing effective priority"
"""What a line that is worth parsing has in it."""


def why_nothing_follows(event: e.Event, after: LabState) -> Iterator[tuple[NodeState, str, Cause]]:
    """(node, instance, cause) of each Master that stays one though its node is worse off now."""
    match event:
        case e.Process(service="mysqld", state="down" | "frozen"):
            node = after.nodes.get(event.node)
            for name, instance in node.instances.items() if node else ():
                if node and instance.reported == "MASTER" and (cause := _unchecked(node, instance)):
                    yield node, name, cause
        case e.Log(service="keepalived") if _CHANGED in event.text:
            line = parse_log_line(event.text)
            node = after.nodes.get(event.node)
            if not isinstance(line, PriorityChanged) or line.before is None:
                return
            if node is not None and line.after < line.before:
                instance = node.instances.get(line.instance, InstanceState())
                if instance.reported == "MASTER" and (cause := _still_master(after, node, line)):
                    yield node, line.instance, cause


def _unchecked(node: NodeState, instance: InstanceState) -> Cause | None:
    """That keepalived checks nothing from which it could see that mysqld is gone; None if it does."""
    tracks = instance.settings.tracks if instance.settings else ()
    if any(t.kind != "interface" and t.name not in node.removed_checks for t in tracks):
        return None
    state = node.service("mysqld").state
    if node.removed_checks:
        script, words = next(iter(node.removed_checks.items()))
        return Cause(
            f"check {script} was left out, so nothing checks mysqld",
            "keepalived: a check that cannot run is left out, and the instance carries on without it",
            f"mysqld is {state} on {node.name}, but there is no failover: keepalived left out the check "
            f"{script} when it read its configuration. It said: “{words}”.",
            key="script",
            script=script,
        )
    if scripts := sorted(list_tracked_scripts(parse_config(node.loaded))):
        group = instance.settings.sync_group if instance.settings else ""
        return _ignored_weight(node, scripts[0], group) if group else None
    return Cause(
        "nothing checks mysqld",
        "keepalived: without a track_script, track_process or track_file it knows nothing about a service",
        f"mysqld is {state} on {node.name}, but there is no failover: keepalived there has no check, so it "
        "does not notice.",
        key="state",
    )


def _ignored_weight(node: NodeState, script: str, group: str) -> Cause:
    """That keepalived ignores a check for its weight."""
    return Cause(
        f"check {script} has a weight, which does not count in a sync group",
        "keepalived: in a vrrp_sync_group, weights count only with sync_group_tracking_weight",
        f"mysqld is {node.service('mysqld').state} on {node.name}, but there is no failover: keepalived "
        f"ignores the check {script}, because it has a weight and the instance is in sync group {group}.",
        key="weight",
        script=script,
    )


def _still_master(lab: LabState, node: NodeState, line: PriorityChanged) -> Cause | None:
    """That no Backup takes over though the Master's priority fell; None if one will, or there is none."""
    backups = [
        (other.name, instance)
        for other in lab.nodes.values()
        if other.name != node.name
        and (instance := other.instances.get(line.instance)) is not None
        and instance.reported == "BACKUP"
    ]
    if not backups or any(instance.priority == line.after for _, instance in backups):
        return None  # between equals the addresses decide
    better = [backup for backup in backups if backup[1].priority > line.after]
    failed = [name for name, c in node.checks.items() if not c.ok and lab.at - c.since <= JUST_NOW]
    script = failed[0] if failed else ""
    fell = f"The priority of {node.name} fell from {line.before} to {line.after}"
    if not better:
        name, best = max(backups, key=lambda backup: backup[1].priority)
        return Cause(
            f"its priority fell to {line.after}, still above the {best.priority} of {name}",
            "VRRP: a Backup takes over only from a Master of lower priority",
            f"{fell}. {name} has only {best.priority}, so {node.name} stays Master.",
            f"{line.after} > {best.priority}",
            "weight",
            script,
        )
    if all(backup.settings is not None and backup.settings.nopreempt for _, backup in better):
        name, best = better[0]
        return Cause(
            f"{name} has nopreempt",
            "keepalived: with nopreempt a Backup never takes over from a Master that is alive",
            f"{fell}, below the {best.priority} of {name}. But {name} has nopreempt: it never "
            f"takes over from "
            f"a Master that still sends adverts, so {node.name} stays Master.",
            f"{line.after} < {best.priority}",
            "weight",
            script,
        )
    return None
