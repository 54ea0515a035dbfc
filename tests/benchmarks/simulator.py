"""How fast virtual time runs: python -m tests.benchmarks.simulator"""

from __future__ import annotations

import copy
import time
from typing import Any

from hatlab.engine.simulator.actions import act
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.engine.simulator.startup import boot
from hatlab.engine.simulator.world import World
from hatlab.session import Session
from hatlab.topology import Layout, Member, NodeSpec, Topology
from hatlab.topology.library import load_topology


def pair(*, client: bool = True, protocol_only: bool = False) -> Topology:
    """The two-node topology, with less on it."""
    data: dict[str, Any] = load_topology("two-node").model_dump()
    if not client:
        data["clients"] = {}
    if protocol_only:
        data["replication"], data["checks"] = {"kind": "none"}, {}
        data["instances"]["VI_1"]["checks"] = ()
    return Topology.model_validate(data)


def many(count: int) -> Topology:
    """One instance on so many nodes (more than a topology file may have)."""
    names = [f"n{k}" for k in range(count)]
    members = {name: Member(priority=200 - k) for k, name in enumerate(names)}
    base = pair(client=False, protocol_only=True)
    instance = base.instances["VI_1"].model_copy(update={"members": members})
    nodes = {name: NodeSpec(octet=11 + k) for k, name in enumerate(names)}
    return base.model_copy(update={"nodes": nodes, "instances": {"VI_1": instance}})


def speed(topology: Topology, seconds: float) -> tuple[float, float]:
    """Virtual seconds a real second, and microseconds an event, once the pair has settled."""
    world = World(Layout.numbered("benchmark", topology), 1)
    boot(world, act)
    world.clock.run_until(10)
    world.take_events()
    events, began = 0, time.perf_counter()
    for k in range(10):
        world.clock.run_until(10 + seconds * (k + 1) / 10)
        events += len(world.take_events())
    took = time.perf_counter() - began
    return seconds / took, took / events * 1e6


def fork(share: float = 1) -> float:
    """Seconds to copy a world that has run for ten minutes, or a share of them."""
    world = World(Layout.numbered("benchmark", pair()), 1)
    boot(world, act)
    world.clock.run_until(600 * share)
    world.take_events()
    began = time.perf_counter()
    copy.deepcopy(world)
    return time.perf_counter() - began


def through_session(seconds: float) -> float:
    """Virtual seconds a real second with every event folded and derived."""
    engine = SimulatorEngine("benchmark", pair(), paced=False)
    session = Session(engine)
    session.start()
    begun, began = engine.now(), time.perf_counter()
    engine.run_until(begun + seconds)
    took = time.perf_counter() - began
    session.stop()
    return seconds / took


def rows(share: float = 1) -> list[str]:
    """Markdown table rows; `share`: of the time that is simulated for them."""
    protocol, _ = speed(pair(client=False, protocol_only=True), 5000 * share)
    whole, _ = speed(pair(), 500 * share)
    costs = {n: speed(many(n), 4000 * share / n)[1] for n in (4, 8, 16, 32, 64)}
    flat = ", ".join(f"{cost:.1f} at {n}" for n, cost in costs.items())
    return [
        f"| simulator, protocol alone | {protocol:,.0f} virtual seconds a second |",
        f"| simulator, with client, checks and replication | {whole:,.0f} virtual seconds a second |",
        f"| the same, folded by a session | {through_session(300 * share):,.0f} virtual seconds a second |",
        f"| simulator, cost of an event | µs by nodes: {flat} |",
        f"| simulator, copy of a world of 10 minutes | {fork(share) * 1000:.0f} ms |",
    ]


if __name__ == "__main__":
    print("\n".join(rows()))  # noqa: T201
