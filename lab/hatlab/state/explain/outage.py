"""Where the seconds of a client's outage went."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab import events as e
from hatlab.state.model import LabState
from hatlab.util.text import plural

OVERLAP = 0.05
"""Seconds within which two tries that overlap are answered, so that what failed between them was no outage: a
client tries about as often."""
STEPS = frozenset({"FAULT", "STOPPED", "MASTER"})
"""Transitions that an outage waits for."""
_THEN = {
    (False, False): "Then {after} answered again.",
    (False, True): "Then {after} answered instead of {before}.",
    (True, False): "Then {after} forwarded again.",
    (True, True): "Then {after} forwarded instead of {before}.",
}
"""How an outage ended, by whether the client pings, and whether another server answered."""


def outage_span(before: LabState, event: e.Probe) -> tuple[float, float] | None:
    """When the outage that this good probe ends began and ended; None if it ends none.

    Tries overlap on a slow network: one that failed while another was answered is no outage.
    """
    client = before.clients.get(event.client)
    if client is None or not client.failed or client.good_at is None:
        return None
    ended = event.at + (event.latency_ms or 0.0) / 1000
    overlapped = event.at < client.good_at and ended - client.good_at < OVERLAP
    return (client.good_at, ended) if ended > client.good_at and not overlapped else None


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
    marks.append(f"{ended - last:.2f} s until the client got an answer")
    cut_off = plural(
        client.failed,
        "{client} was cut off for {seconds:.2f} s ({count} failed try).",
        "{client} was cut off for {seconds:.2f} s ({count} failed tries).",
        seconds=ended - began,
        client=_subject(before, event.client),
    )
    then = _THEN[bool(event.pinged), client.server != event.server]
    error = client.last.error if client.last else ""
    lost = before.conditions.get("misdirected")
    cause = lost.detail if lost else _name_node(whys[0]) if whys else f"the tries failed: {error}"
    yield e.Why(
        at=ended,
        node=event.client,
        instance="",
        from_=client.server or "",
        to=event.server or "",
        cause=cause,
        rule="an outage lasts from the last good answer to the next good one",
        arithmetic=" + ".join(marks) + f" = {ended - began:.2f} s" if len(marks) > 1 else "",
        text=f"{cut_off} {then.format(after=event.server, before=client.server)}",
    )


def _subject(state: LabState, client: str) -> str:
    """Return a client's name where there are several, else "The client"."""
    return client if len(state.clients) > 1 else "The client"


def _name_node(why: e.Why) -> str:
    """The cause of a node's transition, for readers who do not see which node it is of."""
    if why.cause.startswith("its "):
        return f"{why.node}'s {why.cause.removeprefix('its ')}"
    if why.cause.startswith("it "):
        return f"{why.node} {why.cause.removeprefix('it ')}"
    return why.cause


def _address_taken(
    before: LabState, server: str | None, began: float, ended: float
) -> list[tuple[float, str]]:
    """When the answering server took a virtual address, if it did so during the outage."""
    return [
        (since, f"{server} held the address")
        for owners, since in before.owned.values()
        if server in owners and began < since < ended
    ]
