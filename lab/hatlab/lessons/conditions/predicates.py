"""Conditions by name: what is true now, or happened since the task began."""

from __future__ import annotations

from functools import lru_cache

from hatlab.keepalived import parse_config, read_scripts, read_settings
from hatlab.lessons.conditions.measures import clients, instance_of, masters, owners
from hatlab.lessons.conditions.trace import Observation
from hatlab.lessons.conditions.vocabulary import Vocabulary
from hatlab.registry import Kind
from hatlab.state.derive import CONDITIONS as DERIVED
from hatlab.state.faults import find_faults

CONDITIONS: Vocabulary[bool] = Vocabulary("condition", Kind.CONDITION)
_define = CONDITIONS.define

# -- what is true now


@_define("state NODE STATE [INSTANCE]", "what a node's keepalived reports", "state db1 FAULT")
def _state(seen: Observation, node: str, state: str, instance: str | None) -> bool:
    vrrp = instance_of(seen, node, instance)
    return vrrp is not None and vrrp.reported == state


@_define("master NODE [INSTANCE]", "this node, and no other, reports Master", "master db2")
def _master(seen: Observation, node: str, instance: str | None) -> bool:
    return masters(seen, instance) == {node}


@_define("holds NODE [VIP]", "the virtual address is on one of its interfaces", "holds db2")
def _holds(seen: Observation, node: str, vip: str | None) -> bool:
    return node in owners(seen, vip)


@_define("owner NODE [VIP]", "this node, and no other, holds the virtual address", "owner db2")
def _owner(seen: Observation, node: str, vip: str | None) -> bool:
    return owners(seen, vip) == {node}


@_define("owners NUMBER [VIP]", "this many nodes hold the virtual address", "owners 2")
def _owners(seen: Observation, count: float, vip: str | None) -> bool:
    return len(owners(seen, vip)) == int(count)


@_define("process SERVICE NODE PROCESS", "the state of a service's process", "process mysqld db1 down")
def _process(seen: Observation, service: str, node: str, state: str) -> bool:
    return seen.node(node).service(service).state == state


@_define("power NODE POWER", "the power of a node", "power db1 off")
def _power(seen: Observation, node: str, power: str) -> bool:
    return seen.node(node).power == power


@_define(
    "cut NETWORK [NODE]",
    "nothing from other servers arrives, at this node or (without NODE) at any",
    "cut heartbeat",
)
def _cut(seen: Observation, network: str, node: str | None) -> bool:
    layout = seen.state.layout
    servers = layout.server_names if layout else ()
    nodes = [node] if node else [name for name in servers if layout and network in layout.networks_of(name)]
    filters = [seen.node(name).filters.get(network) for name in nodes]
    return bool(nodes) and all(loss is not None and loss.percent >= 100 for loss in filters)


@_define("link NETWORK NODE LINK", "the state of an interface", "link lan db1 down")
def _link(seen: Observation, network: str, node: str, state: str) -> bool:
    is_on = seen.node(node).power == "on"
    return seen.node(node).links.get(network, is_on) == (state == "up")


@_define("check CHECK NODE VERDICT", "keepalived's verdict on a check", "check mysql db1 failed")
def _check(seen: Observation, name: str, node: str, verdict: str) -> bool:
    check = seen.node(node).checks.get(name)
    return check is not None and check.ok == (verdict == "ok")


@_define(
    "condition CONDITION", f"one of these conditions holds: {', '.join(DERIVED)}", "condition split_brain"
)
def _condition(seen: Observation, name: str) -> bool:
    return name in seen.state.conditions


@_define(
    "healthy", "nothing is broken, each virtual address has one owner, and clients get answers", "healthy"
)
def _healthy(seen: Observation) -> bool:
    state = seen.state
    tries = [client.last for client in state.clients.values()]
    return (
        not find_faults(state)
        and not state.conditions
        and all(len(nodes) == 1 for nodes, _ in state.owned.values())
        and all(last is not None and last.ok for last in tries)
    )


@_define("answered NODE [CLIENT]", "the last answer came from this node", "answered db2")
def _answered(seen: Observation, server: str, client: str | None) -> bool:
    tries = [each.last for each in clients(seen, client)]
    return any(last is not None and last.ok and last.server == server for last in tries)


@_define("cut_off [CLIENT]", "the client's last try failed", "cut_off")
def _cut_off(seen: Observation, client: str | None) -> bool:
    tries = [each.last for each in clients(seen, client)]
    return any(last is not None and not last.ok for last in tries)


@_define("replicates NODE", "its replication runs without an error", "replicates db2")
def _replicates(seen: Observation, node: str) -> bool:
    replica = seen.node(node).replica
    return replica is not None and replica.receiver and replica.applier and not replica.errno


@_define(
    "row NODE WORD WORD WORD",
    "a small table on a node has a row with these two values, whatever its number",
    "row db1 accounts alice 0",
)
def _row(seen: Observation, node: str, name: str, one: str, other: str) -> bool:
    table = seen.table(node, name)
    return table is not None and any({one, other} <= {*row} for row in table.content)


@_define("fenced NODE", "its mysqld runs and refuses writes from clients (read_only)", "fenced db1")
def _fenced(seen: Observation, node: str) -> bool:
    return seen.node(node).fenced


@_define("conf NODE WORD", "its keepalived.conf contains this keyword", "conf db1 virtual_server")
def _conf(seen: Observation, node: str, keyword: str) -> bool:
    return keyword in _keywords(seen.node(node).conf)


@_define("finding NODE CODE", "`hatlab check` finds this in its keepalived.conf", "finding db1 KA106")
def _finding(seen: Observation, node: str, code: str) -> bool:
    return code.upper() in _codes(seen.node(node).conf)


@_define("nopreempt NODE", "its keepalived.conf puts nopreempt into effect", "nopreempt db1")
def _nopreempt(seen: Observation, node: str) -> bool:
    return _has_nopreempt(seen.node(node).conf)


@_define("checked NODE WORD", "an active check runs a command that contains this word", "checked db1 mysql")
def _checked(seen: Observation, node: str, part: str) -> bool:
    return any(part in command for command in _tracked_commands(seen.node(node).loaded))


@lru_cache(64)
def _tracked_commands(conf: str) -> tuple[str, ...]:
    """Return the commands of all checks that an instance of a keepalived.conf tracks."""
    scripts = read_scripts(conf)
    tracked = {name for instance in read_settings(conf).values() for name in instance.track_scripts}
    return tuple(scripts[name].command for name in tracked & scripts.keys())


@lru_cache(64)
def _keywords(conf: str) -> frozenset[str]:
    """Return every keyword of a keepalived.conf, in any block; cached, as it is asked at every event."""
    keywords, blocks = set(), [parse_config(conf)]
    while blocks:
        statement = blocks.pop()
        keywords.add(statement.keyword)
        blocks += statement.body or ()
    return frozenset(keywords)


@lru_cache(64)
def _codes(conf: str) -> frozenset[str]:
    from hatlab.keepalived.diagnose import diagnose_config  # few lessons ask for it, and it is much to load

    return frozenset(finding.code for finding in diagnose_config(conf))


@lru_cache(64)
def _has_nopreempt(conf: str) -> bool:
    return any(instance.nopreempt for instance in read_settings(conf).values())


# -- what happened


@_define(
    "advert NODE [NUMBER]", "it sent an advert (of this priority, if given)", "advert db1 0", history=True
)
def _advert(seen: Observation, node: str, priority: float | None) -> bool:
    sent = seen.trace.sent.get(node, {})
    return bool(sent) if priority is None else int(priority) in sent


@_define(
    "heard NODE NODE [NUMBER]",
    "an advert from the second node reached the first",
    "heard db2 db1 0",
    history=True,
)
def _heard(seen: Observation, node: str, sender: str, priority: float | None) -> bool:
    heard = seen.trace.heard.get((node, sender), {})
    return bool(heard) if priority is None else int(priority) in heard


@_define("announced NODE", "it sent a gratuitous ARP, or the IPv6 equivalent", "announced db2", history=True)
def _announced(seen: Observation, node: str) -> bool:
    return seen.trace.announced.get(node, 0) > 0


@_define("became NODE STATE [INSTANCE]", "it changed to this state", "became db2 MASTER", history=True)
def _became(seen: Observation, node: str, state: str, instance: str | None) -> bool:
    return any(
        (transition.node, transition.now) == (node, state) and instance in (None, transition.instance)
        for transition in seen.trace.transitions
    )


@_define(
    "went SERVICE NODE PROCESS",
    "a process started, ended or was frozen",
    "went keepalived db1 down",
    history=True,
)
def _went(seen: Observation, service: str, node: str, state: str) -> bool:
    return any(
        (event.service, event.node, event.state) == (service, node, state) for event in seen.trace.processes
    )


@_define("began CONDITION", "one of the conditions began", "began split_brain", history=True)
def _began(seen: Observation, name: str) -> bool:
    return name in seen.trace.conditions


@_define("outage [CLIENT]", "an outage of a client (of any, without CLIENT) ended", "outage", history=True)
def _outage(seen: Observation, client: str | None) -> bool:
    return any(client in (None, outage.client) for outage in seen.trace.outages)


@_define(
    "did VERB [WORD]",
    "an action was done through hatlab (write power-off as one word); better test its effect",
    "did sql client",
    history=True,
)
def _did(seen: Observation, verb: str, target: str | None) -> bool:
    return any(
        event.phase == "done" and event.name.replace(" ", "-") == verb and target in (None, *event.targets)
        for event in seen.trace.actions
    )


@_define("elapsed NUMBER", "this many seconds have passed", "elapsed 5", history=True)
def _elapsed(seen: Observation, seconds: float) -> bool:
    return seen.state.at - seen.trace.began >= seconds
