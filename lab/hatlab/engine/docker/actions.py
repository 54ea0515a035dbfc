"""Carries out each verb of `hatlab.actions` on containers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from hatlab.actions import Action, ArgKind
from hatlab.engine import action_outcomes as outcomes
from hatlab.engine.docker.connection import plain_errors
from hatlab.engine.docker.parallel import in_parallel
from hatlab.engine.sql_table import format_rows
from hatlab.errors import ActionFailed, EngineError, LabError
from hatlab.keepalived import localize_config
from hatlab.topology import Layout


class NodeRepair(Protocol):
    """What brings back what was done behind hatlab's back; see `hatlab.engine.docker.repair.Repair`."""

    def restore_container(self, node: str) -> list[str]: ...
    def attach_again(self, node: str, network: str) -> bool: ...
    def unpause(self, node: str) -> bool: ...


class ActionTarget(Protocol):
    """The part of a running lab that actions need; DockerEngine has it."""

    layout: Layout
    interfaces: dict[str, dict[str, dict[str, str]]]
    """Node → network → its interface's `device` and `mac`, for each node that has booted."""
    off: set[str]
    """Nodes that are off."""
    paused: set[str]
    drops: dict[str, dict[str, float]]
    """Network → node → per cent of other servers' frames that a cut or loss drops there."""
    delays: dict[str, float]
    """Network → milliseconds."""

    @property
    def repair(self) -> NodeRepair: ...
    def now(self) -> float: ...
    def check(self, node: str, text: str) -> list[str]: ...
    def request(self, node: str, do: str, timeout: float = 15, **fields: Any) -> Mapping[str, Any]: ...
    def kill_container(self, node: str) -> None: ...
    def restart_container(self, node: str) -> None: ...
    def report_power(self, node: str, state: str, reason: str = "") -> None: ...
    def wait(self, condition: Callable[[], bool], seconds: float) -> bool: ...
    def forget_start(self) -> float: ...
    def forget_answers(self) -> None: ...
    def await_ready(self) -> None: ...


def act(lab: ActionTarget, action: Action) -> str:
    """Carry out one action and return its effect.

    Raises:
        ActionFailed: with whether it definitely did not happen.
    """
    return outcomes.find_handler(_HANDLERS, action)(lab, action)


@contextlib.contextmanager
def _plain_failure(problem: str, hint: str = "") -> Iterator[None]:
    """Turn what the Docker engine says into an ActionFailed."""
    try:
        with plain_errors(problem):
            yield
    except EngineError as error:
        raise ActionFailed(error.message, hint or error.hint, definite=False) from None


def _ask_agent(lab: ActionTarget, node: str, do: str, timeout: float = 15, **fields: object) -> str:
    """Ask the node's agent to do something and return the effect."""
    return str(lab.request(node, do, timeout, **fields)["effect"])


def _on_each(nodes: list[str], work: Callable[[str], str]) -> str:
    """`work` on every node at once; the effects in one line."""
    return outcomes.join_effects(in_parallel(work, nodes))


def _servers_on(lab: ActionTarget, network: str) -> list[str]:
    """The servers on a network that are not off."""
    layout = lab.layout
    return [n for n in layout.server_names if network in layout.networks_of(n) and n not in lab.off]


# --- services ---------------------------------------------------------------------------------------


def _service(lab: ActionTarget, action: Action) -> str:
    node, service = action.need(ArgKind.NODE), action.need(ArgKind.SERVICE)
    return _ask_agent(lab, node, action.verb, 40, service=service)


# --- power ------------------------------------------------------------------------------------------


def _checked_node(lab: ActionTarget, action: Action) -> str:
    """The node of an action on its power, once that makes sense."""
    node = action.need(ArgKind.NODE)
    power = "off" if node in lab.off else "paused" if node in lab.paused else "on"
    outcomes.check_power(action, node, power)
    return node


def _power_off(lab: ActionTarget, action: Action) -> str:
    node = _checked_node(lab, action)
    lab.off.add(node)
    try:
        with _plain_failure(f"cannot power off {node}"):
            lab.kill_container(node)
    except ActionFailed:
        lab.off.discard(node)
        raise
    lab.paused.discard(node)
    lab.report_power(node, "off", "power off")
    return f"{node} on → off (its container was killed)"


def _power_on(lab: ActionTarget, action: Action) -> str:
    node = _checked_node(lab, action)
    repaired = lab.repair.restore_container(node)
    with _plain_failure(f"cannot power on {node}", "start a new lab: hatlab down, then hatlab start"):
        lab.restart_container(node)
    lab.off.discard(node)
    if not lab.wait(lambda: node in lab.interfaces, 10):
        raise ActionFailed(f"{node} did not boot within 10 s", definite=False)
    for network in lab.layout.networks_of(node):
        if network in lab.drops:
            _apply_drops(lab, network)
    return f"{node} off → on ({'; '.join([*repaired, 'its container was started'])})"


def _pause(lab: ActionTarget, action: Action) -> str:
    node = _checked_node(lab, action)
    effect = _ask_agent(lab, node, "pause")
    lab.paused.add(node)
    lab.report_power(node, "paused", "SIGSTOP to every process")
    return effect


def _resume(lab: ActionTarget, action: Action) -> str:
    node = action.need(ArgKind.NODE)
    if node not in lab.paused and node not in lab.off and lab.repair.unpause(node):
        return f"{node}: its container, which Docker had paused, runs again"
    _checked_node(lab, action)
    lab.report_power(node, "on", "resumed")
    lab.paused.discard(node)
    return _ask_agent(lab, node, "resume")


# --- network ----------------------------------------------------------------------------------------


def _drop(lab: ActionTarget, action: Action) -> str:
    network, one = action.need(ArgKind.NETWORK), action.get(ArgKind.NODE)
    percent = 100.0 if action.verb == "cut" else float(action.need(ArgKind.PERCENT))
    nodes = [one] if one else _servers_on(lab, network)
    if one and network not in lab.layout.networks_of(one):
        raise outcomes.no_interface(one, network)
    lab.drops.setdefault(network, {}).update(dict.fromkeys(nodes, percent))
    return _apply_drops(lab, network, nodes)


def _apply_drops(lab: ActionTarget, network: str, nodes: list[str] | None = None) -> str:
    """Make nodes (all, if left out) drop their share on a network; senders are told apart by their MAC."""
    shares = lab.drops.get(network, {})

    def filter_on(node: str) -> str:
        macs = [
            lab.interfaces[peer][network]["mac"]
            for peer in lab.layout.server_names
            if peer != node and network in lab.interfaces.get(peer, {})
        ]
        return _ask_agent(lab, node, "filter", network=network, percent=shares.get(node, 0.0), macs=macs)

    return _on_each(_servers_on(lab, network) if nodes is None else nodes, filter_on)


def _heal(lab: ActionTarget, action: Action) -> str:
    network = action.need(ArgKind.NETWORK)
    attached = [node for node in _servers_on(lab, network) if lab.repair.attach_again(node, network)]
    lab.drops.pop(network, None)
    effect = outcomes.join_effects(
        [*(_attached_effect(n, network) for n in attached), _apply_drops(lab, network)]
    )
    if lab.delays.pop(network, None):
        effect += "; " + _set_delay(lab, network, 0.0)
    return effect


def _link(lab: ActionTarget, action: Action) -> str:
    node, network = action.need(ArgKind.NODE), action.need(ArgKind.NETWORK)
    if (
        action.verb == "link up"
        and network in lab.layout.networks_of(node)
        and node not in lab.off
        and lab.repair.attach_again(node, network)
    ):
        return _attached_effect(node, network)
    return _ask_agent(lab, node, "link", network=network, up=action.verb == "link up")


def _attached_effect(node: str, network: str) -> str:
    return (
        f"{node} was no longer attached to {network}, and is attached again by a new interface; "
        f"keepalived uses it after a restart (stop keepalived {node}, start keepalived {node}; or reset)"
    )


def _delay(lab: ActionTarget, action: Action) -> str:
    network, milliseconds = action.need(ArgKind.NETWORK), float(action.need(ArgKind.MILLISECONDS))
    effect = _set_delay(lab, network, milliseconds)
    lab.delays[network] = milliseconds
    return effect


def _set_delay(lab: ActionTarget, network: str, milliseconds: float) -> str:
    return _on_each(
        _servers_on(lab, network),
        lambda node: _ask_agent(lab, node, "delay", network=network, milliseconds=milliseconds),
    )


# --- configuration ----------------------------------------------------------------------------------


def _set(lab: ActionTarget, action: Action) -> str:
    node = action.need(ArgKind.NODE)
    before = str(lab.request(node, "read")["text"])
    text = outcomes.apply_setting(action, before, lambda text: lab.check(node, text))
    _ask_agent(lab, node, "conf", text=text)
    with contextlib.suppress(ActionFailed):
        _ask_agent(lab, node, "reload")
    return outcomes.setting_effect(action, before, text)


def _edit(lab: ActionTarget, action: Action) -> str:
    node = action.need(ArgKind.NODE)
    devices = {network: port["device"] for network, port in lab.interfaces.get(node, {}).items()}
    return _ask_agent(lab, node, "conf", text=localize_config(action.text, lab.layout, devices))


def _reload(lab: ActionTarget, action: Action) -> str:
    return _ask_agent(lab, action.need(ArgKind.NODE), "reload")


def _address_delete(lab: ActionTarget, action: Action) -> str:
    return _ask_agent(lab, action.need(ArgKind.NODE), "address", address=action.need(ArgKind.VIP))


def _sql(lab: ActionTarget, action: Action) -> str:
    statement = action.need(ArgKind.STATEMENT)
    reply = lab.request(action.need(ArgKind.WHERE), "sql", 30, statement=statement)
    return format_rows(reply["columns"], reply["rows"]) if "columns" in reply else str(reply["effect"])


# --- reset ------------------------------------------------------------------------------------------


def _reset(lab: ActionTarget, _: Action) -> str:
    layout = lab.layout
    _on_each([*layout.node_names, *layout.client_names], lambda n: str(lab.repair.restore_container(n)))
    lab.drops.clear()
    lab.delays.clear()
    began = lab.forget_start()
    for node in sorted(lab.off):
        _power_on(lab, Action("power on", (node,)))
    for node in sorted(lab.paused):
        lab.report_power(node, "on", "reset")
    lab.paused.clear()
    lab.forget_start()
    _on_each(list(layout.node_names), lambda node: _ask_agent(lab, node, "reset", 40))
    lab.forget_answers()
    _on_each(list(layout.client_names), lambda node: _ask_agent(lab, node, "reset"))
    try:
        lab.await_ready()
    except LabError as error:
        raise ActionFailed(error.message, error.hint, definite=False) from None
    return outcomes.reset_effect(layout.node_names, lab.now() - began)


_HANDLERS: dict[str, Callable[[ActionTarget, Action], str]] = {
    **dict.fromkeys(("kill", "stop", "start", "freeze", "thaw"), _service),
    "power off": _power_off,
    "power on": _power_on,
    "pause": _pause,
    "resume": _resume,
    "cut": _drop,
    "heal": _heal,
    "link down": _link,
    "link up": _link,
    "loss": _drop,
    "delay": _delay,
    "set": _set,
    "edit": _edit,
    "reload": _reload,
    "address delete": _address_delete,
    "sql": _sql,
    "reset": _reset,
}
