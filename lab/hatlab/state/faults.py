"""Faults: everything that is broken in a lab, and the action that fixes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hatlab.actions import VERBS, Action
from hatlab.state.model import LabState


def find_faults(state: LabState) -> tuple[tuple[str, Action], ...]:
    """Each fault in words, with the action that fixes it.

    From observed facts alone: a fault that a learner made by hand in a shell counts, too.
    """
    cut = (
        [network for network in state.layout.network_names if _is_cut(state, network)] if state.layout else []
    )
    found = [(f"{network} is cut", Action("heal", (network,))) for network in cut]
    for node in state.nodes.values():
        if node.power == "unknown":
            continue
        if node.power != "on":
            cure = Action("resume" if node.power == "paused" else "power on", (node.name,))
            found.append((f"{node.name} is {node.power}", cure))
            continue
        for name, service in node.services.items():
            if service.state == "frozen":
                found.append((f"{name} is frozen on {node.name}", Action("thaw", (name, node.name))))
            elif service.state == "down":
                found.append((f"{name} is down on {node.name}", Action("start", (name, node.name))))
        for network, up in node.links.items():
            if not up:
                found.append(
                    (f"{node.name} has no link on {network}", Action("link up", (network, node.name)))
                )
        for network, drop in node.filters.items():
            if (drop.percent or drop.delay_ms) and network not in cut:
                what = f"delays {drop.delay_ms:g} ms" if drop.delay_ms else f"drops {drop.percent:g} %"
                found.append((f"{node.name} {what} on {network}", Action("heal", (network,))))
    return tuple(found)


def _is_cut(state: LabState, network: str) -> bool:
    """True if nothing that a server sends on a network arrives at another one."""
    drops = [node.filters.get(network) for node in state.nodes.values() if network in node.links]
    return len(drops) > 1 and all(drop is not None and drop.percent >= 100 for drop in drops)


def find_faults_and_edits(
    state: LabState, confs: Mapping[str, str] | None = None
) -> Iterator[tuple[str, Action]]:
    """Yield what is broken, and each keepalived.conf that was changed, with the action that takes it back.

    `confs`: node → the file it should have, where that is not the lab's original.
    """
    yield from find_faults(state)
    for node in state.nodes.values():
        if node.power != "on":
            continue
        before = (confs or {}).get(node.name, node.original_conf)
        if node.conf != before:
            yield f"keepalived.conf on {node.name} was changed", restore_conf(node.name, before)
        elif node.loaded != before and node.service("keepalived").state == "up":
            yield f"keepalived on {node.name} has not reloaded its file", Action("reload", (node.name,))


def restore_conf(node: str, conf: str = "") -> Action:
    """Return the edit that gives a node its first keepalived.conf back."""
    return Action("edit", (node, "keepalived.conf"), conf)


def find_cures(state: LabState, *, own: bool = False) -> list[Action]:
    """The actions that fix every fault, each once; `own`: only of faults that a known action made."""
    found = list(dict.fromkeys(action for _, action in find_faults(state)))
    made = set(_undo_actions(state)) if own else set(found)
    return [action for action in found if action in made]


def latest_cure(state: LabState, *, own: bool = False) -> Action | None:
    """The action that fixes the latest fault; the last one listed if nobody knows when it was made."""
    found = find_cures(state, own=own)
    return next((undo for undo in _undo_actions(state) if undo in found), found[-1] if found else None)


def _undo_actions(state: LabState) -> Iterator[Action]:
    """The actions that take back what was done, the latest first."""
    for event in reversed(state.actions):
        undo = Action(event.name, event.targets).undo if event.name in VERBS else None
        if undo is not None:
            yield undo
