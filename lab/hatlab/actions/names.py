"""The names that actions may use in a lab, and why an action makes no sense there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hatlab.actions.action import Action
from hatlab.actions.verbs import ArgKind
from hatlab.util.text import join_names


class LabNames(Protocol):
    """The names an action may use; a topology's layout has them."""

    @property
    def node_names(self) -> tuple[str, ...]: ...
    @property
    def client_names(self) -> tuple[str, ...]: ...
    @property
    def network_names(self) -> tuple[str, ...]: ...
    @property
    def vip_addresses(self) -> tuple[str, ...]: ...
    def services(self, node: str) -> tuple[str, ...]:
        """The services that run on a node; none on a client."""

    def ping_target(self, client: str) -> str | None:
        """The host that a client pings instead of asking mysqld."""


@dataclass(frozen=True, slots=True)
class PlainNames:
    """Names without a topology: none, or those that a running lab told another process."""

    nodes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Node → the services that run on it."""
    clients: Mapping[str, str | None] = field(default_factory=dict)
    """Client → the host that it pings instead of asking mysqld."""
    network_names: tuple[str, ...] = ()
    vip_addresses: tuple[str, ...] = ()

    @property
    def node_names(self) -> tuple[str, ...]:
        return tuple(self.nodes)

    @property
    def client_names(self) -> tuple[str, ...]:
        return tuple(self.clients)

    def services(self, node: str) -> tuple[str, ...]:
        return self.nodes.get(node, ())

    def ping_target(self, client: str) -> str | None:
        return self.clients.get(client)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> PlainNames:
        """Return the names that `names_to_data` wrote."""
        nodes = {str(node): tuple(map(str, services)) for node, services in data["nodes"].items()}
        networks, addresses = (tuple(map(str, data[key])) for key in ("networks", "addresses"))
        return cls(nodes, dict(data["clients"]), networks, addresses)


def names_to_data(names: LabNames) -> dict[str, Any]:
    """Return the names of a lab as plain data."""
    return {
        "nodes": {node: list(names.services(node)) for node in names.node_names},
        "clients": {client: names.ping_target(client) for client in names.client_names},
        "networks": list(names.network_names),
        "addresses": list(names.vip_addresses),
    }


_KEEPALIVED = frozenset({"cut", "loss", "set", "edit", "reload", "address delete"})
"""Verbs that touch a node's keepalived, or what servers send each other."""


def why_not_applicable(action: Action, names: LabNames) -> tuple[str, str] | None:
    """(why an action makes no sense where it points, what does make sense there); None if it makes sense."""
    where = action.get(ArgKind.NODE) or action.get(ArgKind.WHERE)
    if where is None:
        return None
    if action.verb == "sql" and (host := names.ping_target(where)):
        return f"{where} only pings {host} and talks to no mysqld", "run SQL on a node with mysqld"
    needed = "keepalived" if action.verb in _KEEPALIVED else action.get(ArgKind.SERVICE)
    if action.verb == "sql" and where in names.node_names:
        needed = "mysqld"
    runs = names.services(where)
    if needed is None or needed in runs:
        return None
    only = (
        f"it runs {join_names(runs)}"
        if runs
        else "it only answers pings: power it off, or take its link down"
    )
    return f"{where} does not run {needed}", only
