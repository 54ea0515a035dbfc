"""Plays a scenario on either engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hatlab import events as e
from hatlab.actions import Action, parse
from hatlab.engine.base import Engine
from hatlab.engine.docker.engine import DockerEngine
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.session import Session
from tests.parity.scenarios import Scenario, topology
from tests.support.sessions import all_events, running_session

Acts = Sequence[tuple[float, str]]
"""Seconds after ready, and the action, as `Scenario.acts` has them."""


@dataclass(frozen=True, slots=True)
class PlayedRun:
    """Everything that happened, in order of time, and who held the address at the end."""

    events: list[e.Event]
    owners: frozenset[str]


def on_simulator(scenario: Scenario, seed: int = 0) -> PlayedRun:
    """Play it in virtual time."""
    engine = SimulatorEngine("two-node", topology(scenario), seed=seed, paced=False)

    def wait_until(at: float) -> None:
        engine.run_until(max(at, engine.now()))

    world = engine.world
    kill = lambda node: world.nodes[node].keepalived.kill_child()  # noqa: E731
    return _play(scenario.acts, scenario.length, engine, wait_until, kill)


def on_docker(scenario: Scenario) -> PlayedRun:
    """Play it with real keepalived, in real time."""
    return play_on(DockerEngine("two-node", topology(scenario)), scenario.acts, scenario.length)


def play_on(engine: DockerEngine, acts: Acts, length: float) -> PlayedRun:
    """Play acts on an engine that has not been started, in real time."""

    def wait_until(at: float) -> None:
        time.sleep(max(0.0, at - engine.now()))

    def kill_child(node: str) -> None:
        api = engine.client.api
        api.exec_start(api.exec_create(engine.containers[node], "pkill -KILL -n -x keepalived")["Id"])

    return _play(acts, length, engine, wait_until, kill_child)


def _play(
    acts: Acts,
    length: float,
    engine: Engine,
    wait_until: Callable[[float], None],
    kill_child: Callable[[str], None],
) -> PlayedRun:
    with running_session(engine) as session:
        ready = engine.now()
        for at, line in acts:
            wait_until(ready + at)
            _act(session, line, kill_child)
        wait_until(ready + length)
        events = sorted(all_events(session), key=lambda event: event.at)
        state = session.state
        assert state.layout is not None
        return PlayedRun(events, state.owners(state.layout.vip_addresses[0]))


def _act(session: Session, line: str, kill_child: Callable[[str], None]) -> None:
    """Carry out one line of a scenario, also of those that are no verb."""
    match line.split(maxsplit=2):
        case ["edit", node, change]:
            _, old, new, _ = change.split("/")
            before = session.state.nodes[node].conf
            assert old in before
            session.act(Action("edit", (node, "keepalived.conf"), before.replace(old, new)))
        case ["hand", "kill-child", node]:
            at = session.engine.now()
            session.emit([e.Action(at=at, name="hand", targets=("kill-child", node), phase="started")])
            kill_child(node)
        case _:
            session.act(parse(line, session.state.layout))
