"""Where the seconds of a client's outage went."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab import events as e
from hatlab.state.model import LabState

STEPS = frozenset({"FAULT", "STOPPED", "MASTER"})
"""Transitions that an outage waits for."""


def outage_span(before: LabState, event: e.Probe) -> tuple[float, float] | None:
    """When the outage that this good probe ends began and ended; None if it ends none.

    Tries overlap on a slow network: one that failed while another was answered is no outage.
    """
    client = before.clients.get(event.client)
    if client is None or not client.failed or client.good_at is None:
        return None
    ended = event.at + (event.latency_ms or 0.0) / 1000
    return (client.good_at, ended) if ended > client.good_at else None


def explain_outage(before: LabState, event: e.Probe) -> Iterator[e.Why]:
    """An explanation if this good probe ends an outage: the time until each transition on the way."""
    span = outage_span(before, event)
    if span is None:
        return
    client, (began, ended) = before.clients[event.client], span
    whys = [w for w in before.whys if began < w.at < ended and w.to in STEPS and w.from_ != w.to]
    steps = [(why.at, f"{why.node} was {why.to}") for why in whys]
    if not any(why.to == "MASTER" for why in whys):  # the first answer may come before keepalived's report
        steps += _address_taken(before, event.server, began, ended)
    marks, last = [], began
    for at, what in sorted({what: (at, what) for at, what in sorted(steps, reverse=True)}.values()):
        marks.append(f"{at - last:.2f} s until {what}")
        last = at
    marks.append(f"{ended - last:.2f} s until the client was answered")
    moved = client.server != event.server
    did = "forwarded" if event.pinged else "answered"
    who = (
        f"then {event.server} {did} instead of {client.server}"
        if moved
        else f"then {event.server} {did} again"
    )
    error = client.last.error if client.last else ""
    lost = before.conditions.get("misdirected")
    cause = lost.detail if lost else _name_node(whys[0]) if whys else f"tries failed: {error}"
    yield e.Why(
        at=ended,
        node=event.client,
        instance="",
        from_=client.server or "",
        to=event.server or "",
        cause=cause,
        rule="an outage lasts from the last good answer to the first good one",
        arithmetic=" + ".join(marks) + f" = {ended - began:.2f} s",
        text=f"The client was cut off for {ended - began:.2f} s ({client.failed} failed tries), {who}.",
    )


def _name_node(why: e.Why) -> str:
    """The cause of a node's transition, for readers who do not see which node it is of."""
    return f"{why.node}'s {why.cause.removeprefix('its ')}" if why.cause.startswith("its ") else why.cause


def _address_taken(
    before: LabState, server: str | None, began: float, ended: float
) -> list[tuple[float, str]]:
    """When the answering server took a virtual address, if it did so during the outage."""
    return [
        (since, f"{server} held the address")
        for owners, since in before.owned.values()
        if server in owners and began < since < ended
    ]
