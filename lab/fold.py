"""`fold(state, event) -> state`: pure, total over every kind of event, and the only way a state changes.

Facts of different nodes arrive up to some milliseconds out of order; nothing here depends on an order
between nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeVar

from lab import events as e
from lab.keepalived import ConfigurationRead, Script, ScriptResult, Settings, read_log, scripts, settings
from lab.ranges import Ranges, add, parse_ranges
from lab.state import (
    CheckState,
    Claim,
    ClientState,
    FilterState,
    InstanceState,
    LabState,
    NodeState,
    Rejected,
    ServiceState,
    evolve,
)
from lab.tables import ARRIVES, settled, unequal
from lab.topology import Layout, Topology
from lab.vrrp.codec import GROUP_V4
from lab.vrrp.machine import effective_priority
from lab.vrrp.timers import master_down_interval, skew_time

K = TypeVar("K")
V = TypeVar("V")

KEEP = 64
"""How many explanations, actions and outages a state remembers; the session's history has them all."""


def put(mapping: Mapping[K, V], key: K, value: V) -> dict[K, V]:
    """A copy of a mapping with one entry changed."""
    return {**mapping, key: value}


def fold(state: LabState, event: e.Event) -> LabState:
    """The state after one more fact."""
    if event.at > state.at:
        state = evolve(state, at=event.at)
    match event:
        case e.Tick():
            return state
        case e.Probe():
            return _client(state, event.client, lambda c: _probe(c, event))
        case e.Write():
            return _client(state, event.client, lambda c: _write(c, event))
        case e.Lab():
            return _begin(event)
        case e.Phase():
            return evolve(state, phases=put(state.phases, event.name, (event.done, event.at, event.detail)))
        case e.Arp():
            return _arp(state, event)
        case e.Condition():
            left = {k: v for k, v in state.conditions.items() if k != event.name}
            return evolve(state, conditions=put(left, event.name, event) if event.present else left)
        case e.Outage():
            return _client(state, event.client, lambda c: _outage(c, event))
        case e.Why():
            return evolve(state, whys=(*state.whys[1 - KEEP :], event))
        case e.Action():
            done = state.actions if event.phase == "started" else (*state.actions[1 - KEEP :], event)
            return evolve(state, action=event, actions=done)
        case e.Dropped():
            return evolve(state, dropped=state.dropped + event.count)
        case e.Advert():
            return _advert(state, event)
        case e.Address():
            return _address(state, event)
        case e.Table():
            return _table(state, event)
        case _:
            node = state.nodes.get(getattr(event, "node", ""))
            if node is None:
                return state
            state = _with_node(state, _node(node, event))
            return _differing(state, event.at) if isinstance(event, e.Replication) else state


def _with_node(state: LabState, node: NodeState) -> LabState:
    return _owners(evolve(state, nodes=put(state.nodes, node.name, node)), state.at)


def _owners(state: LabState, at: float) -> LabState:
    """Notes since when each virtual address has had its present owners."""
    owned = dict(state.owned)
    for address, (before, _) in state.owned.items():
        now = state.owners(address)
        if now != before:
            owned[address] = (now, at)
    return evolve(state, owned=owned) if owned != state.owned else state


def _begin(event: e.Lab) -> LabState:
    layout = Layout(event.name, Topology.model_validate(event.topology), event.subnets)
    nodes = {
        name: NodeState(
            name,
            instances={
                i: InstanceState(priority=layout.topology.instances[i].members[name].priority)
                for i in layout.instances_of(name)
            },
        )
        for name in layout.node_names
    }
    return LabState(
        at=event.at,
        engine=event.engine,
        reason=event.reason,
        name=event.name,
        started=event.started,
        layout=layout,
        nodes=nodes,
        clients={name: ClientState(name) for name in layout.client_names},
        owned={address: (frozenset[str](), event.at) for address in layout.vip_addresses},
    )


def _node(node: NodeState, event: e.Event) -> NodeState:
    match event:
        case e.Vrrp():
            return _vrrp(node, event)
        case e.Process():
            return _process(node, event)
        case e.Log():
            return _log(node, event)
        case e.Conf():
            return _conf(node, event)
        case e.Link():
            return evolve(node, links=put(node.links, event.network, event.up))
        case e.Filter():
            drop = FilterState(event.percent, event.rules, event.delay_ms, event.at)
            return evolve(node, filters=put(node.filters, event.network, drop))
        case e.Replication():
            return evolve(node, replication=event)
        case e.ReadOnly():
            return evolve(node, read_only=event.read_only)
        case e.Written():
            return evolve(node, written=_numbers(event.sequences))
        case e.Node():
            return _power(node, event)
        case _:
            return node


def _numbers(sequences: Mapping[str, str]) -> dict[str, Ranges]:
    """Each client's ranges; without those that are none."""
    found = {}
    for client, text in sequences.items():
        with suppress(ValueError):
            found[client] = parse_ranges(text)
    return found


def _power(node: NodeState, event: e.Node) -> NodeState:
    if event.state != "off":
        return evolve(node, power=event.state, since=event.at)
    return evolve(
        node,
        power="off",
        since=event.at,
        addresses=frozenset(),
        services={n: ServiceState("down", "power off", event.at) for n in node.services},
        instances={n: _state(i, "STOPPED", event.at) for n, i in node.instances.items()},
        links={},
        filters={},
        checks={},
        replication=None,
        read_only=False,
    )


def _process(node: NodeState, event: e.Process) -> NodeState:
    before = node.service(event.service).state
    service = ServiceState(event.state, event.reason, event.at, event.pid)
    node = evolve(node, services=put(node.services, event.service, service))
    if event.service == "mysqld" and event.state == "down":
        return evolve(node, read_only=False)
    if event.service != "keepalived" or event.state == "frozen":
        return node
    if event.state == "down":
        stopped = {n: _state(i, "STOPPED", event.at) for n, i in node.instances.items()}
        return evolve(node, instances=stopped, checks={})
    if before == "frozen":
        return node
    begun = {
        n: _state(i, "INIT", event.at) if i.reported == "STOPPED" else i for n, i in node.instances.items()
    }
    return _load(evolve(node, instances=begun), event.at)


def _state(instance: InstanceState, reported: str, at: float) -> InstanceState:
    """The instance in another state; leaving Backup stops its timer."""
    if reported == instance.reported:
        return instance
    return evolve(instance, reported=reported, since=at, armed=None, zero_from=None)


def _vrrp(node: NodeState, event: e.Vrrp) -> NodeState:
    old = node.instances.get(event.instance, InstanceState())
    new = _state(old, event.state, event.at)
    if event.priority is not None and event.state in {"BACKUP", "MASTER"}:
        new = evolve(new, priority=event.priority)
    if event.state == "BACKUP" and (old.reported != "BACKUP"):
        new = _arm(new, event.at, None)
    return evolve(node, instances=put(node.instances, event.instance, new))


def _arm(instance: InstanceState, at: float, heard: Claim | None) -> InstanceState:
    """Sets the master-down timer: skew after a priority 0, else 3 × the Master's interval + skew."""
    conf = instance.settings
    version, interval = (conf.version, conf.interval) if conf else (2, 1.0)
    if heard is not None and heard.priority == 0:
        timeout = skew_time(version, instance.priority, heard.interval)
        return evolve(instance, armed=at, timeout=timeout, zero_from=heard.node, discarded=None)
    interval = heard.interval if heard else interval
    timeout = master_down_interval(version, instance.priority, interval)
    return evolve(instance, armed=at, timeout=timeout, zero_from=None, discarded=None)


def _conf(node: NodeState, event: e.Conf) -> NodeState:
    """The file changed. A running keepalived does not look at it before it is told to."""
    node = evolve(node, conf=event.text, original_conf=node.original_conf or event.text)
    return _load(node, event.at) if node.service("keepalived").state == "down" else node


def _load(node: NodeState, at: float) -> NodeState:
    """keepalived reads its configuration, at its start or at a reload.

    A reload tells no state: the new priority counts at once, and a Backup waits from the beginning.
    """
    found, known = settings(node.conf), scripts(node.conf)
    instances = {n: InstanceState() for n in found} | dict(node.instances)
    for name, instance in instances.items():
        conf = found.get(name)
        if conf is not None:
            priority = _effective_priority(conf, known, node.checks)
            new = evolve(instance, settings=conf, priority=priority)
            instances[name] = _arm(new, at, None) if new.reported == "BACKUP" else new
    return evolve(node, loaded=node.conf, scripts=known, instances=instances)


def _effective_priority(conf: Settings, known: Mapping[str, Script], checks: Mapping[str, CheckState]) -> int:
    """The base priority with the weights that apply now; a sync group has none."""
    weights = [
        (known[name].weight, checks[name].ok)
        for name in conf.track_scripts
        if name in known and name in checks and not conf.sync_group
    ]
    return effective_priority(conf.priority, tuple(w for w, ok in weights if (w > 0) == ok))


def _log(node: NodeState, event: e.Log) -> NodeState:
    if event.service != "keepalived":
        return node
    line = read_log(event.text)
    if isinstance(line, ConfigurationRead):
        return _load(node, event.at)
    if not isinstance(line, ScriptResult):
        return node
    old = node.checks.get(line.script, CheckState())
    new = _check(old, line, event.at)
    return evolve(node, checks=put(node.checks, line.script, new))


def _check(old: CheckState, line: ScriptResult, at: float) -> CheckState:
    """A single run that disagrees with the verdict starts the count; the verdict ends it."""
    if line.verdict:
        return CheckState(line.ok, at, None if line.ok == old.ok and old.since else old.turned, line.detail)
    if line.ok != old.ok:
        return evolve(old, turned=at, detail=line.detail)
    return evolve(old, turned=None)


def _address(state: LabState, event: e.Address) -> LabState:
    node = state.nodes.get(event.node)
    if node is None:
        return state
    pair = (event.network, event.address)
    held = node.addresses | {pair} if event.held else node.addresses - {pair}
    nodes = put(state.nodes, node.name, evolve(node, addresses=held))
    return _owners(evolve(state, nodes=nodes), event.at)


def _table(state: LabState, event: e.Table) -> LabState:
    node = state.nodes.get(event.node)
    if node is None:
        return state
    tables = {name: table for name, table in node.tables.items() if name != event.name}
    if event.rows is not None:
        tables[event.name] = event
    node = evolve(node, tables=tables, looked=event.gtid_executed)
    return _differing(evolve(state, nodes=put(state.nodes, node.name, node)), event.at)


def _differing(state: LabState, at: float) -> LabState:
    """Notes which tables servers hold differently with nothing outstanding: until they are seen equal."""
    differing = {
        name: state.differing.get(name, at)
        for name in unequal(state)
        if name in state.differing or settled(state, name)
    }
    return evolve(state, differing=differing) if differing != state.differing else state


def _arp(state: LabState, event: e.Arp) -> LabState:
    if not event.gratuitous or event.direction != "received":
        return state
    known = put(state.arp.get(event.address, {}), event.mac, event.at)
    return evolve(state, arp=put(state.arp, event.address, known))


def _advert(state: LabState, event: e.Advert) -> LabState:
    node = state.nodes.get(event.node)
    layout = state.layout
    if node is None or layout is None or event.vrid is None or event.priority is None:
        return state
    source = layout.owner_of(event.source) or event.source
    claim = Claim(event.at, source, event.priority, event.interval or 1.0, event.addresses)
    instances = dict(node.instances)
    for name, instance in node.instances.items():
        spec = layout.topology.instances.get(name)
        vrid = instance.settings.vrid if instance.settings else spec.vrid if spec else None
        if vrid != event.vrid or (spec is not None and spec.network != event.network):
            continue
        if event.direction == "sent":
            instances[name] = evolve(instance, sent=claim)
        elif source != node.name:
            instances[name] = _hear(instance, claim, event, layout, node.name)
    return evolve(state, nodes=put(state.nodes, node.name, evolve(node, instances=instances)))


def _hear(instance: InstanceState, claim: Claim, event: e.Advert, layout: Layout, node: str) -> InstanceState:
    """What one received advert does to a Backup's timer or a Master's standing (RFC 9568 §6.4.2, §6.4.3)."""
    reason = _unacceptable(instance, event)
    if reason:
        return evolve(instance, rejected=Rejected(event.at, claim.node, reason))
    instance = evolve(instance, heard=put(instance.heard, claim.node, claim))
    match instance.reported:
        case "BACKUP":
            nopreempt = instance.settings is not None and instance.settings.nopreempt
            if claim.priority == 0 or claim.priority >= instance.priority or nopreempt:
                return _arm(instance, event.at, claim)
            return evolve(instance, discarded=claim)
        case "MASTER" if _outranks(claim, event, instance, layout, node):
            return evolve(instance, yielded=claim)
        case _:
            return instance


def _outranks(claim: Claim, event: e.Advert, instance: InstanceState, layout: Layout, node: str) -> bool:
    if claim.priority != instance.priority:
        return claim.priority > instance.priority
    own = layout.address(node, event.network)
    return _number(event.source) > _number(own)


def _number(address: str) -> tuple[int, ...]:
    return tuple(int(part) for part in address.split(".")) if ":" not in address else ()


def _unacceptable(instance: InstanceState, event: e.Advert) -> str:
    """Why keepalived refuses an advert, empty if it takes it."""
    conf = instance.settings
    unicast = conf is not None and bool(conf.unicast_peers)
    if defects := [defect for defect in event.defects if not (unicast and defect == "ttl")]:
        return "bad " + ", ".join(defects)
    if conf is None:
        return ""
    if unicast == (event.destination == GROUP_V4):
        return "sent by multicast, ours is unicast" if unicast else "sent by unicast, ours is multicast"
    if event.version != conf.version:
        return f"version {event.version}, ours {conf.version}"
    if conf.version == 2 and (event.auth or None) != (conf.auth_pass or None):
        return f"password {event.auth!r}, ours {conf.auth_pass!r}"
    if conf.version == 2 and event.interval != max(1, round(conf.interval)):
        return f"advert interval {event.interval:g} s, ours {conf.interval:g} s"
    return ""


def _client(state: LabState, name: str, change: Callable[[ClientState], ClientState]) -> LabState:
    client = change(state.clients.get(name, ClientState(name)))
    return evolve(state, clients=put(state.clients, name, client))


def _probe(client: ClientState, event: e.Probe) -> ClientState:
    if not event.ok:
        return evolve(client, last=event, failed=client.failed + 1, probes=client.probes + 1)
    return evolve(
        client,
        last=event,
        server=event.server,
        good_at=event.at + (event.latency_ms or 0.0) / 1000,
        failed=0,
        probes=client.probes + 1,
    )


def _write(client: ClientState, event: e.Write) -> ClientState:
    if client.write is not None and event.sequence <= client.write.sequence:
        client = evolve(client, kept=(), fresh=())  # numbering began again
    if not event.ok or event.server is None:
        return evolve(client, write=event, refused=client.refused + 1)
    count = client.acknowledged.get(event.server, 0) + 1
    fresh = tuple(entry for entry in client.fresh if event.at - entry[0] < ARRIVES)
    return evolve(
        client,
        write=event,
        acknowledged=put(client.acknowledged, event.server, count),
        kept=add(client.kept, event.sequence),
        fresh=(*fresh, (event.at, event.sequence)),
    )


def _outage(client: ClientState, event: e.Outage) -> ClientState:
    return evolve(client, outages=(*client.outages[1 - KEEP :], event))
