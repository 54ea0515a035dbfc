"""Conditions by name: what is true now, or happened since the task began."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from hatlab.keepalived import diagnose_config, parse_config, read_settings
from hatlab.lessons.conditions.measures import Observation, instance_of, masters, owners
from hatlab.lessons.conditions.vocabulary import Entry, WordKind, entries_by_name
from hatlab.state.derive import CONDITIONS as DERIVED
from hatlab.state.faults import find_faults
from hatlab.state.model import NodeState

Test = Callable[[Observation], bool]
_NODE, _VIP, _CLIENT = WordKind.NODE, WordKind.VIP, WordKind.CLIENT


def _node(test: Callable[..., bool]) -> Callable[..., Test]:
    """A condition whose first word is a node: `test(its state, other words)`."""
    return lambda name, *words: lambda seen: test(seen.state.nodes[name], *words)


def _in_state(node: NodeState, state: str, instance: str | None) -> bool:
    found = instance_of(node, instance)
    return found is not None and found.reported == state


def _sole_master(node: str, instance: str | None) -> Test:
    return lambda seen: masters(seen.state, instance) == {node}


def _holds(node: str, vip: str | None) -> Test:
    return lambda seen: node in owners(seen, vip)


def _owner(node: str, vip: str | None) -> Test:
    return lambda seen: owners(seen, vip) == {node}


def _owners(count: float, vip: str | None) -> Test:
    return lambda seen: len(owners(seen, vip)) == int(count)


def _process(service: str, node: str, state: str) -> Test:
    return lambda seen: seen.state.nodes[node].service(service).state == state


def _power(node: NodeState, power: str) -> bool:
    return node.power == power


def _cut(network: str, node: str | None) -> Test:
    """Whether what others send on a network no longer arrives: at one node, or at every node."""

    def test(seen: Observation) -> bool:
        layout = seen.state.layout
        wanted = (
            [node]
            if node
            else [n for n in layout.server_names if network in layout.networks_of(n)]
            if layout
            else []
        )
        deaf = [
            n
            for n in wanted
            if (f := seen.state.nodes[n].filters.get(network)) is not None and f.percent >= 100
        ]
        return bool(wanted) and len(deaf) == len(wanted)

    return test


def _link(network: str, node: str, way: str) -> Test:
    def test(seen: Observation) -> bool:
        found = seen.state.nodes[node]
        return found.links.get(network, found.power == "on") == (way == "up")

    return test


def _check(name: str, node: str, verdict: str) -> Test:
    def test(seen: Observation) -> bool:
        found = seen.state.nodes[node].checks.get(name)
        return found is not None and found.ok == (verdict == "ok")

    return test


def _condition(name: str) -> Test:
    return lambda seen: name in seen.state.conditions


def _began(name: str) -> Test:
    return lambda seen: name in seen.trace.conditions


def _healthy() -> Test:
    def test(seen: Observation) -> bool:
        state = seen.state
        clients = [c.last for c in state.clients.values()]
        return (
            not find_faults(state)
            and not state.conditions
            and all(len(who) == 1 for who, _ in state.owned.values())
            and all(last is not None and last.ok for last in clients)
        )

    return test


def _answered(server: str, client: str | None) -> Test:
    def test(seen: Observation) -> bool:
        tries = [c.last for c in seen.state.clients.values() if client in (None, c.name)]
        return any(last is not None and last.ok and last.server == server for last in tries)

    return test


def _cut_off(client: str | None) -> Test:
    return lambda seen: any(
        c.last is not None and not c.last.ok and client in (None, c.name) for c in seen.state.clients.values()
    )


def _replicates(node: NodeState) -> bool:
    replica = node.replica
    return replica is not None and replica.receiver and replica.applier and not replica.errno


@lru_cache(64)
def _keywords(text: str) -> frozenset[str]:
    """Every keyword of a keepalived.conf, in any block."""
    found, todo = set(), [parse_config(text)]
    while todo:
        statement = todo.pop()
        found.add(statement.keyword)
        todo += statement.body or ()
    return frozenset(found)


@lru_cache(64)
def _codes(text: str) -> frozenset[str]:
    """The codes that a check of a keepalived.conf yields; cached, as a test is made at every event."""
    return frozenset(finding.code for finding in diagnose_config(text))


@lru_cache(64)
def _nopreempt_in(text: str) -> bool:
    return any(conf.nopreempt for conf in read_settings(text).values())


def _fenced(node: NodeState) -> bool:
    return node.fenced


def _conf(node: NodeState, keyword: str) -> bool:
    return keyword in _keywords(node.conf)


def _finding(node: NodeState, code: str) -> bool:
    return code.upper() in _codes(node.conf)


def _nopreempt(node: NodeState) -> bool:
    return _nopreempt_in(node.conf)


def _advert(node: str, priority: float | None) -> Test:
    def test(seen: Observation) -> bool:
        sent = seen.trace.sent.get(node, {})
        return bool(sent) if priority is None else int(priority) in sent

    return test


def _heard(node: str, sender: str, priority: float | None) -> Test:
    def test(seen: Observation) -> bool:
        heard = seen.trace.heard.get((node, sender), {})
        return bool(heard) if priority is None else int(priority) in heard

    return test


def _announced(node: str) -> Test:
    return lambda seen: seen.trace.announced.get(node, 0) > 0


def _became(node: str, state: str, instance: str | None) -> Test:
    return lambda seen: any(
        (t.node, t.now) == (node, state) and instance in (None, t.instance) for t in seen.trace.turns
    )


def _went(service: str, node: str, state: str) -> Test:
    return lambda seen: any(
        (p.service, p.node, p.state) == (service, node, state) for p in seen.trace.processes
    )


def _outage() -> Test:
    return lambda seen: bool(seen.trace.outages)


def _did(verb: str, target: str | None) -> Test:
    return lambda seen: any(
        a.phase == "done" and a.name.replace(" ", "-") == verb and target in (None, *a.targets)
        for a in seen.trace.actions
    )


def _elapsed(seconds: float) -> Test:
    return lambda seen: seen.state.at - seen.trace.began >= seconds


CONDITIONS: dict[str, Entry[Test]] = entries_by_name(
    [
        Entry(
            "state",
            (_NODE, WordKind.STATE, WordKind.INSTANCE),
            "what a node's keepalived reports",
            "state db1 FAULT",
            _node(_in_state),
            1,
        ),
        Entry(
            "master",
            (_NODE, WordKind.INSTANCE),
            "it, and no other node, reports Master",
            "master db2",
            _sole_master,
            1,
        ),
        Entry("holds", (_NODE, _VIP), "an interface of it holds the virtual address", "holds db2", _holds, 1),
        Entry(
            "owner", (_NODE, _VIP), "it, and no other node, holds the virtual address", "owner db2", _owner, 1
        ),
        Entry(
            "owners",
            (WordKind.NUMBER, _VIP),
            "so many nodes hold the virtual address",
            "owners 2",
            _owners,
            1,
        ),
        Entry(
            "process",
            (WordKind.SERVICE, _NODE, WordKind.PROCESS),
            "what a service's process does",
            "process mysqld db1 down",
            _process,
        ),
        Entry("power", (_NODE, WordKind.POWER), "a node's power", "power db1 off", _node(_power)),
        Entry(
            "cut",
            (WordKind.NETWORK, _NODE),
            "nothing from other servers arrives: at this node, or at every node",
            "cut heartbeat",
            _cut,
            1,
        ),
        Entry("link", (WordKind.NETWORK, _NODE, WordKind.LINK), "an interface", "link lan db1 down", _link),
        Entry(
            "check",
            (WordKind.CHECK, _NODE, WordKind.VERDICT),
            "keepalived's verdict on a check: ok or failed",
            "check mysql db1 failed",
            _check,
        ),
        Entry(
            "condition",
            (WordKind.CONDITION,),
            f"a derived condition holds: {', '.join(DERIVED)}",
            "condition split_brain",
            _condition,
        ),
        Entry(
            "healthy",
            (),
            "nothing is broken, each virtual address has one owner, clients are answered",
            "healthy",
            _healthy,
        ),
        Entry("answered", (_NODE, _CLIENT), "the last answer came from it", "answered db2", _answered, 1),
        Entry("cut_off", (_CLIENT,), "the client's last try failed", "cut_off", _cut_off, 1),
        Entry(
            "replicates", (_NODE,), "its replica runs without an error", "replicates db2", _node(_replicates)
        ),
        Entry(
            "fenced",
            (_NODE,),
            "its mysqld runs and refuses what clients write (read_only)",
            "fenced db1",
            _node(_fenced),
        ),
        Entry(
            "conf",
            (_NODE, WordKind.WORD),
            "its keepalived.conf has this keyword, anywhere",
            "conf db1 virtual_server",
            _node(_conf),
        ),
        Entry(
            "finding",
            (_NODE, WordKind.CODE),
            "`hatlab check` finds this in its keepalived.conf",
            "finding db1 KA106",
            _node(_finding),
        ),
        Entry(
            "nopreempt",
            (_NODE,),
            "nopreempt is in effect by its keepalived.conf",
            "nopreempt db1",
            _node(_nopreempt),
        ),
        Entry(
            "advert",
            (_NODE, WordKind.NUMBER),
            "it sent an advert; of this priority, if given",
            "advert db1 0",
            _advert,
            1,
            history=True,
        ),
        Entry(
            "heard",
            (_NODE, _NODE, WordKind.NUMBER),
            "an advert of the second reached the first",
            "heard db2 db1 0",
            _heard,
            1,
            history=True,
        ),
        Entry("announced", (_NODE,), "it sent a gratuitous ARP", "announced db2", _announced, history=True),
        Entry(
            "became",
            (_NODE, WordKind.STATE, WordKind.INSTANCE),
            "it went over to this state",
            "became db2 MASTER",
            _became,
            1,
            history=True,
        ),
        Entry(
            "went",
            (WordKind.SERVICE, _NODE, WordKind.PROCESS),
            "a process went up, down or was frozen",
            "went keepalived db1 down",
            _went,
            history=True,
        ),
        Entry(
            "began",
            (WordKind.CONDITION,),
            "a derived condition began",
            "began split_brain",
            _began,
            history=True,
        ),
        Entry("outage", (), "an outage of a client ended", "outage", lambda: _outage(), history=True),
        Entry(
            "did",
            (WordKind.VERB, WordKind.WORD),
            "done through hatlab (two words: power-off); prefer its effect",
            "did sql client",
            _did,
            1,
            history=True,
        ),
        Entry(
            "elapsed",
            (WordKind.NUMBER,),
            "so many seconds have passed",
            "elapsed 5",
            _elapsed,
            history=True,
        ),
    ]
)
