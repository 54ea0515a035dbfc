"""What keepalived's own log says of adverts, where no capture shows them: an imported incident's logs.

In a lab the frames themselves are seen, and these lines add nothing.
"""

from __future__ import annotations

from hatlab import events as e
from hatlab.keepalived import (
    AdvertRefused,
    HigherPriorityHeard,
    LogLine,
    LowerPriorityHeard,
    MasterChanged,
    PriorityZero,
    parse_log_line,
)
from hatlab.state.fold.master_down_timer import arm_timer
from hatlab.state.model import NOT_SAID, Claim, InstanceState, NodeState, Rejected, evolve, with_entry
from hatlab.topology import Layout


def fold_log_hints(node: NodeState, event: e.Log, layout: Layout) -> NodeState:
    """A node after a line of its keepalived's log that tells of an advert."""
    line = parse_log_line(event.text) if event.service == "keepalived" else None
    name = getattr(line, "instance", "")
    if line is None or name not in node.instances:
        return node
    instance = _hear(node.instances[name], line, event.at, layout)
    return evolve(node, instances=with_entry(node.instances, name, instance))


def _hear(instance: InstanceState, line: LogLine, at: float, layout: Layout) -> InstanceState:
    interval = instance.settings.interval if instance.settings else 1.0

    def claim(address: str, priority: int | None) -> Claim:
        name = layout.owner_of(address) or address
        return Claim(at, name, NOT_SAID if priority is None else priority, interval)

    match line:
        case PriorityZero(direction="sent"):
            return evolve(instance, sent=Claim(at, "", 0, interval))
        case PriorityZero() if instance.reported == "BACKUP":
            return arm_timer(instance, at, Claim(at, "", 0, interval))
        case LowerPriorityHeard() if instance.reported == "BACKUP":
            return evolve(instance, discarded=claim(line.address, line.priority))
        case LowerPriorityHeard() if line.ours is not None:
            return evolve(instance, priority=line.ours)
        case HigherPriorityHeard():
            ours = instance.priority if line.ours is None else line.ours
            return evolve(instance, yielded=claim(line.address, line.priority), priority=ours)
        case AdvertRefused():
            source = layout.owner_of(line.address) or line.address
            return evolve(instance, rejected=Rejected(at, source, line.detail))
        case MasterChanged() if instance.reported == "BACKUP":
            # whatever its priority is: it is one that arms the timer
            heard = claim(line.address, instance.priority)
            return arm_timer(evolve(instance, heard={heard.node: heard}), at, None)
        case _:
            return instance
