"""Facts folded at once give the states, and the derived events, that they give one by one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from hatlab import events as e
from hatlab.actions import parse
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.errors import ActionError, ActionFailed
from hatlab.session import Session
from hatlab.state.model import LabState
from hatlab.state.quiet import fold_quiet
from hatlab.state.steps import derive_steps, fold_fact
from hatlab.topology.library import load_topology
from hatlab.vrrp.arp import announcement
from hatlab.vrrp.capture import observe_frame
from tests.support.story import MAC, VIP, advert_frame, story
from tests.support.story_engine import StoryEngine

SEEDS = range(36)
NODES = ("db1", "db2")
GTID = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-9"
SETTINGS = ("", "nopreempt", "preempt_delay 2")
TROUBLE = (
    *("kill mysqld db1", "kill keepalived db1", "freeze keepalived db1", "thaw keepalived db1", "reload db2"),
    *(
        "cut heartbeat",
        "cut heartbeat db1",
        "heal heartbeat",
        "cut lan db2",
        "heal lan",
        "pause db1",
        "resume db1",
    ),
    *(
        "start mysqld db1",
        "start keepalived db1",
        f"address delete db1 {VIP}",
        "power off db1",
        "power on db1",
    ),
    *("set db2 priority 200", "set db1 preempt_delay 3", "set db2 nopreempt on", "stop mysqld db2"),
)


@cache
def begun() -> tuple[e.Event, ...]:
    return tuple(story(44.0))


def disturbed(seed: int) -> list[e.Event]:
    """The story up to a moment, late in places, and then the same few facts in any order, again and again."""
    rng = random.Random(seed)
    until = rng.choice((7.0, 9.9, 12.0, 12.0, 16.0, 23.0, 35.0, 37.5, 37.5, 43.0))
    first, *told = begun()
    facts = [_late(fact, rng) for fact in told if fact.at <= until]
    at, often = until, _repeated(rng)
    for _ in range(rng.randint(100, 400)):
        if not rng.randrange(40):
            often = _repeated(rng)
        at += rng.expovariate(1 / rng.choice((0.01, 0.03, 0.1)))
        facts.append(replace(rng.choice(often), at=at))
    setting = rng.choice(SETTINGS)
    return [first, *(_configured(fact, setting) for fact in sorted(facts, key=lambda fact: fact.at))]


def _late(fact: e.Event, rng: random.Random) -> e.Event:
    return replace(fact, at=fact.at + rng.random() * rng.choice((0.0, 0.0, 0.0005, 0.3)))


def _configured(fact: e.Event, setting: str) -> e.Event:
    if not isinstance(fact, e.Conf):
        return fact
    return replace(fact, text=fact.text.replace("advert_int", f"{setting}\n    advert_int"))


def _repeated(rng: random.Random) -> list[e.Event]:
    """Some facts of a lab in which nothing happens, and now and then one that is not."""
    facts = [e.Tick(at=0.0), *(_advert(rng) for _ in range(rng.randint(1, 5)))]
    for client in rng.sample(("client", "other", "stranger"), rng.randint(0, 2)):
        ok = rng.random() < 0.6
        server = rng.choice(NODES) if ok else None
        facts += [e.Probe(at=0.0, client=client, ok=ok, server=server, latency_ms=1.5 if ok else None)] * 3
        facts.append(e.Write(at=0.0, client=client, sequence=rng.randrange(900), ok=ok, server=server))
    if not rng.randrange(3):
        facts += [_table(rng, node) for node in NODES for _ in "ab"]
        for node in NODES:
            facts.append(e.Replication(at=0.0, node=node, receiver=True, applier=True, gtid_executed=GTID))
            facts.append(e.Written(at=0.0, node=node, sequences={"client": "1-9"}))
    if not rng.randrange(3):
        facts.append(_advert(rng, priority=0))
    if not rng.randrange(3):
        node = rng.choice(NODES)
        frame = announcement(VIP, MAC[node])
        facts += filter(None, [observe_frame(0.0, node, rng.choice(("sent", "received")), "lan", frame)])
    if not rng.randrange(4):
        state = rng.choice(("frozen", "up"))
        facts.append(e.Process(at=0.0, node=rng.choice(NODES), service="keepalived", state=state))
    return facts


def _advert(rng: random.Random, **changes: object) -> e.Event:
    node = rng.choice(NODES)
    frame = advert_frame(node, rng.choice((50, 100, 150, 150, 255)))
    seen_by, direction = rng.choice(((node, "sent"), *((other, "received") for other in NODES)))
    advert = observe_frame(0.0, seen_by, direction, "heartbeat", frame)
    assert advert is not None
    if not rng.randrange(8):
        changes |= rng.choice(({"interval": 0.1}, {"vrid": 9}, {"source": "nowhere"}, {"defects": ("ttl",)}))
    return replace(advert, **changes)  # type: ignore[arg-type]


def _table(rng: random.Random, node: str) -> e.Table:
    return e.Table(at=0.0, node=node, name="lab.t", rows=1, checksum=rng.choice("aaab"), gtid_executed=GTID)


def simulated(seed: int) -> list[e.Event]:
    """The facts of a lab to which a random few things are done."""
    rng = random.Random(seed)
    topology = rng.choice(("two-node", "two-node", "load-sharing", "gateway"))
    session = Session(SimulatorEngine(topology, load_topology(topology), seed=seed, paced=False))
    session.start()
    for _ in range(5):
        session.seek(session.engine.now() + rng.choice((0.1, 1.0, 3.0, 12.0)))
        try:
            session.act(parse(rng.choice(TROUBLE), session.state.layout))
        except (ActionError, ActionFailed):
            continue
    session.seek(session.engine.now() + 8.0)
    return [event for event in session.reader().drain(most=10**6).events if not event.derived]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_disturbed_story_gives_the_same_however_it_is_cut(seed: int) -> None:
    compare_ways(disturbed(seed), random.Random(seed))


@pytest.mark.parametrize("seed", [*range(4), 119])  # 119: a condition that another one brings at once
def test_a_simulated_lab_gives_the_same_however_it_is_cut(seed: int) -> None:
    compare_ways(simulated(seed), random.Random(seed))


def compare_ways(facts: Sequence[e.Event], rng: random.Random) -> None:
    """One by one is how a live lab is folded, at once how it is replayed."""
    steps = list(derive_steps(facts))
    session = Session(StoryEngine())
    position, most = 0, rng.choice((20, 500, 500))
    while position < len(facts):
        count = rng.randint(1, most)
        session.emit(facts[position : position + count])
        position += count
    assert list(session.reader().drain(most=10**6).events) == [step.event for step in steps]
    assert written_out(session.state) == written_out(steps[-1].after)
    for at in (5.0, 14.1, 31.0, 37.7):
        expected = [step.after for step in steps if step.event.at <= at]
        if all(step.event.at > at for step in steps[len(expected) :]):  # none was late
            assert written_out(session.state_at(at)) == written_out(expected[-1])


def written_out(state: LabState) -> list[str]:
    """All of a state but its layout, in the order that it has."""
    return [f"{name} {value!r}" for name, value in vars(state).items() if name != "layout"]


def test_a_quiet_lab_is_folded_at_once() -> None:
    """Else nothing here would test anything."""
    state = LabState()
    for fact in story(7.0):
        state = fold_fact(state, fact)[0].after
    rest = [fact for fact in story(9.9) if fact.at > 7.0]
    after, count = fold_quiet(state, rest)
    assert count == len(rest)
    assert after.at == rest[-1].at


def test_the_last_of_several_adverts_sets_the_timer() -> None:
    state = LabState()
    for fact in story(7.0):
        state = fold_fact(state, fact)[0].after
    heard = observe_frame(0.0, "db2", "received", "heartbeat", advert_frame("db1", 150))
    higher = observe_frame(0.0, "db2", "received", "heartbeat", advert_frame("db1", 200))
    assert heard is not None
    assert higher is not None
    facts = [replace(heard, at=7.1), replace(heard, at=7.2), replace(higher, at=7.3)]
    after, count = fold_quiet(state, facts)
    assert count == 3
    assert after.nodes["db2"].instances["VI_1"].armed == 7.3
