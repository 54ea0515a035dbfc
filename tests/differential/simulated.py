"""Plays a case on the simulator."""

from __future__ import annotations

from dataclasses import replace

from hatlab import events as e
from hatlab.engine.simulator.node import Node
from hatlab.engine.simulator.world import World
from hatlab.topology import Layout, Topology
from tests.differential.case import DEVICES, FIRST_OCTET, Case, Step
from tests.differential.outcome import Fact, Outcome, read_frame

ORIGIN = 1.0
"""Virtual seconds before the beginning of the case."""


def layout_of(case: Case) -> Layout:
    """Return the lab that a case runs in: routers with configurations of their own."""
    files = {path: {"content": text, "mode": "0755"} for path, text in case.files.items()}
    nodes = {
        name: {"octet": number, "service": "router", "conf": conf, "files": files}
        for number, (name, conf) in enumerate(case.confs.items(), FIRST_OCTET)
    }
    networks = [f"net-{device}" for device in DEVICES]
    data = {"version": 1, "title": "differential", "networks": networks, "nodes": nodes}
    return Layout.numbered("differential", Topology.model_validate(data))


def simulate(case: Case, seed: int = 0) -> Outcome:
    """Play a case, as long as it is."""
    world = World(layout_of(case), seed)
    clock, devices = world.clock, dict(zip(world.networks, DEVICES, strict=True))
    _switch_on(world)
    for step, text in _in_order(case):
        clock.run_until(ORIGIN + step.at)
        _do(world.nodes[step.node], step, text)
    clock.run_until(ORIGIN + case.length)
    return _outcome(case, world.take_events(), devices, tuple(step.at for step in case.steps))


def _in_order(case: Case) -> list[tuple[Step, str]]:
    """Return the steps in order of time: on a busy machine one node starts after another that was told to
    start later. A node's own steps keep their order."""
    last: dict[str, float] = {}
    steps = []
    for step, text in case.resolved_steps():
        last[step.node] = max(step.at, last.get(step.node, 0.0))
        steps.append((replace(step, at=last[step.node]), text))
    return sorted(steps, key=lambda pair: pair[0].at)


def _switch_on(world: World) -> None:
    """Let each node be on before the case begins, as real ones are, without keepalived."""
    for node in world.nodes.values():
        node.server = False  # so that nothing starts it
        node.power_on()
        node.server = True


def _do(node: Node, step: Step, text: str) -> None:
    keepalived = node.keepalived
    match step.verb:
        case "start" if not keepalived.running:
            keepalived.spawn()
        case "stop" if keepalived.running and not keepalived.frozen:
            keepalived.stop()
        case "kill" if keepalived.running:
            keepalived.kill()
        case "kill-child" if keepalived.running and not keepalived.frozen:
            keepalived.kill_child()
        case "freeze" if keepalived.running and not keepalived.frozen:
            keepalived.freeze()
        case "thaw" if keepalived.frozen:
            keepalived.thaw()
        case "edit":
            node.write_conf(text)
            if keepalived.running:
                keepalived.reload()
        case "write":
            path, _, text = step.words.partition(" ")
            node.disk.write(path, f"{text}\n")
        case "remove":
            node.disk.remove(step.words)
        case "down" | "up":
            node.set_link(_network(node, step.words), step.verb == "up")
        case "deaf" | "hears":
            node.set_filter(_network(node, step.words), percent=100.0 if step.verb == "deaf" else 0.0)
        case "delete":
            port = node.port_holding(step.words)
            if port is not None:
                node.set_address(step.words, port.device, False)
                keepalived.on_address_deleted(step.words, port.device)


def _network(node: Node, device: str) -> str:
    return next(network for network, port in node.ports.items() if port.device == device)


def _outcome(case: Case, events: list[e.Event], devices: dict[str, str], done: tuple[float, ...]) -> Outcome:
    unwatched = case.own_addresses() | case.loopback_addresses()
    facts: dict[str, list[Fact]] = {
        key: [] for key in ("states", "adverts", "announcements", "addresses", "logs")
    }
    for event in events:
        at = event.at - ORIGIN
        match event:
            case e.Vrrp():
                facts["states"].append(
                    Fact(at, f"{event.node} {event.instance}", f"{event.state} {event.priority}")
                )
            case e.Advert(direction="sent") | e.Arp(direction="sent"):
                read = read_frame(event.node, devices[event.network], at, bytes.fromhex(event.frame))
                if read is not None:
                    facts[read[0]].append(read[1])
            case e.Address() if event.address not in unwatched and not event.address.startswith("fe80"):
                held = "held" if event.held else "gone"
                facts["addresses"].append(Fact(at, f"{event.node} {event.address}", held))
            case e.Log(service="keepalived"):
                facts["logs"].append(Fact(at, event.node, event.text))
    return Outcome(**{key: tuple(values) for key, values in facts.items()}, done=done)
