"""Random sequences of faults: what must hold of every run. HATLAB_EXAMPLES sets how many are tried."""

from __future__ import annotations

import os
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatlab import events as e
from hatlab.actions import SERVICES, Action
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.errors import ActionFailed
from hatlab.session import Session
from hatlab.topology import Topology
from hatlab.topology.library import load_topology

NODES, NETWORKS = ("db1", "db2"), ("lan", "heartbeat")
VIP = "198.18.0.100"
ELECTION = 4.5
"""Seconds in which two nodes that hear each other settle: a master-down interval and an advert."""
MENDED = 14.0
"""Seconds after which a mended lab is whole again: checks rise, then a master-down interval."""
TWO_NODE = load_topology("two-node")
QUIET = Topology.model_validate({**TWO_NODE.model_dump(), "clients": {}})

node, network = st.sampled_from(NODES), st.sampled_from(NETWORKS)
FAULTS = st.one_of(
    st.builds(
        lambda verb, service, at: Action(verb, (service, at)),
        st.sampled_from(("kill", "stop", "start", "freeze", "thaw")),
        st.sampled_from(SERVICES),
        node,
    ),
    st.builds(
        lambda verb, at: Action(verb, (at,)),
        st.sampled_from(("power off", "power on", "pause", "resume", "reload")),
        node,
    ),
    st.builds(lambda net: Action("cut", (net,)), network),
    st.builds(lambda net, at: Action("cut", (net, at)), network, node),
    st.builds(lambda net: Action("heal", (net,)), network),
    st.builds(lambda net, share: Action("loss", (net, share)), network, st.sampled_from(("20", "80"))),
    st.builds(lambda net: Action("delay", (net, "300")), network),
    st.builds(
        lambda verb, net, at: Action(verb, (net, at)),
        st.sampled_from(("link up", "link down")),
        network,
        node,
    ),
    st.builds(
        lambda at, what: Action("set", (at, *what)),
        node,
        st.sampled_from(
            (("priority", "90"), ("priority", "200"), ("nopreempt", "on"), ("preempt_delay", "3"))
        ),
    ),
    st.builds(lambda at: Action("address delete", (at, VIP)), node),
)
STORIES = st.lists(st.tuples(st.floats(0.05, 6.0).map(lambda x: round(x, 2)), FAULTS), min_size=1, max_size=8)
THOROUGH = settings(
    max_examples=int(os.environ.get("HATLAB_EXAMPLES", "200")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)


class Run:
    """One lab, the actions done to it, and everything that happened."""

    def __init__(self, story: list[tuple[float, Action]], seed: int, topology: Topology = QUIET) -> None:
        self.engine = SimulatorEngine("two-node", topology, seed=seed, paced=False)
        self.session = Session(self.engine)
        self.events: list[e.Event] = []
        self._reader = self.session.reader()
        self.session.start()
        for wait, action in story:
            self.run(wait)
            self.check_vip()
            with suppress(ActionFailed):
                self.session.act(action)
        self.run(0.5)

    def run(self, seconds: float) -> None:
        """Lets time pass."""
        self.engine.run_until(self.engine.now() + seconds)
        self.events += self._reader.drain(most=10**6).events

    def check_vip(self) -> None:
        """No running daemon that says BACKUP or FAULT holds the address."""
        for state in self.session.state.nodes.values():
            daemon = state.service("keepalived").state
            if (
                state.power == "on"
                and daemon == "up"
                and state.instances["VI_1"].reported in {"BACKUP", "FAULT"}
            ):
                assert not state.holds(VIP), (
                    f"{state.name} is {state.instances['VI_1'].reported} and holds {VIP}"
                )

    def mend(self) -> None:
        """Takes back every fault, and waits until the pair has settled."""
        for line in ("resume", "power on"):
            for name in NODES:
                self._try(Action(line, (name,)))
        for net in NETWORKS:
            self._try(Action("heal", (net,)))
            for name in NODES:
                self._try(Action("link up", (net, name)))
        self.run(2)
        for service in SERVICES:
            for name in NODES:
                self._try(Action("thaw", (service, name)))
                self._try(Action("start", (service, name)))
        self.run(MENDED)

    def _try(self, action: Action) -> None:
        with suppress(ActionFailed):
            self.session.act(action)


@given(story=STORIES, seed=st.integers(0, 3))
@THOROUGH
def test_a_mended_lab_has_one_owner_and_every_transition_a_reason(
    story: list[tuple[float, Action]], seed: int
) -> None:
    run = Run(story, seed)
    run.mend()
    run.check_vip()
    state = run.session.state
    assert len(state.owners(VIP)) == 1
    reported = sorted(n.instances["VI_1"].reported for n in state.nodes.values())
    assert reported == ["BACKUP", "MASTER"]
    settled = len(run.events)
    run.run(5)
    assert not [v for v in run.events[settled:] if isinstance(v, e.Vrrp)], "it flaps"
    moves = [v for v in run.events if isinstance(v, e.Vrrp)]
    whys = [w for w in run.events if isinstance(w, e.Why)]
    last: dict[str, str] = {}
    for move in moves:
        if last.get(move.node, "INIT") != move.state and move.state in {"MASTER", "FAULT"}:
            assert any(w.node == move.node and w.to == move.state and w.at == move.at for w in whys)
        last[move.node] = move.state
    assert all(w.cause and w.rule and w.text for w in whys)


@given(story=STORIES, seed=st.integers(0, 3))
@THOROUGH
def test_two_masters_last_no_longer_than_an_election_when_nothing_keeps_them_apart(
    story: list[tuple[float, Action]], seed: int
) -> None:
    apart = {"cut", "loss", "delay", "pause", "freeze", "link down"}
    run = Run([(wait, action) for wait, action in story if action.verb not in apart], seed)
    since: float | None = None
    masters: set[str] = set()
    for event in run.events:
        if since is not None:
            assert event.at - since <= ELECTION, f"two Masters since {since}"
        if isinstance(event, e.Vrrp):
            (masters.add if event.state == "MASTER" else masters.discard)(event.node)
        elif isinstance(event, e.Process | e.Node) and _gone(event):
            masters.discard(event.node)
        else:
            continue
        since = None if len(masters) < 2 else since if since is not None else event.at


def _gone(event: e.Process | e.Node) -> bool:
    """Whether a node has no keepalived any more."""
    if isinstance(event, e.Node):
        return event.state == "off"
    return event.service == "keepalived" and event.state == "down"


@given(story=STORIES, seed=st.integers(0, 3))
@settings(max_examples=30, derandomize=True)
def test_the_same_seed_gives_the_same_bytes(story: list[tuple[float, Action]], seed: int) -> None:
    once, again = (Run(story, seed, TWO_NODE) for _ in range(2))
    assert [e.to_json(event) for event in once.events] == [e.to_json(event) for event in again.events]
