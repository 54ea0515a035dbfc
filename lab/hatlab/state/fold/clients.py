"""Facts about clients: their probes, writes and outages."""

from __future__ import annotations

from hatlab import events as e
from hatlab.state.model import KEEP, ClientState, LabState, evolve, with_entry
from hatlab.state.table_diff import ARRIVES
from hatlab.util.ranges import add_number


def fold_client(state: LabState, event: e.Probe | e.Write | e.Outage) -> LabState:
    """A client tried the virtual address, wrote a row, or had an outage that is over."""
    client = state.clients.get(event.client, ClientState(event.client))
    match event:
        case e.Probe():
            client = _fold_probe(client, event)
        case e.Write():
            client = _fold_write(client, event)
        case e.Outage():
            client = evolve(client, outages=(*client.outages[1 - KEEP :], event))
    return evolve(state, clients=with_entry(state.clients, event.client, client))


def _fold_probe(client: ClientState, event: e.Probe) -> ClientState:
    if not event.ok and client.good_at is not None and event.at < client.good_at:
        return evolve(client, last=event)  # another try, begun about then, was answered
    if not event.ok:
        return evolve(client, last=event, failed=client.failed + 1)
    return evolve(
        client,
        last=event,
        server=event.server,
        good_at=event.at + (event.latency_ms or 0.0) / 1000,
        failed=0,
    )


def _fold_write(client: ClientState, event: e.Write) -> ClientState:
    """A lower number than before means that it began again."""
    if client.write is not None and event.sequence <= client.write.sequence:
        client = evolve(client, kept=(), fresh=())
    if not event.ok or event.server is None:
        return evolve(client, write=event, refused=client.refused + 1)
    count = client.acknowledged.get(event.server, 0) + 1
    fresh = tuple(entry for entry in client.fresh if event.at - entry[0] < ARRIVES)
    return evolve(
        client,
        write=event,
        acknowledged=with_entry(client.acknowledged, event.server, count),
        kept=add_number(client.kept, event.sequence),
        fresh=(*fresh, (event.at, event.sequence)),
    )
