"""Two routers and a ping through them, the same story on both engines: whom it cuts off, and for how long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import groupby

import pytest

from hatlab import events as e
from hatlab.actions import parse
from hatlab.engine.base import Engine
from hatlab.engine.docker.engine import DockerEngine
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.topology.library import load_topology
from hatlab.vrrp.timers import master_down_interval, skew_time
from tests.support.sessions import all_events, running_session

ACTS = (
    (2.0, "stop keepalived r1"),
    (7.0, "start keepalived r1"),
    (13.0, "link down far r1"),
    (16.0, "link up far r1"),
    (22.0, "power off r1"),
    (28.0, "end"),
)
LATER = 0.4
"""Seconds from the takeover to the first answer: the next of 20 pings a second, and a busy machine."""
A_PING = 0.2
"""One ping that failed while two addresses moved one after the other is no outage here, s."""


def on_simulator() -> tuple[Engine, Callable[[float], None]]:
    engine = SimulatorEngine("gateway", load_topology("gateway"), paced=False)
    return engine, lambda at: engine.run_until(max(at, engine.now()))


def on_docker() -> tuple[Engine, Callable[[float], None]]:
    engine = DockerEngine("gateway", load_topology("gateway"))
    return engine, lambda at: time.sleep(max(0.0, at - engine.now()))


def play(engine: Engine, wait_until: Callable[[float], None]) -> list[e.Event]:
    with running_session(engine) as session:
        ready = session.engine.now()
        for at, line in ACTS:
            wait_until(ready + at)
            if line != "end":
                session.act(parse(line, session.state.layout))
        return all_events(session)


def waited(events: list[e.Event]) -> Iterator[float]:
    """From the last advert that r2 heard in an outage to its end, s."""
    for outage in (o for o in events if isinstance(o, e.Outage) and o.seconds > A_PING):
        heard = [
            a.at
            for a in events
            if isinstance(a, e.Advert) and (a.node, a.direction) == ("r2", "received") and a.at < outage.ended
        ]
        yield outage.ended - heard[-1]


@pytest.mark.parametrize("engine", [on_simulator, pytest.param(on_docker, marks=pytest.mark.docker)])
def test_only_a_router_that_does_not_forward_cuts_the_client_off(
    engine: Callable[[], tuple[Engine, Callable[[float], None]]],
) -> None:
    events = play(*engine())
    probes = sorted((p for p in events if isinstance(p, e.Probe)), key=lambda p: p.at)
    routers = [server for server, _ in groupby(p.server for p in probes if p.ok)]
    assert routers == ["r1", "r2", "r1", "r2", "r1", "r2"]
    assert {p.pinged for p in probes} == {"server"}
    told, silent = waited(events)
    skew, down_interval = skew_time(2, 100, 1.0), master_down_interval(2, 100, 1.0)
    assert skew <= told + 0.05 <= skew + 0.05 + LATER, "the far link went down"
    assert down_interval <= silent + 0.05 <= down_interval + 0.05 + LATER
    down = next(a.at for a in events if isinstance(a, e.Action) and a.name == "link down")
    failed = [p.error for p in probes if not p.ok and down <= p.at <= down + 3]
    told_at_once = [number for number, error in enumerate(failed) if error == "unreachable"]
    assert set(failed) == {"unreachable", "timeout"}
    assert len(told_at_once) in (1, 2, 3), "Linux says it two times or so"
    assert told_at_once[-1] <= 3, "then no more"
