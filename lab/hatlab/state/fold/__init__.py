"""`fold(state, event) -> state`: pure, total over every kind of event, and the only way a state changes.

Facts of different nodes arrive up to some milliseconds out of order; nothing here depends on an order
between nodes.
"""

from __future__ import annotations

from hatlab import events as e
from hatlab.state.fold.adverts import fold_advert
from hatlab.state.fold.clients import fold_client
from hatlab.state.fold.log_hints import fold_log_hints
from hatlab.state.fold.nodes import fold_node
from hatlab.state.fold.tables import fold_table, update_differing
from hatlab.state.model import (
    IMPORTED,
    KEEP,
    ClientState,
    InstanceState,
    LabState,
    NodeState,
    ServiceState,
    evolve,
    layout_of,
    with_entry,
)

_MOST_COARSE = 2.0
"""Seconds that are the precision of a log; more is a time that is not known."""


def fold(state: LabState, event: e.Event) -> LabState:
    """Return the state after one more fact."""
    if event.at > state.at:
        state = evolve(state, at=event.at)
    match event:
        case e.Tick() | e.Dropped() | e.Learner() | e.Rewound():
            return state
        case e.Probe() | e.Write() | e.Outage():
            return fold_client(state, event)
        case e.Lab():
            return _begin_lab(event)
        case e.Phase():
            return evolve(
                state, phases=with_entry(state.phases, event.name, (event.done, event.at, event.detail))
            )
        case e.Arp():
            return _fold_arp(state, event)
        case e.Condition():
            left = {k: v for k, v in state.conditions.items() if k != event.name}
            return evolve(state, conditions=with_entry(left, event.name, event) if event.present else left)
        case e.Why():
            return evolve(state, whys=(*state.whys[1 - KEEP :], event))
        case e.Action():
            done = state.actions if event.phase == "started" else (*state.actions[1 - KEEP :], event)
            return evolve(state, action=event, actions=done)
        case e.Advert():
            return fold_advert(state, event)
        case e.Address():
            return _fold_address(state, event)
        case e.Table():
            return fold_table(state, event)
        case _:
            node = state.nodes.get(getattr(event, "node", ""))
            if node is None:
                return state
            node = fold_node(node, event)
            if isinstance(event, e.Log) and state.layout is not None and not node.sees("capture"):
                node = fold_log_hints(node, event, state.layout)
            state = _replace_node(state, node)
            return update_differing(state, event.at) if isinstance(event, e.Replication) else state


def _replace_node(state: LabState, node: NodeState) -> LabState:
    return _update_owners(evolve(state, nodes=with_entry(state.nodes, node.name, node)), state.at)


def _update_owners(state: LabState, at: float) -> LabState:
    """Notes since when each virtual address has had its present owners."""
    owned = dict(state.owned)
    for address, (before, _) in state.owned.items():
        now = state.owners(address)
        if now != before:
            owned[address] = (now, at)
    return evolve(state, owned=owned) if owned != state.owned else state


def _begin_lab(event: e.Lab) -> LabState:
    layout = layout_of(event)
    is_known = event.engine != IMPORTED
    nodes = {
        name: NodeState(
            name,
            power="off" if is_known else "unknown",
            instances={
                i: InstanceState(
                    "INIT" if is_known else "UNKNOWN",
                    priority=layout.topology.instances[i].members[name].priority,
                )
                for i in layout.instances_of(name)
            },
            services={} if is_known else dict.fromkeys(layout.services(name), ServiceState("unknown")),
            sources=None if is_known else frozenset(event.sources.get(name, ())),
            unknown_addresses=frozenset(
                a for a in layout.vip_addresses if not is_known and name in layout.nodes_with_vip(a)
            ),
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


def _fold_address(state: LabState, event: e.Address) -> LabState:
    node = state.nodes.get(event.node)
    if node is None:
        return state
    pair = (event.network, event.address)
    held = node.addresses | {pair} if event.held else node.addresses - {pair}
    unknown = node.unknown_addresses - {event.address}
    nodes = with_entry(state.nodes, node.name, evolve(node, addresses=held, unknown_addresses=unknown))
    coarse = max(state.coarse, min(event.about, _MOST_COARSE))
    return _update_owners(evolve(state, nodes=nodes, coarse=coarse), event.at)


def _fold_arp(state: LabState, event: e.Arp) -> LabState:
    if not event.gratuitous:
        return state
    if event.direction == "sent":
        return evolve(state, announcers=with_entry(state.announcers, event.address, event.node))
    known = with_entry(state.arp.get(event.address, {}), event.mac, event.at)
    return evolve(state, arp=with_entry(state.arp, event.address, known))
