"""Adverts: a claim of their sender, and a timer set or a refusal by whoever receives them."""

from __future__ import annotations

from hatlab import events as e
from hatlab.keepalived import InstanceSettings
from hatlab.state.fold.master_down_timer import arm_timer
from hatlab.state.model import Claim, InstanceState, LabState, Rejected, evolve, with_entry
from hatlab.topology import Instance, Layout
from hatlab.util.addresses import is_ipv6
from hatlab.vrrp.codec import GROUPS
from hatlab.vrrp.reception import address_octets


def fold_advert(state: LabState, event: e.Advert) -> LabState:
    """A node sent or received an advert."""
    node = state.nodes.get(event.node)
    layout = state.layout
    if node is None or layout is None or event.vrid is None or event.priority is None:
        return state
    source = layout.owner_of(event.source) or event.source
    claim = Claim(event.at, source, event.priority, event.interval or 1.0, event.addresses)
    instances = dict(node.instances)
    for name, instance in node.instances.items():
        spec = layout.topology.instances.get(name)
        if spec is not None and spec.network_of(node.name) != event.network:
            continue
        if _router_of(instance, spec) != (event.vrid, is_ipv6(event.source)):
            continue
        if event.direction == "sent":
            instances[name] = evolve(instance, sent=claim)
        elif source != node.name:
            instances[name] = _receive_advert(instance, claim, event, layout, node.name)
    return evolve(state, nodes=with_entry(state.nodes, node.name, evolve(node, instances=instances)))


def _router_of(instance: InstanceState, spec: Instance | None) -> tuple[int | None, bool] | None:
    """What tells a virtual router from others on its network: its VRID, and whether it is of IPv6."""
    if instance.settings is not None:
        return instance.settings.vrid, instance.settings.family == 6
    return (spec.vrid, spec.family == "ipv6") if spec is not None else None


def _receive_advert(
    instance: InstanceState, claim: Claim, event: e.Advert, layout: Layout, node: str
) -> InstanceState:
    """The effect of a received advert on a Backup's timer or a Master (RFC 9568 §6.4.2, §6.4.3)."""
    reason = _refusal_reason(instance, event)
    if reason:
        return evolve(instance, rejected=Rejected(event.at, claim.node, reason))
    instance = evolve(instance, heard=with_entry(instance.heard, claim.node, claim))
    match instance.reported:
        case "BACKUP" if claim.priority == 0 or claim.priority >= instance.priority:
            return arm_timer(evolve(instance, preempt_from=None), event.at, claim)
        case "BACKUP":
            return _hear_lower_priority(instance, claim)
        case "MASTER" if _outranks(claim, event, instance, layout, node):
            return evolve(instance, yielded=claim)
        case _:
            return instance


def _hear_lower_priority(instance: InstanceState, claim: Claim) -> InstanceState:
    """A Backup lets the timer run on (preemption), unless nopreempt or preempt_delay has it wait."""
    conf = instance.settings
    if conf is not None and conf.preempt_delay and instance.preempt_from is None:
        instance = evolve(instance, preempt_from=claim.at + conf.preempt_delay)
    delayed = instance.preempt_from is not None and claim.at < instance.preempt_from
    if delayed or (conf is not None and conf.nopreempt):
        return evolve(arm_timer(instance, claim.at, claim), discarded=claim if delayed else None)
    return evolve(instance, discarded=claim)


def _outranks(claim: Claim, event: e.Advert, instance: InstanceState, layout: Layout, node: str) -> bool:
    if claim.priority != instance.priority:
        return claim.priority > instance.priority
    own = layout.advert_address(node, event.network, event.source)
    return address_octets(event.source) > address_octets(own)


def _is_accepted(defect: str, conf: InstanceSettings | None, event: e.Advert) -> bool:
    """True if keepalived does not mind what is unsound: any TTL by unicast, version 2 over IPv6."""
    if conf is None:
        return False
    return (defect == "ttl" and bool(conf.unicast_peers)) or (
        defect == "version" and event.version == conf.version == 2
    )


def _refusal_reason(instance: InstanceState, event: e.Advert) -> str:
    """Why keepalived refuses an advert, empty if it takes it."""
    conf = instance.settings
    unicast = conf is not None and bool(conf.unicast_peers)
    if defects := [defect for defect in event.defects if not _is_accepted(defect, conf, event)]:
        return "bad " + ", ".join(defects)
    if conf is None:
        return ""
    if unicast == (event.destination in GROUPS):
        return "sent by multicast, ours is unicast" if unicast else "sent by unicast, ours is multicast"
    if event.version != conf.version:
        return f"version {event.version}, ours {conf.version}"
    if conf.version == 2 and (event.auth or None) != (conf.auth_pass or None):
        return f"password {event.auth!r}, ours {conf.auth_pass!r}"
    if conf.version == 2 and event.interval != max(1, round(conf.interval)):
        return f"advert interval {event.interval:g} s, ours {conf.interval:g} s"
    return ""
