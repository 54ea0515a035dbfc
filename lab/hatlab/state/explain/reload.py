"""What a reload did: it restarted or ended an instance because its configuration changed."""

from __future__ import annotations

from hatlab.keepalived import InstanceSettings, read_settings
from hatlab.state.explain.transition import Cause, Transition

_RULE = (
    "keepalived: a reload keeps an instance whose virtual router is the same (VRID, address family, "
    "interface, unicast source and multicast group), and restarts any other"
)
_COMPARED = (
    ("virtual_router_id", "vrid"),
    ("interface", "interface"),
    ("version", "version"),
    ("priority", "priority"),
    ("advert_int", "interval"),
    ("state", "state"),
    ("auth_pass", "auth_pass"),
    ("virtual_ipaddress", "addresses"),
)
"""(keyword, its field in the settings), those first that decide whether an instance is kept."""


def why_reloaded(m: Transition) -> Cause | None:
    """That a reload has just done it; None if there was none."""
    if not m.was_reloaded:
        return None
    node, state = m.node.name, m.new.reported
    after = read_settings(m.node.loaded).get(m.name)
    before = read_settings(m.node.replaced).get(m.name)
    if after is None:
        return Cause(
            f"a reload: {m.name} is no longer in the configuration",
            "keepalived: a reload ends an instance that is no longer configured",
            f"keepalived on {node} reloaded its configuration. {m.name} is no longer in it, so it ended.",
        )
    changes = _list_changes(before, after) if before is not None else []
    if not changes:
        return Cause(
            "a reload",
            _RULE,
            f"keepalived on {node} reloaded its configuration, and {m.name} went to {state}.",
        )
    keyword, change = changes[0]
    return Cause(
        f"a reload: {change}",
        _RULE,
        f"keepalived on {node} reloaded its configuration ({change}), and {m.name} went to {state}.",
        key=keyword,
    )


def _list_changes(before: InstanceSettings, after: InstanceSettings) -> list[tuple[str, str]]:
    """(keyword, `virtual_router_id 52 instead of 51`) of each setting that differs."""
    changes = []
    for keyword, field in _COMPARED:
        old, new = (_show(getattr(settings, field)) for settings in (before, after))
        if old != new:
            changes.append((keyword, f"{keyword} {new} instead of {old}"))
    return changes


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else "none" if value in {None, ""} else str(value)
