"""Adverts: a claim of their sender, and a timer set or a refusal by whoever receives them."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address

from hatlab import events as e
from hatlab.keepalived import InstanceSettings
from hatlab.state.fold.master_down_timer import arm_timer
from hatlab.state.model import Claim, InstanceState, LabState, NodeState, Rejected, evolve, with_entry
from hatlab.topology import Instance, Layout
from hatlab.util.addresses import is_ipv6
from hatlab.vrrp.codec import decode, has_header
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
    state = evolve(state, nodes=with_entry(state.nodes, node.name, evolve(node, instances=instances)))
    sender = state.nodes.get(source)
    if event.direction == "sent" or sender is None or sender.sees("capture"):
        return state
    return _note_sent(state, sender, claim, event)


def _note_sent(state: LabState, sender: NodeState, claim: Claim, event: e.Advert) -> LabState:
    """What arrived somewhere was sent: all that is known where there is no capture of the sender's own."""
    specs = state.layout.topology.instances if state.layout else {}
    router = event.vrid, is_ipv6(event.source)
    instances = {
        name: evolve(instance, sent=claim) if _router_of(instance, specs.get(name)) == router else instance
        for name, instance in sender.instances.items()
    }
    return evolve(state, nodes=with_entry(state.nodes, sender.name, evolve(sender, instances=instances)))


def _router_of(instance: InstanceState, spec: Instance | None) -> tuple[int | None, bool] | None:
    """What tells a virtual router from others on its network: its VRID, and whether it is of IPv6."""
    if instance.settings is not None:
        return instance.settings.vrid, instance.settings.family == 6
    return spec.router if spec is not None else None


def _receive_advert(
    instance: InstanceState, claim: Claim, event: e.Advert, layout: Layout, node: str
) -> InstanceState:
    """The effect of a received advert on a Backup's timer or a Master (RFC 9568 §6.4.2, §6.4.3)."""
    reason = _refusal_reason(instance, event)
    if reason:
        return evolve(instance, rejected=Rejected(event.at, claim.node, reason))
    instance = evolve(instance, heard=with_entry(instance.heard, claim.node, claim))
    match instance.reported:
        case "BACKUP" | "UNKNOWN" if claim.priority == 0 or claim.priority >= instance.priority:
            return arm_timer(evolve(instance, preempt_from=None), event.at, claim)
        case "BACKUP" | "UNKNOWN":
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
    """True if keepalived does not mind what is unsound: any TTL by unicast, another group that is its own, no
    address, version 2 over IPv6, a checksum counted in its own way."""
    if conf is None:
        return False
    match defect:
        case "ttl":
            return bool(conf.unicast_peers)
        case "destination":
            return event.destination == conf.adverts.group
        case "version":
            return event.version == conf.version == 2
        case "checksum":
            return conf.version == 3 and conf.adverts.checksum_kind == "plain"
        case _:
            return defect == "no_addresses"


def _refusal_reason(instance: InstanceState, event: e.Advert) -> str:
    """Why keepalived refuses an advert, empty if it takes it."""
    conf = instance.settings
    if conf is not None and (reason := _other_way(conf, event)):
        return reason
    if defects := [defect for defect in event.defects if not _is_accepted(defect, conf, event)]:
        return "bad " + ", ".join(defects)
    if conf is None:
        return ""
    if event.version != conf.version:
        return f"version {event.version}, ours {conf.version}"
    if conf.version == 2 and event.frame and (reason := _other_password(conf, event)):
        return reason
    if conf.version == 2 and event.interval != max(1, round(conf.interval)):
        return f"advert interval {event.interval:g} s, ours {conf.interval:g} s"
    return ""


def _other_way(conf: InstanceSettings, event: e.Advert) -> str:
    """Why an advert does not even reach keepalived's socket: it came another way; empty if it does."""
    unicast, by_group = bool(conf.unicast_peers), _is_group(event.destination)
    if unicast == by_group:
        return "sent by multicast, ours is unicast" if unicast else "sent by unicast, ours is multicast"
    if by_group and event.destination != conf.adverts.group:
        return f"sent to {event.destination}, ours listens to {conf.adverts.group}"
    if event.frame and has_header(event.frame) != (conf.auth_type == "AH"):
        if conf.auth_type == "AH":
            return "no authentication header, ours has one"
        return "an authentication header, ours has none"
    return ""


@lru_cache(maxsize=64)
def _is_group(address: str) -> bool:
    return ip_address(address).is_multicast


def _other_password(conf: InstanceSettings, event: e.Advert) -> str:
    """Why an advert of version 2 fails to prove who sent it; empty if it does not."""
    if conf.auth_type != "AH":
        same = (event.auth or None) == (conf.auth_pass or None)
        return "" if same else f"password {event.auth!r}, ours {conf.auth_pass!r}"
    advert = decode(bytes.fromhex(event.frame))
    header = advert.header if advert else None
    sound = header is not None and header.matches(conf.auth_pass or "")
    return "" if sound else "an authentication header made with another password"
