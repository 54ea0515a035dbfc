"""Facts that follow from facts: outages, conditions and explanations, as events of their own.

`derive(before, event, after)` is pure, so a live lab, a simulated one and a replay derive the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from hatlab import events as e
from hatlab.state.explain import explain
from hatlab.state.explain.outage import outage_span
from hatlab.state.model import InstanceState, LabState
from hatlab.state.table_diff import describe_difference, is_settled
from hatlab.util.addresses import is_ipv6
from hatlab.util.text import join_names, plural

CONDITIONS = (
    *("split_brain", "duplicate_address", "no_owner", "address_refused", "misdirected", "muted_master"),
    *("tables_differ", "check_left_out"),
)
"""Names of the conditions that can hold."""
GRACE = 0.2
"""Seconds that two owners, or none, must last: an orderly handover overlaps for a millisecond or two."""
SETTLED = 4.0
"""Seconds after which a Master of one-second adverts must have been seen advertising."""
LOOKED_AGAIN = 1.5
"""Seconds that tables must differ: in that time each server's were looked at twice more."""
LOST = 1.5
"""Seconds that a client must go unanswered, and an owner be the only one, until packets are misdirected."""
ANNOUNCED_LATELY = 60.0
"""Seconds before several held an address from which on an announcement of it counts: a neighbour believes one
about that long (Linux's ARP entry). While they hold it, it stays announced by both."""


def derive(before: LabState, event: e.Event, after: LabState) -> tuple[e.Event, ...]:
    """The derived events that this one causes, in order."""
    ended = outage_ended_by(before, event) if isinstance(event, e.Probe) and event.ok else None
    outages = () if ended is None else (ended,)
    return (*outages, *explain(before, event, after), *_condition_changes(after))


def outage_ended_by(before: LabState, event: e.Probe) -> e.Outage | None:
    """The outage that this good probe ends, None if it ends none."""
    span = outage_span(before, event)
    if span is None:
        return None
    client, (began, ended) = before.clients[event.client], span
    return e.Outage(
        at=ended,
        client=event.client,
        began=began,
        ended=ended,
        seconds=ended - began,
        failed=client.failed,
        before=client.server,
        after=event.server,
    )


def _condition_changes(state: LabState) -> Iterator[e.Event]:
    present = dict(_present_conditions(state))
    if not present and not state.conditions:
        return
    for name, describe in present.items():
        if name not in state.conditions:
            yield e.Condition(at=state.at, name=name, present=True, detail=describe())
    for name in sorted(state.conditions.keys() - present.keys()):
        yield e.Condition(at=state.at, name=name, present=False)


def _present_conditions(state: LabState) -> Iterator[tuple[str, Callable[[], str]]]:
    """(name, what says its detail) of each condition that holds now. Asked after nearly every event."""
    yield from _odd_owners(state)
    if refused := _refused_addresses(state):
        yield "address_refused", partial(_describe_refusal, refused)
    yield from _misdirected_clients(state)
    yield from _muted_masters(state)
    if left_out := _checks_left_out(state):
        yield "check_left_out", partial("; ".join, left_out)
    if names := [name for name, since in state.differing.items() if _tables_differ(state, name, since)]:
        yield "tables_differ", partial(_describe_differences, state, names)


def _odd_owners(state: LabState) -> Iterator[tuple[str, Callable[[], str]]]:
    """The conditions of addresses that have not one owner."""
    odd = {address: owned for address, owned in state.owned.items() if len(owned[0]) != 1}
    if not odd:
        return
    if split := _split_addresses(state):
        yield "split_brain", partial(_describe_owners, split)
    for address in split:
        announced, since = state.arp.get(address, {}), state.owned[address][1]
        lately = sorted(mac for mac, at in announced.items() if since - at <= ANNOUNCED_LATELY)
        if len(lately) > 1:
            yield "duplicate_address", partial(_describe_announcers, address, lately)
    for address, (owners, since) in odd.items():
        nobody = not owners and not state.possible_owners(address)
        if nobody and state.ready and _has_lasted(state, "no_owner", since):
            yield "no_owner", partial("nobody holds {}".format, address)


def _split_addresses(state: LabState) -> dict[str, frozenset[str]]:
    """Each address that several nodes hold, and they."""
    return {
        address: owners
        for address, (owners, since) in state.owned.items()
        if len(owners) > 1 and _has_lasted(state, "split_brain", since)
    }


def _refused_addresses(state: LabState) -> dict[str, list[str]]:
    """Each address that a node holds and refuses packets to, by a rule of keepalived's own, and who does."""
    refused: dict[str, list[str]] = {}
    for name, node in state.nodes.items():
        for drop in node.filters.values():
            for address in drop.refused:
                if address in state.owned and name in state.owned[address][0]:
                    refused.setdefault(address, []).append(name)
    return refused


def _describe_refusal(refused: Mapping[str, list[str]]) -> str:
    """`a holds 192.0.2.100 and drops every packet to it: …`, for each address that is refused."""
    return "; ".join(
        plural(
            len(owners),
            "{nodes} holds {address}, but keepalived's own firewall rule drops every packet to it "
            "(strict mode or no_accept)",
            "{nodes} hold {address}, but keepalived's own firewall rule drops every packet to it "
            "(strict mode or no_accept)",
            nodes=join_names(owners),
            address=address,
        )
        for address, owners in refused.items()
    )


def _describe_owners(split: Mapping[str, frozenset[str]]) -> str:
    """`A is held by db1, db2 and db3`; addresses that the same nodes hold share a sentence."""
    same: dict[frozenset[str], list[str]] = {}
    for address, owners in split.items():
        same.setdefault(owners, []).append(address)
    return "; ".join(
        plural(
            len(found),
            "{addresses} is held by {nodes}",
            "{addresses} are held by {nodes}",
            addresses=join_names(found),
            nodes=join_names(sorted(owners)),
        )
        for owners, found in same.items()
    )


def condition_detail(state: LabState, name: str) -> str:
    """A condition that holds, in words, as it is now: an address may get other owners as it goes on."""
    if name == "split_brain" and (split := _split_addresses(state)):
        return _describe_owners(split)
    if name == "address_refused" and (refused := _refused_addresses(state)):
        return _describe_refusal(refused)
    if name == "check_left_out" and (left_out := _checks_left_out(state)):
        return "; ".join(left_out)
    return state.conditions[name].detail


def _describe_announcers(address: str, macs: Sequence[str]) -> str:
    return f"{address} is announced by {join_names(macs)} at once"


def _describe_differences(state: LabState, tables: Sequence[str]) -> str:
    return ". ".join(describe_difference(state, name) for name in sorted(tables))


def _tables_differ(state: LabState, name: str, since: float) -> bool:
    """A difference that was found counts until the tables are seen equal, whatever happens meanwhile."""
    known = state.conditions.get("tables_differ")
    if known is not None and known.at - since >= LOOKED_AGAIN:
        return True
    return state.at - since >= LOOKED_AGAIN and is_settled(state, name)


def _has_lasted(state: LabState, name: str, since: float) -> bool:
    return name in state.conditions or state.at - since >= GRACE + 2 * state.coarse


def _checks_left_out(state: LabState) -> list[str]:
    """A sentence for each check that keepalived left out, with all nodes where it did."""
    nodes: dict[tuple[str, str], list[str]] = {}
    for node in state.nodes.values():
        if node.removed_checks and node.service("keepalived").state != "down":
            for script, words in node.removed_checks.items():
                nodes.setdefault((script, words), []).append(node.name)
    return [
        f"keepalived on {join_names(names)} left out the check {script} (“{words}”)"
        for (script, words), names in nodes.items()
    ]


def _misdirected_clients(state: LabState) -> Iterator[tuple[str, Callable[[], str]]]:
    """A client that is cut off, as it sends to a node that announced the address last and holds it no more.

    So a split can end: who yields to a better Master says nothing, and the better one announces nothing.
    """
    for client in state.clients.values():
        if not client.failed or client.cut_off is None:  # as nearly always
            continue
        if state.layout is None or client.name not in state.layout.client_names:
            continue
        address = state.layout.target_address(client.name)
        owners, since = state.owned.get(address, (frozenset(), state.at))
        last = state.announcers.get(address, "")
        if len(owners) != 1 or last in owners or last not in state.nodes or state.nodes[last].power != "on":
            continue
        known = "misdirected" in state.conditions
        if known or min(client.cut_off, state.at - since) >= LOST:
            (owner,) = owners
            yield "misdirected", partial(_describe_misdirected, client.name, last, owner, address)


def _describe_misdirected(client: str, last: str, owner: str, address: str) -> str:
    entry = "neighbour" if is_ipv6(address) else "ARP"
    return (
        f"{client} still sends to {last}, but {owner} holds {address}. {last} announced it "
        f"last, and the client's {entry} entry says so until it expires, in less than a minute"
    )


def _muted_masters(state: LabState) -> Iterator[tuple[str, Callable[[], str]]]:
    """Two reported Masters of which only one is to be seen advertising (keepalived's muted Master)."""
    for name, masters in advertising_masters(state):
        if any(state.at - i.since <= SETTLED for i in masters.values()):
            continue
        seen = [n for n, i in masters.items() if i.claims(state.at)]
        if len(seen) == 1:
            muted = ", ".join(sorted(set(masters) - set(seen)))
            yield "muted_master", partial(_describe_muted, muted, name, seen[0])


def advertising_masters(state: LabState) -> Iterator[tuple[str, dict[str, InstanceState]]]:
    """Yield each instance that several nodes report to be Master of, and should advertise, and they.

    One whose process stands still is not muted: it can do nothing at all.
    """
    for name in state.layout.topology.instances if state.layout else ():
        reported = [
            (node, instance)
            for node in state.nodes.values()
            if (instance := node.instances.get(name)) is not None and instance.reported == "MASTER"
        ]
        if len(reported) < 2:  # as nearly always, and asked after every event
            continue
        masters = {
            node.name: instance
            for node, instance in reported
            if node.power == "on" and node.sees("capture") and node.service("keepalived").state == "up"
        }
        if len(masters) > 1:
            yield name, masters


def _describe_muted(muted: str, instance: str, seen: str) -> str:
    return f"{muted} is Master of {instance} as well, but only {seen} sends adverts"
