"""How each verb of `hatlab.actions` is carried out on containers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from hatlab.actions import Action, ArgKind
from hatlab.engine.sql_table import format_rows
from hatlab.errors import ActionFailed, LabError

if TYPE_CHECKING:
    from hatlab.engine.docker.engine import DockerEngine


def act(engine: DockerEngine, action: Action) -> str:
    """Carries out one action and returns its effect.

    Raises:
        ActionFailed: with whether it definitely did not happen.
    """
    handler = _HANDLERS.get(action.verb)
    if handler is None:
        raise ActionFailed(f"this engine cannot {action.verb!r}")
    return handler(engine, action)


def _service(engine: DockerEngine, action: Action) -> str:
    node, service = action.need(ArgKind.NODE), action.need(ArgKind.SERVICE)
    return _effect(engine, node, action.verb, 40, service=service)


def _effect(engine: DockerEngine, node: str, do: str, timeout: float = 15, **fields: object) -> str:
    return str(engine.request(node, do, timeout, **fields)["effect"])


def _on_each(nodes: list[str], work: Callable[[str], str]) -> str:
    """`work` on every node at once; the effects in a sentence."""
    if not nodes:
        return "nothing to do"
    with ThreadPoolExecutor(len(nodes)) as pool:
        futures = [pool.submit(work, node) for node in nodes]
    return "; ".join(future.result() for future in futures)


def _members(engine: DockerEngine, network: str) -> list[str]:
    """The servers on a network that are on."""
    layout = engine.layout
    return [n for n in layout.server_names if network in layout.networks_of(n) and n not in engine.off]


# --- power ------------------------------------------------------------------------------------------


def _power_off(engine: DockerEngine, action: Action) -> str:
    from docker.errors import APIError

    node = action.need(ArgKind.NODE)
    if node in engine.off:
        raise ActionFailed(f"{node} is off already", f"power on {node}")
    engine.off.add(node)
    engine.paused.discard(node)
    try:
        engine.client.api.kill(engine.containers[node])
    except APIError as error:
        engine.off.discard(node)
        raise ActionFailed(f"cannot power off {node}: {error.explanation}", definite=False) from None
    engine.tell_node(node, "off", "power off")
    return f"{node} on → off (its container was killed)"


def _power_on(engine: DockerEngine, action: Action) -> str:
    from docker.errors import APIError

    node = action.need(ArgKind.NODE)
    if node not in engine.off:
        raise ActionFailed(f"{node} is on already", f"power off {node}")
    link = engine.links.get(node)
    try:
        if link:
            link.close()
        engine.interfaces.pop(node, None)
        engine.run(node)
    except APIError as error:
        gone = "its container was removed; `reset` cannot bring it back, start a new lab"
        raise ActionFailed(f"cannot power on {node}: {error.explanation}", gone) from None
    engine.off.discard(node)
    if not engine.wait(lambda: node in engine.interfaces, 10):
        raise ActionFailed(f"{node} did not boot within 10 s", definite=False)
    for network in engine.layout.networks_of(node):
        if network in engine.drops:
            _apply(engine, network)
    return f"{node} off → on (its container was started)"


def _pause(engine: DockerEngine, action: Action) -> str:
    node = action.need(ArgKind.NODE)
    if node in engine.paused:
        raise ActionFailed(f"{node} is paused already", f"resume {node}")
    effect = _effect(engine, node, "pause")
    engine.paused.add(node)
    engine.tell_node(node, "paused", "SIGSTOP to every process")
    return effect


def _resume(engine: DockerEngine, action: Action) -> str:
    node = action.need(ArgKind.NODE)
    if node not in engine.paused:
        raise ActionFailed(f"{node} is not paused", f"pause {node}")
    engine.tell_node(node, "on", "resumed")
    engine.paused.discard(node)
    return _effect(engine, node, "resume")


# --- network ----------------------------------------------------------------------------------------


def _cut(engine: DockerEngine, action: Action) -> str:
    return _drop(engine, action, 100.0)


def _loss(engine: DockerEngine, action: Action) -> str:
    return _drop(engine, action, float(action.need(ArgKind.PERCENT)))


def _drop(engine: DockerEngine, action: Action, percent: float) -> str:
    network, one = action.need(ArgKind.NETWORK), action.get(ArgKind.NODE)
    nodes = [one] if one else _members(engine, network)
    if one and network not in engine.layout.networks_of(one):
        raise ActionFailed(f"{one} has no interface on {network}")
    engine.drops.setdefault(network, {}).update(dict.fromkeys(nodes, percent))
    return _apply(engine, network, nodes)


def _apply(engine: DockerEngine, network: str, nodes: list[str] | None = None) -> str:
    """Makes the nodes drop what is noted for a network; senders are told apart by their MAC."""
    wanted = engine.drops.get(network, {})

    def on_one(node: str) -> str:
        macs = [
            engine.interfaces[peer][network]["mac"]
            for peer in engine.layout.server_names
            if peer != node and network in engine.interfaces.get(peer, {})
        ]
        return _effect(engine, node, "filter", network=network, percent=wanted.get(node, 0.0), macs=macs)

    return _on_each(_members(engine, network) if nodes is None else nodes, on_one)


def _heal(engine: DockerEngine, action: Action) -> str:
    network = action.need(ArgKind.NETWORK)
    engine.drops.pop(network, None)
    effect = _apply(engine, network)
    if engine.delays.pop(network, None):
        effect += "; " + _set_delay(engine, network, 0.0)
    return effect


def _link(engine: DockerEngine, action: Action) -> str:
    node, network = action.need(ArgKind.NODE), action.need(ArgKind.NETWORK)
    return _effect(engine, node, "link", network=network, up=action.verb == "link up")


def _delay(engine: DockerEngine, action: Action) -> str:
    network, milliseconds = action.need(ArgKind.NETWORK), float(action.need(ArgKind.MILLISECONDS))
    effect = _set_delay(engine, network, milliseconds)
    engine.delays[network] = milliseconds
    return effect


def _set_delay(engine: DockerEngine, network: str, milliseconds: float) -> str:
    return _on_each(
        _members(engine, network),
        lambda node: _effect(engine, node, "delay", network=network, milliseconds=milliseconds),
    )


# --- configuration ----------------------------------------------------------------------------------


def _set(engine: DockerEngine, action: Action) -> str:
    from hatlab.keepalived import change_setting

    node, key, value = (action.need(p) for p in (ArgKind.NODE, ArgKind.KEY, ArgKind.VALUE))
    before = str(engine.request(node, "read")["text"])
    try:
        text = change_setting(before, key, value, action.get(ArgKind.INSTANCE))
    except LabError as error:
        raise ActionFailed(error.message, error.hint) from None
    _refuse_bad(engine, node, text)
    _effect(engine, node, "conf", text=text)
    old, new = set(before.splitlines()), set(text.splitlines())
    gone = [line.strip() for line in before.splitlines() if line not in new]
    came = [line.strip() for line in text.splitlines() if line not in old]
    with contextlib.suppress(ActionFailed):
        _effect(engine, node, "reload")
    return f"{node}: {', '.join(gone) or f'no {key}'} → {', '.join(came) or f'no {key}'}; reloaded"


def _refuse_bad(engine: DockerEngine, node: str, text: str) -> None:
    problems = engine.check(node, text)
    if problems:
        raise ActionFailed(f"keepalived refuses this configuration: {problems[0]}", "\n".join(problems[1:5]))


def _edit(engine: DockerEngine, action: Action) -> str:
    from hatlab.keepalived import localize_config

    node = action.need(ArgKind.NODE)
    devices = {network: found["device"] for network, found in engine.interfaces.get(node, {}).items()}
    return _effect(engine, node, "conf", text=localize_config(action.text, engine.layout, devices))


def _reload(engine: DockerEngine, action: Action) -> str:
    return _effect(engine, action.need(ArgKind.NODE), "reload")


def _address_delete(engine: DockerEngine, action: Action) -> str:
    return _effect(engine, action.need(ArgKind.NODE), "address", address=action.need(ArgKind.VIP))


def _sql(engine: DockerEngine, action: Action) -> str:
    statement = action.need(ArgKind.STATEMENT)
    reply = engine.request(action.need(ArgKind.WHERE), "sql", 30, statement=statement)
    return format_rows(reply["columns"], reply["rows"]) if "columns" in reply else str(reply["effect"])


# --- reset ------------------------------------------------------------------------------------------


def _reset(engine: DockerEngine, _: Action) -> str:
    engine.drops.clear()
    engine.delays.clear()
    began = engine.forget_start()
    for node in sorted(engine.off):
        _power_on(engine, Action("power on", (node,)))
    for node in sorted(engine.paused):
        engine.tell_node(node, "on", "reset")
    engine.paused.clear()
    engine.forget_start()
    layout = engine.layout
    _on_each(list(layout.node_names), lambda node: _effect(engine, node, "reset", 40))
    engine.forget_good()
    _on_each(list(layout.client_names), lambda node: _effect(engine, node, "reset"))
    try:
        engine.await_ready()
    except LabError as error:
        raise ActionFailed(error.message, error.hint, definite=False) from None
    return f"{', '.join(layout.node_names)} as at the beginning, in {engine.now() - began:.1f} s"


_HANDLERS: dict[str, Callable[[DockerEngine, Action], str]] = {
    **dict.fromkeys(("kill", "stop", "start", "freeze", "thaw"), _service),
    "power off": _power_off,
    "power on": _power_on,
    "pause": _pause,
    "resume": _resume,
    "cut": _cut,
    "heal": _heal,
    "link down": _link,
    "link up": _link,
    "loss": _loss,
    "delay": _delay,
    "set": _set,
    "edit": _edit,
    "reload": _reload,
    "address delete": _address_delete,
    "sql": _sql,
    "reset": _reset,
}
