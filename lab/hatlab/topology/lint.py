"""Finds traps in a topology: it runs, but perhaps not as meant (TP030 and on)."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.diagnostics.location import KEY, Loc, ModelProblem
from hatlab.topology.spec import PING_WAIT, Check, Instance, TopologySpec
from hatlab.vrrp.timers import master_down_interval

OWNER = 255
_PASSWORD_LENGTH = 8


def find_traps(topology: TopologySpec) -> Iterator[ModelProblem]:
    """Find what is likely not meant, in a topology without contradictions (others yield what they can)."""
    yield from _shared_vrids(topology)
    yield from _shared_addresses(topology)
    for name, instance in topology.instances.items():
        at: Loc = ("instances", name)
        yield from _intervals(name, instance, at)
        yield from _passwords(name, instance, at)
        yield from _priorities(instance, at)
        yield from _ineffective_weights(topology, instance, at)
        yield from _mixed_peers(name, instance, at)
        if instance.fence and not _fatal_quorums(topology, instance):
            yield ModelProblem(
                "TP056", (*at, "fence"), f"{name} fences, but none of its nodes asks for a majority"
            )
        yield from _slow_quorums(topology, name, instance)
        yield from _checks_of_absent_mysqld(topology, instance, at)
    yield from _sync_groups(topology)
    yield from _check_traps(topology)
    for name, client in topology.clients.items():
        target = topology.instances.get(client.target)
        if target and client.network not in target.addresses:
            message = f"{client.target} has no address on {client.network}"
            yield ModelProblem("TP043", ("clients", name, "network"), message)
    yield from _unanswered_pings(topology)


def _unanswered_pings(topology: TopologySpec) -> Iterator[ModelProblem]:
    for name, client in topology.clients.items():
        host = topology.nodes.get(client.probe.ping) if client.probe else None
        if client.probe is None or host is None:
            continue
        loc: Loc = ("clients", name, "probe", "ping")
        pinged = client.probe.ping
        networks = set(topology.networks_of(pinged))
        gateway = topology.instances.get(host.gateway) if host.gateway else None
        if client.network in networks:
            yield ModelProblem("TP045", loc, f"{pinged} is on {client.network}, like {name}")
        elif host.gateway is None:
            yield ModelProblem(
                "TP044", ("nodes", pinged, KEY), f"{name} pings {pinged}, which has no gateway"
            )
        elif gateway and not networks & gateway.addresses.keys():
            message = f"{host.gateway} has no address on a network of {pinged}"
            yield ModelProblem("TP044", ("nodes", pinged, "gateway"), message)


def _shared_vrids(topology: TopologySpec) -> Iterator[ModelProblem]:
    by_vrid: dict[tuple[str, str, int], list[str]] = {}
    for name, instance in topology.instances.items():
        same = by_vrid.setdefault((instance.family, instance.network, instance.vrid), [])
        if same:
            both = [n for n in instance.members if any(n in topology.instances[o].members for o in same)]
            own = all(topology.nodes[n].conf for n in both if n in topology.nodes)  # what that says counts
            code = "TP031" if own else "TP030"
            message = f"{name} and {same[0]} both use VRID {instance.vrid} on {instance.network}"
            yield ModelProblem(code, ("instances", name, "vrid"), message)
        same.append(name)


def _shared_addresses(topology: TopologySpec) -> Iterator[ModelProblem]:
    owners: dict[tuple[str, str, int], str] = {}
    for name, instance in topology.instances.items():
        for network, octets in instance.addresses.items():
            for index, octet in enumerate(octets):
                owner = owners.setdefault((instance.family, network, octet), name)
                if owner != name:
                    message = f"{name} and {owner} both have {instance.ending(octet)} on {network}"
                    yield ModelProblem("TP047", ("instances", name, "addresses", network, index), message)


def _intervals(name: str, instance: Instance, at: Loc) -> Iterator[ModelProblem]:
    if instance.version != 2:
        return
    intervals = {(*at, "interval"): instance.interval} | {
        (*at, "members", node, "interval"): member.interval
        for node, member in instance.members.items()
        if member.interval is not None
    }
    for loc, seconds in intervals.items():
        if seconds != int(seconds):
            message = f"{seconds:g} s is sent as {max(1, int(seconds + 0.5))} s by version 2"
            yield ModelProblem("TP032", loc, message)
    effective = {n: m.interval or instance.interval for n, m in instance.members.items()}
    for node, member in instance.members.items():
        if member.interval is not None and len(set(effective.values())) > 1:
            message = f"{node} sends every {member.interval:g} s, but other members of {name} do not"
            yield ModelProblem("TP033", (*at, "members", node, "interval"), message)


def _passwords(name: str, instance: Instance, at: Loc) -> Iterator[ModelProblem]:
    passwords = {(*at, "auth_pass"): instance.auth_pass} | {
        (*at, "members", node, "auth_pass"): member.auth_pass for node, member in instance.members.items()
    }
    for loc, password in passwords.items():
        if password and instance.version == 3:
            yield ModelProblem("TP035", loc, f"{name} uses version 3, which has no passwords")
        elif password and len(password) > _PASSWORD_LENGTH:
            message = f"a password of {len(password)} characters is cut off after {_PASSWORD_LENGTH}"
            yield ModelProblem("TP035", loc, message)
    if instance.version == 3:
        return
    sent = {
        n: (m.auth_pass or instance.auth_pass or "")[:_PASSWORD_LENGTH] for n, m in instance.members.items()
    }
    for node, member in instance.members.items():
        if member.auth_pass and len(set(sent.values())) > 1:
            message = f"{node} has a different password from other members of {name}"
            yield ModelProblem("TP034", (*at, "members", node, "auth_pass"), message)


def _priorities(instance: Instance, at: Loc) -> Iterator[ModelProblem]:
    by_priority: dict[int, str] = {}
    for node, member in instance.members.items():
        loc = (*at, "members", node)
        other = by_priority.setdefault(member.priority, node)
        if other != node:
            message = f"{node} and {other} both have priority {member.priority}"
            yield ModelProblem("TP039", (*loc, "priority"), message)
        if member.state == "MASTER" and (member.nopreempt or member.preempt_delay):
            key = "nopreempt" if member.nopreempt else "preempt_delay"
            yield ModelProblem("TP038", (*loc, key), f"{key} of {node} has no effect with state MASTER")


def _ineffective_weights(topology: TopologySpec, instance: Instance, at: Loc) -> Iterator[ModelProblem]:
    """Weights with which a failed check hands over to nobody."""
    ranked = sorted(instance.members.items(), key=lambda item: -item[1].priority)
    if len(ranked) < 2:
        return
    (node, first), (_, second) = ranked[:2]
    gap = first.priority - second.priority
    for index, name in enumerate(instance.checks):
        weight = topology.checks[name].weight if name in topology.checks else 0
        if weight == 0:
            continue
        loc = (*at, "checks", index)
        if first.priority == OWNER:
            message = f"priority {OWNER} of {node} never changes, so the weight has no effect"
            yield ModelProblem("TP042", loc, message)
        elif abs(weight) <= gap:
            message = (
                f"{name} changes the priority by {abs(weight)}, but {node} is {gap} above the next member"
            )
            yield ModelProblem("TP036", loc, message)
        elif all(member.nopreempt and member.state == "BACKUP" for member in instance.members.values()):
            yield ModelProblem("TP037", loc, f"every member has nopreempt, but {name} has weight {weight}")


def _fatal_quorums(topology: TopologySpec, instance: Instance) -> dict[str, Check]:
    """The quorum checks of an instance that mean FAULT."""
    known = {name: topology.checks[name] for name in instance.checks if name in topology.checks}
    return {name: check for name, check in known.items() if check.quorum and check.weight == 0}


def _slow_quorums(topology: TopologySpec, name: str, instance: Instance) -> Iterator[ModelProblem]:
    """Quorum checks that may take longer than the quickest Backup's master-down interval."""
    ranked = sorted(instance.members.values(), key=lambda member: -member.priority)
    if len(ranked) < 2:
        return
    takeover = master_down_interval(instance.version, ranked[1].priority, instance.interval)
    for key, check in _fatal_quorums(topology, instance).items():
        longest = check.fall * check.interval + min(PING_WAIT, check.timeout)
        if longest > takeover:
            message = (
                f"{key} may take {longest:g} s, but the next member of {name} takes over "
                f"after {takeover:.2f} s"
            )
            yield ModelProblem("TP057", ("checks", key, KEY), message)


def _mixed_peers(name: str, instance: Instance, at: Loc) -> Iterator[ModelProblem]:
    unicast = {node: instance.is_unicast(node) for node in instance.members}
    for node, member in instance.members.items():
        if member.peers is not None and len(set(unicast.values())) > 1:
            message = f"{node} sends {member.peers}, but other members of {name} do not"
            yield ModelProblem("TP060", (*at, "members", node, "peers"), message)
    if len(unicast) == 1 and any(unicast.values()):
        yield ModelProblem(
            "TP061", (*at, "peers"), f"{name} has only one member, so there is nobody to send to"
        )


def _sync_groups(topology: TopologySpec) -> Iterator[ModelProblem]:
    for group_name, group in topology.sync_groups.items():
        instances = {name: topology.instances[name] for name in group if name in topology.instances}
        reference = next(iter(instances), "")
        for index, (name, instance) in enumerate(instances.items()):
            at: Loc = ("sync_groups", group_name, index)
            preferred, other = _preferred(instance), _preferred(instances[reference])
            if preferred != other:
                message = f"{name} prefers {preferred}, but {reference} prefers {other}"
                yield ModelProblem("TP063", at, message)
            if differ := ", ".join(sorted(instance.members.keys() ^ instances[reference].members.keys())):
                yield ModelProblem("TP064", at, f"{name} and {reference} do not both have {differ}")
            for number, check in enumerate(instance.checks):
                if check in topology.checks and topology.checks[check].weight:
                    message = (
                        f"{name} is in sync group {group_name}, where the weight of {check} has no effect"
                    )
                    yield ModelProblem("TP062", ("instances", name, "checks", number), message)


def _preferred(instance: Instance) -> str:
    """The member of the highest priority, the first of several."""
    return max(instance.members, key=lambda node: instance.members[node].priority)


def _checks_of_absent_mysqld(topology: TopologySpec, instance: Instance, at: Loc) -> Iterator[ModelProblem]:
    """Checks that ask mysqld on members that run none."""
    routers = [n for n in instance.members if n in topology.nodes and topology.nodes[n].service == "router"]
    for index, name in enumerate(instance.checks):
        check = topology.checks.get(name)
        if routers and check and (check.process or not check.kinds or check.ask):
            message = f"{name} asks mysqld, but {routers[0]} is a router without mysqld"
            yield ModelProblem("TP046", (*at, "checks", index), message)


def _check_traps(topology: TopologySpec) -> Iterator[ModelProblem]:
    used = {name for instance in topology.instances.values() for name in instance.checks}
    for name, check in topology.checks.items():
        if name not in used:
            yield ModelProblem("TP040", ("checks", name, KEY), f"no instance uses the check {name}")
        if check.timeout > check.interval:
            message = f"a timeout of {check.timeout} s is longer than the interval of {check.interval} s"
            yield ModelProblem("TP041", ("checks", name, "timeout"), message)
        if check.tcp or check.process:
            kind = check.kinds[0]
            yield ModelProblem("TP058", ("checks", name, kind, KEY), f"`{kind}` passes while mysqld hangs")
        if check.fall == check.rise == 1:
            yield ModelProblem("TP059", ("checks", name, "fall", KEY), f"{name} has fall 1 and rise 1")
        voters = dict.fromkeys(check.quorum or ())
        if voters and len(voters) % 2 == 0:
            yield ModelProblem(
                "TP054", ("checks", name, "quorum"), f"{len(voters)} voters are an even number"
            )
        for index, voter in enumerate(check.quorum or ()):
            if voter in topology.clients:
                yield ModelProblem("TP055", ("checks", name, "quorum", index), f"{voter} is a client")
