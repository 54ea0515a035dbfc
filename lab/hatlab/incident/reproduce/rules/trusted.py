"""What a recording says was done to the lab, where that is trusted."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.actions import VERBS
from hatlab.incident.reproduce.faults import Episode, InferredFault, single
from hatlab.incident.reproduce.lab_text import to_lab_text
from hatlab.incident.reproduce.seen import Seen
from hatlab.util.addresses import short_address


def from_actions(seen: Seen) -> Iterator[Episode]:
    """Yield each action that was begun after the lab was ready."""
    for action in seen.actions:
        if action.phase != "started" or action.at < seen.ready or action.name not in VERBS:
            continue
        targets, text = action.targets, ""
        vips = seen.layout.vip_addresses
        targets = tuple(short_address(word) if word in vips else word for word in targets)
        if action.name == "edit":
            node = targets[0]
            text = to_lab_text(seen.conf_after(node, action.at), seen, node)
            targets = (node, f"{node}.conf")
        yield single(InferredFault(action.at, action.name, targets, "the recording says so", text=text))
