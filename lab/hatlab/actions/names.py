"""The names that actions may use in a lab, and why an action makes no sense there."""

from __future__ import annotations

from typing import Protocol

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
