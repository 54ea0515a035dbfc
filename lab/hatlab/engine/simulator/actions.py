"""Carries out the verbs of `hatlab.actions` in a world.

A handler returns its effect, before and after, in the words of `hatlab.engine.action_outcomes`; one that has
to wait is a generator that yields while virtual time passes, and then returns it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from hatlab.actions import Action, ArgKind
from hatlab.engine import action_outcomes as outcomes
from hatlab.engine.election import GIVE_UP
from hatlab.engine.simulator.keepalived.config_check import check_config
from hatlab.engine.simulator.mysql.server import ConnectionResult
from hatlab.engine.simulator.mysql.sql import execute
from hatlab.engine.simulator.mysql.storage import SqlError
from hatlab.engine.simulator.node import Node
from hatlab.engine.simulator.service_change import ServiceChange
from hatlab.engine.simulator.startup import reset
from hatlab.engine.simulator.world import World
from hatlab.errors import ActionFailed
from hatlab.keepalived import localize_config, select_lines

Work = Generator[bool, None, str]
"""An action under way; see `hatlab.engine.simulator.history.OutsideAction`."""
SQL_TIMEOUT = 5.0
"""Seconds that a connection, or a statement, may take."""
RESET_TIMEOUT = GIVE_UP + 5
"""Seconds until the lab must be ready again."""


def act(world: World, action: Action) -> Work:
    """Carry out one action.

    Raises:
        ActionFailed: with whether it definitely did not happen.
    """
    result = outcomes.find_handler(_HANDLERS, action)(world, action)
    return result if isinstance(result, str) else (yield from result)


def _wait_until(world: World, condition: Callable[[], bool], seconds: float) -> Generator[bool, None, bool]:
    """Wait for a condition, which changes nothing, at most some virtual seconds; return whether it holds."""
    limit, looks_again = world.clock.now + seconds, False
    while not condition() and world.clock.now < limit:
        yield looks_again
        looks_again = True
    return condition()


def _running_node(world: World, action: Action) -> Node:
    """Return the node that an action names, which must be on.

    Raises:
        ActionFailed: it is off.
    """
    node = world.nodes[action.need(ArgKind.NODE)]
    if node.power == "off":
        raise outcomes.node_is_off(node.name)
    return node


# --- processes --------------------------------------------------------------------------------------


def _change_service(world: World, action: Action) -> Work:
    node, name = _running_node(world, action), action.need(ArgKind.SERVICE)
    if action.verb in {"start", "stop"}:
        change = ServiceChange(node, name, action.verb)
        change.begin()
        yield from _wait_until(world, change.is_done, change.patience)
        return change.finish()
    if name not in node.services:
        raise outcomes.service_missing(name, node.name)
    service = node.services[name]
    before = str(service)
    if not service.running:
        raise outcomes.service_not_running(name, node.name, service)
    match action.verb:
        case "kill":
            service.kill()
        case "freeze":
            if service.frozen:
                raise outcomes.service_frozen(name, node.name)
            service.freeze()
        case _:
            if not service.frozen:
                raise outcomes.service_not_frozen(name, node.name)
            service.thaw()
    after = str(service) if service.running else f"gone ({service.reason})"
    return outcomes.service_effect(name, before, after)


# --- power ------------------------------------------------------------------------------------------


def _change_power(world: World, action: Action) -> str:
    node = world.nodes[action.need(ArgKind.NODE)]
    outcomes.check_power(action, node.name, node.power)
    match action.verb:
        case "power off":
            node.power_off("power off")
            return f"{node.name} on → off"
        case "power on":
            node.power_on()
            return f"{node.name} off → on"
        case "pause":
            node.pause()
            return f"every process of {node.name} running → stopped (SIGSTOP)"
        case _:
            node.resume()
            return f"every process of {node.name} stopped → running (SIGCONT)"


# --- network ----------------------------------------------------------------------------------------


def _servers_on(world: World, network: str) -> list[Node]:
    """Return the servers on a network that are on."""
    return [n for n in world.nodes.values() if n.server and network in n.ports and n.power != "off"]


def _set_loss(world: World, action: Action) -> str:
    network, one = action.need(ArgKind.NETWORK), action.get(ArgKind.NODE)
    percent = 100.0 if action.verb == "cut" else float(action.need(ArgKind.PERCENT))
    nodes = [_running_node(world, action)] if one else _servers_on(world, network)
    if one and network not in nodes[0].ports:
        raise outcomes.no_interface(one, network)
    return outcomes.join_effects(_set_drop_percent(node, network, percent) for node in nodes)


def _set_drop_percent(node: Node, network: str, percent: float) -> str:
    before = node.ports[network].drop_percent
    node.set_filter(network, percent=percent)
    return outcomes.drop_effect(node.name, network, before, node.ports[network].drop_percent)


def _heal_network(world: World, action: Action) -> str:
    network = action.need(ArgKind.NETWORK)
    nodes = _servers_on(world, network)
    effects = [_set_drop_percent(node, network, 0.0) for node in nodes]
    for node in world.nodes.values():
        if node.server and node.power == "off" and network in node.ports:
            node.set_filter(network, 0.0, 0.0)
    effects += [_set_delay(node, network, 0.0) for node in nodes if node.ports[network].delay]
    return outcomes.join_effects(effects)


def _delay_network(world: World, action: Action) -> str:
    network, milliseconds = action.need(ArgKind.NETWORK), float(action.need(ArgKind.MILLISECONDS))
    return outcomes.join_effects(
        _set_delay(node, network, milliseconds) for node in _servers_on(world, network)
    )


def _set_delay(node: Node, network: str, milliseconds: float) -> str:
    before = node.ports[network].delay * 1000
    node.set_filter(network, delay=milliseconds / 1000)
    return outcomes.delay_effect(node.name, network, before, milliseconds)


def _set_link(world: World, action: Action) -> str:
    node, network = _running_node(world, action), action.need(ArgKind.NETWORK)
    if network not in node.ports:
        raise outcomes.no_interface(node.name, network)
    port = node.ports[network]
    before = port.up
    node.set_link(network, action.verb == "link up")
    return outcomes.link_effect(node.name, network, port.device, before, port.up)


# --- configuration ----------------------------------------------------------------------------------


def _set_keyword(world: World, action: Action) -> str:
    node = _running_node(world, action)
    devices = [port.device for port in node.ports.values()]
    before = node.conf
    text = outcomes.apply_setting(
        action, before, lambda text: check_config(select_lines(text, node.name), devices)
    )
    node.write_conf(text)
    if node.keepalived.running:
        node.keepalived.reload()
    return outcomes.setting_effect(action, before, text)


def _edit_conf(world: World, action: Action) -> str:
    node = _running_node(world, action)
    before = node.conf
    devices = {network: port.device for network, port in node.ports.items()}
    text = localize_config(action.text, world.layout, devices)
    node.write_conf(text)
    return outcomes.conf_effect(node.name, before, text)


def _reload_keepalived(world: World, action: Action) -> str:
    node = _running_node(world, action)
    if not node.keepalived.running:
        raise outcomes.service_not_running("keepalived", node.name, node.keepalived)
    node.keepalived.reload()
    return outcomes.reload_effect("keepalived", node.keepalived)


def _delete_address(world: World, action: Action) -> str:
    node, address = _running_node(world, action), action.need(ArgKind.VIP)
    port = node.port_holding(address)
    if port is None:
        raise outcomes.address_not_held(node.name, address)
    node.set_address(address, port.device, False)
    node.keepalived.on_address_deleted(address, port.device)
    return outcomes.address_effect(node.name, port.device, address)


_LOST = "MySQL says: (2013, 'Lost connection to MySQL server during query (timed out)')"


def _run_sql(world: World, action: Action) -> Work:
    where, statement = action.need(ArgKind.WHERE), action.need(ArgKind.STATEMENT)
    client = world.clients.get(where)
    node = world.nodes[where] if client is None else (yield from client.find_server())
    if node is None or node.power == "off":
        raise ActionFailed('MySQL says: (2003, "Can\'t connect to MySQL server (timed out)")')
    connection = ConnectionResult()
    node.mysqld.connect(connection.take)
    if not (yield from _wait_until(world, lambda: connection.accepted is not None, SQL_TIMEOUT)):
        raise ActionFailed(_LOST, definite=False)
    if not connection.accepted:
        raise ActionFailed('MySQL says: (2003, "Can\'t connect to MySQL server (Connection refused)")')
    try:
        result = execute(node.mysqld, statement, root=client is None)
    except SqlError as error:
        raise ActionFailed(f'MySQL says: ({error.number}, "{error.message}")') from None
    end = world.clock.now + result.seconds
    if not (yield from _wait_until(world, lambda: world.clock.now >= end, SQL_TIMEOUT)):
        raise ActionFailed(_LOST, definite=False)
    return result


def _reset_lab(world: World, _: Action) -> Work:
    began = world.clock.now
    reset(world, act)
    reached = yield from _wait_until(world, lambda: world.ready or world.failure is not None, RESET_TIMEOUT)
    if world.failure is not None:
        raise ActionFailed(world.failure.message, world.failure.hint, definite=False)
    if not reached:
        raise ActionFailed(f"the lab was not ready again after {RESET_TIMEOUT:g} s", definite=False)
    return outcomes.reset_effect(world.nodes, world.clock.now - began)


_HANDLERS: dict[str, Callable[[World, Action], Work | str]] = {
    **dict.fromkeys(("kill", "stop", "start", "freeze", "thaw"), _change_service),
    **dict.fromkeys(("power off", "power on", "pause", "resume"), _change_power),
    **dict.fromkeys(("cut", "loss"), _set_loss),
    "heal": _heal_network,
    "delay": _delay_network,
    **dict.fromkeys(("link down", "link up"), _set_link),
    "set": _set_keyword,
    "edit": _edit_conf,
    "reload": _reload_keepalived,
    "address delete": _delete_address,
    "sql": _run_sql,
    "reset": _reset_lab,
}
