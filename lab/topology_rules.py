"""The codes of what can be wrong with a topology file, and the traps in one that is otherwise sound.

TP00x the text, TP01x keys and values, TP02x contradictions: errors, nothing can be run. TP03x and on are
mostly traps: it runs, but perhaps not as meant; some lessons set one on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator

from lab.findings import Rule, by_code
from lab.topology import KEY, PING_WAIT, Check, Instance, Loc, Problem, Topology
from lab.vrrp.timers import master_down_interval

RULES = by_code(
    [
        Rule("TP001", "error", "not valid YAML", "the file cannot be read", "correct it at the place given"),
        Rule("TP002", "error", "a tab in the indentation", "YAML allows only blanks there", "use blanks"),
        Rule("TP003", "error", "a key is given twice", "only the last would count", "remove or rename one"),
        Rule("TP004", "error", "an alias", "anchors and aliases are not supported", "write the value out"),
        Rule("TP005", "error", "not UTF-8 text", "the file cannot be read", "save it as UTF-8"),
        Rule("TP006", "error", "too large or too deep", "the file is not read", "at most 1 MB, 40 levels"),
        Rule(
            "TP007",
            "error",
            "not a topology",
            "a topology is a mapping that begins with `version: 1`",
            "`hatlab new topology NAME` prints a start",
        ),
        Rule(
            "TP010", "error", "an unknown key", "it would be ignored", "docs/writing-topologies.md lists all"
        ),
        Rule("TP011", "error", "a key is missing", "there is no default", "add it"),
        Rule("TP012", "error", "a value of the wrong kind or range", "it cannot be used", "see the message"),
        Rule(
            "TP013",
            "error",
            "a name or text with characters that are not allowed",
            "what a file says must never become shell or configuration syntax",
            "names: a letter, then letters, digits, - and _, at most 20; "
            "texts: no quote, brace, backslash or # ! ` $",
        ),
        Rule(
            "TP020",
            "error",
            "a name that is not defined",
            "there is nothing it could mean",
            "define or correct it",
        ),
        Rule(
            "TP021", "error", "an address is used twice", "both would answer", "give each its own last octet"
        ),
        Rule("TP022", "error", "a node and a client of one name", "actions could mean both", "rename one"),
        Rule(
            "TP023",
            "error",
            "replication between other than two servers",
            "each of two MySQL servers replicates from the other, or one of two from the other",
            "two nodes with `service: mysql`, or `kind: none`",
        ),
        Rule(
            "TP024",
            "error",
            "a member is not on its instance's network",
            "it could neither send adverts nor hold the address there",
            "add the network to the node's `networks`",
        ),
        Rule(
            "TP025",
            "error",
            "something asked of a node whose service cannot do it",
            "a host answers ping and runs neither mysqld nor keepalived; only hosts are pinged",
            "another node, or another `service`",
        ),
        Rule(
            "TP026",
            "error",
            "a client that pings and writes",
            "rows need a MySQL server; the client's probe goes to a host behind a gateway",
            "remove `writes`, or `probe`",
        ),
        Rule(
            "TP027",
            "error",
            "an instance in two sync groups",
            "keepalived ignores it in the second",
            "one group for all that belong together",
        ),
        Rule(
            "TP028",
            "error",
            "a fault that cannot be done",
            "the lab could not begin with it",
            "an action as in scripts, without a time: `kill mysqld db1`, `cut heartbeat`",
        ),
        Rule(
            "TP030",
            "error",
            "two instances share a VRID on one network",
            "keepalived does not start both on a node that is a member of both",
            "give each its own vrid",
        ),
        Rule(
            "TP031",
            "warning",
            "two instances of different nodes share a VRID on one network",
            "they hear each other's adverts as their own",
            "give each its own vrid",
        ),
        Rule(
            "TP032",
            "warning",
            "version 2 carries whole seconds",
            "keepalived rounds the interval, half up, and never below 1 s",
            "a whole number, or `version: 3`",
        ),
        Rule(
            "TP033",
            "warning",
            "members' intervals differ in version 2",
            "each rejects the other's adverts: both become Master, for good",
            "one interval, on the instance",
        ),
        Rule(
            "TP034",
            "warning",
            "members' passwords differ",
            "each rejects the other's adverts: both become Master, and one of them hardly advertises",
            "one auth_pass, on the instance",
        ),
        Rule(
            "TP035",
            "warning",
            "a password that does not count",
            "version 3 has none, and version 2 cuts it to 8 characters",
            "at most 8 characters, version 2 only",
        ),
        Rule(
            "TP036",
            "warning",
            "a weight too small to cause a failover",
            "the check fails, the priority changes, and still the same node is the highest",
            "a weight beyond the priority gap, or 0 (a failure is FAULT)",
        ),
        Rule(
            "TP037",
            "warning",
            "nopreempt on every member, and a check with a weight",
            "a failed check lowers the Master's priority, but no Backup takes over from a living Master",
            "weight 0 (a failure is FAULT), or no nopreempt",
        ),
        Rule(
            "TP038",
            "warning",
            "state MASTER clears nopreempt and preempt_delay",
            "the node takes over whenever it returns",
            "`state: BACKUP` on every member",
        ),
        Rule(
            "TP039",
            "warning",
            "members of one priority",
            "between two Masters the higher address wins; between Master and Backup nobody preempts",
            "give each member its own priority",
        ),
        Rule("TP040", "warning", "a check that no instance uses", "it never runs", "list it in `checks`"),
        Rule(
            "TP041",
            "warning",
            "a timeout longer than the interval",
            "a run that would overlap is skipped, so a hanging check is noticed later",
            "a timeout of at most the interval",
        ),
        Rule(
            "TP042",
            "warning",
            "a weight on an address owner",
            "priority 255 never changes: the weight is ignored",
            "a priority below 255",
        ),
        Rule(
            "TP043",
            "warning",
            "a client that cannot reach its target",
            "the target has no address on the client's network, and there is no router between them",
            "put the client on one of the target's networks",
        ),
        Rule(
            "TP044",
            "warning",
            "a ping without a way back",
            "the host gets the question, but has no route to the client: no ping is ever answered",
            "`gateway` on the host: an instance with an address on a network of the host",
        ),
        Rule(
            "TP045",
            "warning",
            "a ping that crosses no router",
            "client and host share a network, so a failover of the gateway is not noticed",
            "put the host on a network that the client is not on",
        ),
        Rule(
            "TP046",
            "warning",
            "a question to mysqld on a node that runs none",
            "the check fails for good: FAULT, or its weight for ever",
            "no such check on an instance of routers; `track` watches their interfaces",
        ),
        Rule(
            "TP050",
            "error",
            "a check of no clear kind",
            "it is one of `ask`, `tcp`, `process`, `reach` and `quorum`; `network` belongs to the last two",
            "a check of its own for each; an instance may list several",
        ),
        Rule(
            "TP051",
            "error",
            "a check asks where nobody can answer",
            "the node that runs it and the one it asks share no such network: it would always fail",
            "another `network`, or put both on it",
        ),
        Rule(
            "TP052",
            "error",
            "two instances fence one node",
            "Backup of one and Master of the other, its mysqld would be fenced or not by who spoke last",
            "`fence` on one instance",
        ),
        Rule(
            "TP053",
            "error",
            "a node without a vote in its own quorum check",
            "it would count itself all the same",
            "list it in `quorum`",
        ),
        Rule(
            "TP054",
            "warning",
            "a quorum of an even number",
            "cut into two equal halves, neither is more than half: nobody is Master",
            "an odd number of voters: add a witness, a node that is no member of the instance",
        ),
        Rule(
            "TP055",
            "warning",
            "a client as a voter",
            "a cut parts servers, not clients: both sides go on seeing it, and both may count a majority. "
            "It helps against a node that lost its own link, not against a split",
            "a node as the witness",
        ),
        Rule(
            "TP056",
            "warning",
            "fencing without a quorum check",
            "in a split each side becomes Master and lets clients write: both are writable",
            "add a `quorum` check of weight 0",
        ),
        Rule(
            "TP057",
            "warning",
            "a lost quorum is noticed too late",
            "the other side takes over while the cut-off Master still is one: for a moment there are two",
            "a shorter interval or a smaller fall",
        ),
        Rule(
            "TP058",
            "note",
            "a check that asks nothing",
            "a frozen mysqld still exists, and its kernel still accepts connections: the check passes",
            "`ask`, unless that is what the lab shows",
        ),
        Rule(
            "TP059",
            "warning",
            "a check that a single run decides",
            "one slow or lost run moves the address, one good run moves it back: it may flap",
            "`fall` and `rise` of 2 or more",
        ),
        Rule(
            "TP060",
            "warning",
            "some members use unicast, others multicast",
            "neither hears the other: all become Master",
            "one `peers`, on the instance",
        ),
        Rule(
            "TP061",
            "warning",
            "unicast without a peer",
            "with nobody to send to, keepalived falls back to multicast",
            "a second member, or `peers: multicast`",
        ),
        Rule(
            "TP062",
            "warning",
            "a weight in a sync group",
            "keepalived ignores a check with a weight on a member of a sync group",
            "weight 0 (a failure is FAULT, for the whole group)",
        ),
        Rule(
            "TP063",
            "warning",
            "the instances of a sync group prefer different nodes",
            "a node becomes Master of all or of none: each holds the other back",
            "the same node first in each of them",
        ),
        Rule(
            "TP064",
            "warning",
            "the instances of a sync group have different members",
            "on a node that is in only one of them the group ties nothing together",
            "the same members in each of them",
        ),
    ]
)

OWNER = 255
_PASSWORD_LENGTH = 8


def traps(topology: Topology) -> Iterator[Problem]:
    """What is likely not meant, in a topology without contradictions (others yield what they can)."""
    yield from _vrids(topology)
    for name, instance in topology.instances.items():
        at: Loc = ("instances", name)
        yield from _intervals(name, instance, at)
        yield from _passwords(name, instance, at)
        yield from _priorities(instance, at)
        yield from _weights(topology, instance, at)
        yield from _peers(name, instance, at)
        if instance.fence and not _quorums(topology, instance):
            yield Problem("TP056", (*at, "fence"), f"{name} fences, but no node of it asks for a majority")
        yield from _late(topology, name, instance)
        yield from _unanswered(topology, instance, at)
    yield from _sync_groups(topology)
    yield from _checks(topology)
    for name, client in topology.clients.items():
        target = topology.instances.get(client.target)
        if target and client.network not in target.addresses:
            message = f"{client.target} has no address on {client.network}"
            yield Problem("TP043", ("clients", name, "network"), message)
    yield from _pings(topology)


def _pings(topology: Topology) -> Iterator[Problem]:
    def on(name: str) -> set[str]:
        node = topology.nodes[name]
        return set(topology.networks if node.networks is None else node.networks)

    for name, client in topology.clients.items():
        host = topology.nodes.get(client.probe.ping) if client.probe else None
        if client.probe is None or host is None:
            continue
        loc: Loc = ("clients", name, "probe", "ping")
        pinged = client.probe.ping
        gateway = topology.instances.get(host.gateway) if host.gateway else None
        if client.network in on(pinged):
            yield Problem("TP045", loc, f"{pinged} is on {client.network}, as {name} is")
        elif host.gateway is None:
            yield Problem("TP044", ("nodes", pinged, KEY), f"{pinged} has no gateway, and {name} pings it")
        elif gateway and not on(pinged) & gateway.addresses.keys():
            message = f"{host.gateway} has no address on a network of {pinged}"
            yield Problem("TP044", ("nodes", pinged, "gateway"), message)


def _vrids(topology: Topology) -> Iterator[Problem]:
    seen: dict[tuple[str, int], list[str]] = {}
    for name, instance in topology.instances.items():
        same = seen.setdefault((instance.network, instance.vrid), [])
        if same:
            both = [n for n in instance.members if any(n in topology.instances[o].members for o in same)]
            code = "TP030" if both else "TP031"
            message = f"{name} and {same[0]} both use VRID {instance.vrid} on {instance.network}"
            yield Problem(code, ("instances", name, "vrid"), message)
        same.append(name)


def _intervals(name: str, instance: Instance, at: Loc) -> Iterator[Problem]:
    if instance.version != 2:
        return
    given = {(*at, "interval"): instance.interval} | {
        (*at, "members", node, "interval"): member.interval
        for node, member in instance.members.items()
        if member.interval is not None
    }
    for loc, seconds in given.items():
        if seconds != int(seconds):
            yield Problem(
                "TP032", loc, f"{seconds:g} s is sent as {max(1, int(seconds + 0.5))} s by version 2"
            )
    effective = {n: m.interval or instance.interval for n, m in instance.members.items()}
    for node, member in instance.members.items():
        if member.interval is not None and len(set(effective.values())) > 1:
            message = f"{node} sends each {member.interval:g} s, others of {name} do not"
            yield Problem("TP033", (*at, "members", node, "interval"), message)


def _passwords(name: str, instance: Instance, at: Loc) -> Iterator[Problem]:
    given = {(*at, "auth_pass"): instance.auth_pass} | {
        (*at, "members", node, "auth_pass"): member.auth_pass for node, member in instance.members.items()
    }
    for loc, password in given.items():
        if password and instance.version == 3:
            yield Problem("TP035", loc, f"{name} speaks version 3, which has no passwords")
        elif password and len(password) > _PASSWORD_LENGTH:
            yield Problem(
                "TP035", loc, f"a password of {len(password)} characters is cut to {_PASSWORD_LENGTH}"
            )
    if instance.version == 3:
        return
    sent = {
        n: (m.auth_pass or instance.auth_pass or "")[:_PASSWORD_LENGTH] for n, m in instance.members.items()
    }
    for node, member in instance.members.items():
        if member.auth_pass and len(set(sent.values())) > 1:
            message = f"{node} has another password than others of {name}"
            yield Problem("TP034", (*at, "members", node, "auth_pass"), message)


def _priorities(instance: Instance, at: Loc) -> Iterator[Problem]:
    seen: dict[int, str] = {}
    for node, member in instance.members.items():
        loc = (*at, "members", node)
        other = seen.setdefault(member.priority, node)
        if other != node:
            message = f"{node} and {other} both have priority {member.priority}"
            yield Problem("TP039", (*loc, "priority"), message)
        if member.state == "MASTER" and (member.nopreempt or member.preempt_delay):
            key = "nopreempt" if member.nopreempt else "preempt_delay"
            yield Problem("TP038", (*loc, key), f"{key} of {node} has no effect with state MASTER")


def _weights(topology: Topology, instance: Instance, at: Loc) -> Iterator[Problem]:
    """Whether a failed check of the first moves its priority below that of the next."""
    ranked = sorted(instance.members.items(), key=lambda item: -item[1].priority)
    if len(ranked) < 2:
        return
    (node, first), (_, second) = ranked[:2]
    gap = first.priority - second.priority
    for k, name in enumerate(instance.checks):
        weight = topology.checks[name].weight if name in topology.checks else 0
        if weight == 0:
            continue
        loc = (*at, "checks", k)
        if first.priority == OWNER:
            yield Problem(
                "TP042", loc, f"priority {OWNER} of {node} never changes, so the weight does not count"
            )
        elif abs(weight) <= gap:
            message = f"{name} moves the priority by {abs(weight)}, and {node} is {gap} above the next"
            yield Problem("TP036", loc, message)
        elif all(member.nopreempt and member.state == "BACKUP" for member in instance.members.values()):
            yield Problem("TP037", loc, f"nopreempt on every member, and {name} has weight {weight}")


def _quorums(topology: Topology, instance: Instance) -> dict[str, Check]:
    """Its quorum checks that mean FAULT."""
    known = {name: topology.checks[name] for name in instance.checks if name in topology.checks}
    return {name: check for name, check in known.items() if check.quorum and check.weight == 0}


def _late(topology: Topology, name: str, instance: Instance) -> Iterator[Problem]:
    """A quorum check that may take longer than the quickest Backup's master-down interval."""
    ranked = sorted(instance.members.values(), key=lambda member: -member.priority)
    if len(ranked) < 2:
        return
    takeover = master_down_interval(instance.version, ranked[1].priority, instance.interval)
    for key, check in _quorums(topology, instance).items():
        longest = check.fall * check.interval + min(PING_WAIT, check.timeout)
        if longest > takeover:
            message = (
                f"{key} may take {longest:g} s, and the next of {name} takes over after {takeover:.2f} s"
            )
            yield Problem("TP057", ("checks", key, KEY), message)


def _peers(name: str, instance: Instance, at: Loc) -> Iterator[Problem]:
    unicast = {node: instance.unicast(node) for node in instance.members}
    for node, member in instance.members.items():
        if member.peers is not None and len(set(unicast.values())) > 1:
            message = f"{node} sends {member.peers}, others of {name} do not"
            yield Problem("TP060", (*at, "members", node, "peers"), message)
    if len(unicast) == 1 and any(unicast.values()):
        yield Problem("TP061", (*at, "peers"), f"{name} has one member, so nobody to send to")


def _sync_groups(topology: Topology) -> Iterator[Problem]:
    for name, group in topology.sync_groups.items():
        known = {n: topology.instances[n] for n in group if n in topology.instances}
        first: dict[str, str] = {}
        members: dict[str, frozenset[str]] = {}
        for k, (n, instance) in enumerate(known.items()):
            at: Loc = ("sync_groups", name, k)
            first[n] = max(instance.members, key=lambda node, i=instance: i.members[node].priority)  # type: ignore[misc]
            members[n] = frozenset(instance.members)
            other = next(iter(known))
            if first[n] != first[other]:
                message = f"{n} prefers {first[n]}, {other} prefers {first[other]}"
                yield Problem("TP063", at, message)
            if members[n] != members[other]:
                differ = ", ".join(sorted(members[n] ^ members[other]))
                yield Problem("TP064", at, f"{n} and {other} do not both have {differ}")
            for j, check in enumerate(instance.checks):
                if check in topology.checks and topology.checks[check].weight:
                    message = f"{n} is in sync group {name}, where {check} with its weight does not count"
                    yield Problem("TP062", ("instances", n, "checks", j), message)


def _unanswered(topology: Topology, instance: Instance, at: Loc) -> Iterator[Problem]:
    """Checks on members that run no mysqld."""
    routers = [n for n in instance.members if n in topology.nodes and topology.nodes[n].service == "router"]
    for k, name in enumerate(instance.checks):
        check = topology.checks.get(name)
        if routers and check and (check.process or not check.kinds or check.ask):
            yield Problem(
                "TP046", (*at, "checks", k), f"{name} asks mysqld, and {routers[0]} is a router without one"
            )


def _checks(topology: Topology) -> Iterator[Problem]:
    used = {name for instance in topology.instances.values() for name in instance.checks}
    for name, check in topology.checks.items():
        if name not in used:
            yield Problem("TP040", ("checks", name, KEY), f"no instance uses the check {name}")
        if check.timeout > check.interval:
            message = f"a timeout of {check.timeout} s is longer than the interval of {check.interval} s"
            yield Problem("TP041", ("checks", name, "timeout"), message)
        if check.tcp or check.process:
            kind = check.kinds[0]
            yield Problem("TP058", ("checks", name, kind, KEY), f"`{kind}` passes while mysqld hangs")
        if check.fall == check.rise == 1:
            yield Problem("TP059", ("checks", name, "fall", KEY), f"{name} has fall 1 and rise 1")
        voters = dict.fromkeys(check.quorum or ())
        if voters and len(voters) % 2 == 0:
            yield Problem("TP054", ("checks", name, "quorum"), f"{len(voters)} voters: an even number")
        for k, voter in enumerate(check.quorum or ()):
            if voter in topology.clients:
                yield Problem("TP055", ("checks", name, "quorum", k), f"{voter} is a client")
