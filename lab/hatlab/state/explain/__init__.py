"""Why a node changed state: the packet, timer or check that caused it, the rule, the arithmetic with the
real numbers, and the line of keepalived.conf behind them. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from hatlab import events as e
from hatlab.keepalived import line_at
from hatlab.state.explain.causes import find_cause
from hatlab.state.explain.outage import explain_outage
from hatlab.state.explain.standstill import why_nothing_follows
from hatlab.state.explain.transition import Cause, Transition
from hatlab.state.model import InstanceState, LabState, NodeState

__all__ = ["explain"]


def explain(before: LabState, event: e.Event, after: LabState) -> Iterator[e.Why]:
    """An explanation of each transition that this event is, or brings about; of the outage it ends, too, and
    of a Master that stays one though its node is worse off."""
    for node, name, cause in why_nothing_follows(event, after):
        yield _explain(event.at, node, name, cause, "MASTER")
    match event:
        case e.Vrrp():
            touched = [event.instance]
        case e.Process(service="keepalived", state="down") | e.Node(state="off"):
            touched = list(after.nodes[event.node].instances) if event.node in after.nodes else []
        case e.Probe(ok=True):
            yield from explain_outage(before, event)
            return
        case _:
            return
    if event.node not in before.nodes:
        return
    now = after.nodes[event.node]
    for name in touched:
        old = before.nodes[event.node].instances.get(name, InstanceState())
        new = now.instances[name]
        if old.reported == new.reported:
            continue
        if old.reported == "UNKNOWN" and event.at <= 0:
            continue  # it was so when the incident begins
        if new.reported == "UNKNOWN" and not now.sees("log") and (new.sent is None or new.sent.priority):
            continue
        cause = find_cause(Transition(before, event, now, name, old, new))
        yield _explain(event.at, now, name, cause, old.reported)


def _explain(at: float, node: NodeState, name: str, cause: Cause, before: str) -> e.Why:
    """The event of a cause: of a transition from the state `before`, or of one that did not come."""
    instance = node.instances[name]
    return e.Why(
        at=at,
        node=node.name,
        instance=name,
        from_=before,
        to=instance.reported,
        cause=cause.cause,
        rule=cause.rule,
        arithmetic=cause.arithmetic,
        line=_conf_line(node, instance, cause),
        text=cause.text,
    )


def _conf_line(node: NodeState, instance: InstanceState, found: Cause) -> str:
    """`keepalived.conf:31: priority 100`, empty if the file has no such line."""
    block = node.scripts.get(found.script) if found.script else instance.settings
    where = block.lines.get(found.key) if block else None
    return f"keepalived.conf:{where}: {line_at(node.loaded, where)}" if where else ""
