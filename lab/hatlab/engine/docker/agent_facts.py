"""Turns the facts that agents report into events, and refuses what no agent of that node reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hatlab import events as e
from hatlab.engine.validation import validated_event
from hatlab.errors import UserError
from hatlab.topology import Layout
from hatlab.util.addresses import is_address
from hatlab.vrrp.capture import observe_frame

_CLIENT_KINDS = ("probe", "write")
_SERVER_EVENTS = ("vrrp", "process", "conf", "replication", "table", "read_only", "written", "log")
_UNCHANGED_KINDS = ("address", "link", "filter", *_SERVER_EVENTS, *_CLIENT_KINDS)
"""Facts whose fields are those of the event of that kind."""
_ENGINE_KINDS = ("hello", "mysql", "up", "good")
"""Facts that only the engine needs."""
_SERVER_KINDS = ("mysql", "up", *_SERVER_EVENTS)
"""Facts that only servers report."""
_VALUES: dict[str, dict[str, tuple[str, ...]]] = {
    "process": {"service": ("mysqld", "keepalived"), "state": ("up", "down", "frozen")},
    "log": {"service": ("mysqld", "keepalived")},
    "vrrp": {"state": ("INIT", "BACKUP", "MASTER", "FAULT", "STOPPED")},
    "frame": {"direction": ("sent", "received")},
}
"""Kind → field → what it may be."""


def check_fact(node: str, fact: dict[str, Any], layout: Layout) -> None:
    """Check what `fact_to_event` and a start rely on beyond the types of an event's fields.

    Raises:
        UserError: no agent of that node reports this.
    """
    kind = fact["kind"]
    if kind not in (*_ENGINE_KINDS, "frame", *_UNCHANGED_KINDS):
        raise UserError(f"unknown kind of fact {kind!r}")
    is_client = node in layout.client_names
    if is_client != (kind in (*_CLIENT_KINDS, "good")) and kind not in ("hello", "link", "address"):
        raise UserError(f"{node} reports no {kind!r}")
    if kind in _SERVER_KINDS and node not in layout.server_names:
        raise UserError(f"{node} reports no {kind!r}")
    for field, values in _VALUES.get(kind, {}).items():
        if fact.get(field) not in values:
            raise UserError(f"`{field}` of {kind!r} is none of {', '.join(values)}")
    if kind in ("frame", "address", "link", "filter") and fact.get("network") not in layout.networks_of(node):
        raise UserError(f"{node} is not on that network")
    if kind == "address":
        _check_address(fact.get("address"))
    elif kind == "hello":
        _check_interfaces(fact.get("interfaces"), layout.networks_of(node))
    elif kind in ("frame", "probe") and not isinstance(fact.get("frame", fact.get("via", "")), str):
        raise UserError(f"{kind!r} has no text")


def _check_address(address: object) -> None:
    if not isinstance(address, str) or not is_address(address):
        raise UserError("`address` is none")


def _check_interfaces(interfaces: object, networks: tuple[str, ...]) -> None:
    """Check that this is network → `device` and `mac`."""
    is_sound = isinstance(interfaces, dict) and all(
        network in networks
        and isinstance(port, dict)
        and all(isinstance(port.get(field), str) for field in ("device", "mac"))
        for network, port in interfaces.items()
    )
    if not is_sound:
        raise UserError("`interfaces` are none")


def fact_to_event(
    at: float, node: str, fact: dict[str, Any], vips: frozenset[str], macs: Mapping[str, str]
) -> e.Event | None:
    """Return the event of a fact that `check_fact` let through; None for what only the engine needs to know.

    Args:
        at: seconds since the lab began.
        vips: the lab's virtual addresses.
        macs: MAC → the node it belongs to. A ping's server is the node that the request was sent to.

    Raises:
        UserError: it is no fact: a field is missing or of another type.
    """
    at = round(at, 6)  # as a recording keeps it, so that a replay derives the very same
    kind = fact["kind"]
    if kind == "frame":
        try:
            frame = bytes.fromhex(fact["frame"])
        except (KeyError, ValueError):
            raise UserError("`frame` is not hexadecimal") from None
        return observe_frame(at, node, fact["direction"], fact["network"], frame)
    if kind not in _UNCHANGED_KINDS:
        return None
    data = {**fact, "at": at, "client" if kind in _CLIENT_KINDS else "node": node}
    if kind == "address":
        data["vip"] = fact["address"] in vips
    if "via" in fact:
        data["server"] = macs.get(fact["via"], fact["via"])
    return validated_event(data)
