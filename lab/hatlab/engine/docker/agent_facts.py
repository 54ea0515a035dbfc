"""Turns the facts that agents report into events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hatlab import events as e
from hatlab.vrrp.capture import observe_frame

_CLIENT_KINDS = ("probe", "write")
_UNCHANGED_KINDS = (
    "address",
    "link",
    "filter",
    "vrrp",
    "process",
    "conf",
    "replication",
    "table",
    "read_only",
    "written",
    "log",
    *_CLIENT_KINDS,
)
"""Facts whose fields are those of the event of that kind."""


def fact_to_event(
    at: float, node: str, fact: dict[str, Any], vips: frozenset[str], macs: Mapping[str, str]
) -> e.Event | None:
    """Return the event of one fact; None for what only the engine needs to know.

    Args:
        at: seconds since the lab began.
        vips: the lab's virtual addresses.
        macs: MAC → the node it belongs to. A ping's server is the node that the request was sent to.
    """
    at = round(at, 6)  # as a recording keeps it, so that a replay derives the very same
    kind = fact["kind"]
    if kind == "frame":
        return observe_frame(at, node, fact["direction"], fact["network"], bytes.fromhex(fact["frame"]))
    if kind not in _UNCHANGED_KINDS:
        return None
    data = {**fact, "at": at, "client" if kind in _CLIENT_KINDS else "node": node}
    if kind == "address":
        data["vip"] = fact["address"] in vips
    if "via" in fact:
        data["server"] = macs.get(fact["via"], fact["via"])
    return e.from_dict(data)
