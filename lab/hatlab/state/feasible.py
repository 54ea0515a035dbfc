"""Whether an action can be done to a lab as it is now, for menus that offer only what can."""

from __future__ import annotations

from hatlab.actions import Action, ArgKind
from hatlab.state.model import LabState, NodeState

_NEEDS_PROCESS = {
    "kill": ("up", "frozen"),
    "stop": ("up", "frozen"),
    "freeze": ("up",),
    "thaw": ("frozen",),
    "start": ("down",),
}
"""Verb → what the service does that it is of use for."""
_STATE_WORDS = {"up": "runs", "down": "does not run", "frozen": "is frozen"}


def why_not_now(action: Action, state: LabState) -> str:
    """Return why an action cannot be done, or would change nothing, as the lab is now; "" if it can."""
    name = action.args[0] if action.verb == "sql" else action.get(ArgKind.NODE)
    node = state.nodes.get(name or "")
    if node is None:
        return _why_not_on_network(action, state) if name is None else ""
    if action.verb in {"power on", "resume"}:
        wanted = "off" if action.verb == "power on" else "paused"
        return "" if node.power == wanted else f"{node.name} is {node.power}"
    if node.power == "off" or (node.power == "paused" and action.verb != "power off"):
        return f"{node.name} is {node.power}"
    return _why_not_on_node(action, node)


def _why_not_on_node(action: Action, node: NodeState) -> str:
    """The same for an action on a node that is on."""
    match action.verb:
        case "kill" | "stop" | "freeze" | "thaw" | "start":
            service = action.need(ArgKind.SERVICE)
            doing = node.service(service).state
            possible = doing in _NEEDS_PROCESS[action.verb]
            return "" if possible else f"{service} {_STATE_WORDS[doing]} on {node.name}"
        case "reload":
            doing = node.service("keepalived").state
            return "" if doing == "up" else f"keepalived {_STATE_WORDS[doing]} on {node.name}"
        case "sql":
            doing = node.service("mysqld").state
            return "" if doing == "up" else f"mysqld {_STATE_WORDS[doing]} on {node.name}"
        case "link down" | "link up":
            network = action.need(ArgKind.NETWORK)
            is_up = node.links.get(network, True)
            if is_up is (action.verb == "link down"):
                return ""
            sentence = "{node} has a link on {network}" if is_up else "{node} has no link on {network}"
            return sentence.format(node=node.name, network=network)
        case "address delete":
            address = action.need(ArgKind.VIP)
            return "" if node.holds(address) else f"{node.name} does not hold {address}"
        case _:
            return ""


def _why_not_on_network(action: Action, state: LabState) -> str:
    """The same for an action on a whole network."""
    if action.verb != "heal":
        return ""
    network = action.need(ArgKind.NETWORK)
    filters = (node.filters.get(network) for node in state.nodes.values())
    is_filtered = any(drop is not None and (drop.percent or drop.delay_ms) for drop in filters)
    return "" if is_filtered else f"nothing is dropped or delayed on {network}"
