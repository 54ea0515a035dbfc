"""Writes the keepalived.conf of a node of a topology."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from hatlab.keepalived.assume import assume_checks
from hatlab.keepalived.localize import localize_config

if TYPE_CHECKING:
    from hatlab.topology import Check, Instance, Layout

NOTIFY_FIFO = "/run/hatlab/notify.fifo"
"""The pipe into which keepalived writes a line for each change of state."""

_MYSQL = "/usr/bin/mysql --user=root --execute"
_REFUSE_WRITES = f"{_MYSQL} 'SET GLOBAL super_read_only = 1'"
FENCING = {
    "master": f"{_MYSQL} 'SET GLOBAL super_read_only = 0, GLOBAL read_only = 0'",
    "backup": _REFUSE_WRITES,
    "fault": _REFUSE_WRITES,
    "stop": _REFUSE_WRITES,
}
"""State → the command that runs on entering it. super_read_only turns read_only on with it, but not off."""
_COMMENT_COLUMN = 44
_GROUPS = {"ipv4": "224.0.0.18", "ipv6": "ff02::12"}
"""Family → the group of all VRRP routers."""
_GARP = {
    "garp_master_delay": "seconds until a new Master announces its addresses again",
    "garp_master_repeat": "gratuitous ARPs each time",
    "garp_master_refresh": "seconds between refreshes while it is Master",
    "garp_master_refresh_repeat": "gratuitous ARPs per refresh",
    "garp_lower_prio_delay": "seconds until it announces again after it hears a lower priority",
    "garp_lower_prio_repeat": "gratuitous ARPs then",
}


def write_config(layout: Layout, node: str, interfaces: Mapping[str, str], *, comments: bool = False) -> str:
    """Write the keepalived.conf of one node, for keepalived 2.3.

    Args:
        layout: the lab's names and addresses.
        node: whose file it is.
        interfaces: network → the node's interface on it.
        comments: explain each line.

    No name or value can be configuration syntax: `hatlab.topology` has checked them. A node with a
    configuration of its own gets that, with the lab's interfaces and addresses in it.
    """
    conf = layout.topology.nodes[node].conf
    assumptions = layout.topology.assume
    if conf is not None:
        return assume_checks(localize_config(conf, layout, interfaces), assumptions)
    names = layout.instances_of(node)
    instances = [layout.topology.instances[name] for name in names]
    checks = dict.fromkeys(check for instance in instances for check in instance.checks)
    lines = [*_globals(node)]
    for check in checks:
        lines += ["", *_script(check, layout.topology.checks[check], layout, node)]
    for name in names:
        lines += ["", *_instance(layout, name, node, interfaces)]
    for group, grouped in layout.sync_groups_of(node).items():
        lines += ["", *_sync_group(group, grouped)]
    text = "".join(_with_comment(line, comments) + "\n" for line in lines)
    return assume_checks(text, assumptions)


def _globals(node: str) -> Iterator[str]:
    yield "global_defs {"
    yield f"    router_id {node} # this machine's name in logs"
    yield "    script_user root # the user that runs the checks below"
    yield "    enable_script_security # refuse scripts that others could change"
    yield f"    vrrp_notify_fifo {NOTIFY_FIFO} # each change of state is written here"
    yield "    vrrp_notify_priority_changes true # and each change of priority"
    yield "    vrrp_garp_master_refresh 0 # announce the address once, not forever"
    yield "}"


def _script(name: str, check: Check, layout: Layout, node: str) -> Iterator[str]:
    weight = "0: a failure means FAULT" if check.weight == 0 else "added to the priority"
    if check.weight < 0:
        weight = "subtracted from the priority while it fails"
    yield f"vrrp_script {name} {{"
    command, why = _command(check, layout.check_targets(node, check))
    yield f'    script "{command}" # {why}'
    yield f"    interval {check.interval} # seconds from one run to the next"
    yield f"    timeout {check.timeout} # seconds until a hung run counts as failed"
    yield f"    fall {check.fall} # failed runs in a row until it counts as down"
    yield f"    rise {check.rise} # good runs in a row until it counts as up again"
    yield f"    weight {check.weight} # {weight}"
    yield "}"


def _command(check: Check, addresses: tuple[str, ...]) -> tuple[str, str]:
    """The command of a check and its comment; keepalived refuses scripts in /bin, a link to /usr/bin."""
    if check.tcp:
        return f"/usr/bin/bash -c '</dev/tcp/127.0.0.1/{check.tcp}'", "only connects, asks nothing"
    if check.process:
        return f"/usr/bin/pgrep --exact {check.process}", "such a process exists, running or frozen"
    if check.reach:
        from hatlab.topology import PING_WAIT

        return f"/usr/bin/ping -c 1 -W {PING_WAIT:g} {addresses[0]}", f"{check.reach} answers a ping"
    if check.quorum:
        return f"/usr/bin/quorum {' '.join(addresses)}", "more than half answer a ping, this node included"
    question = check.ask or "SELECT 1"
    return f"/usr/bin/mysql --user=root --silent --execute '{question}'", "an error counts as failed"


def _instance(layout: Layout, name: str, node: str, interfaces: Mapping[str, str]) -> Iterator[str]:
    spec = layout.topology.instances[name]
    member = spec.members[node]
    interval = spec.interval if member.interval is None else member.interval
    yield f"vrrp_instance {name} {{"
    yield f"    state {member.state} # how it starts, before any election"
    home = spec.network_of(node)
    yield f"    interface {interfaces[home]} # adverts travel here ({home})"
    yield f"    virtual_router_id {spec.vrid} # the same on every member"
    yield f"    priority {member.priority} # the highest becomes Master"
    yield f"    advert_int {interval:g} # seconds between adverts"
    if spec.version == 3:
        yield "    version 3 # RFC 9568"
    if member.nopreempt:
        yield "    nopreempt # do not take over from a Master of lower priority"
    if member.preempt_delay:
        yield f"    preempt_delay {member.preempt_delay:g} # seconds to wait before taking over"
    if spec.is_unicast(node):
        yield from _unicast(layout, name, node)
    yield from _authentication(spec, member.auth_pass)
    for keyword, value in spec.garp.as_keywords().items():
        why = _GARP[keyword]
        if spec.family == "ipv6":
            why = why.replace("gratuitous ARPs", "neighbour advertisements")
        yield f"    {keyword} {value} # {why}"
    yield "    virtual_ipaddress { # what the Master holds"
    for address, network in layout.vips(name):
        device = interfaces[network if network in layout.networks_of(node) else home]
        yield f"        {address}/{layout.prefix_length(network, address)} dev {device}"
    yield "    }"
    if spec.checks:
        yield "    track_script { # the checks it depends on"
        yield from (f"        {check}" for check in spec.checks)
        yield "    }"
    tracked = [network for network in spec.track if network != home]  # that one is tracked anyway
    if tracked:
        yield "    track_interface { # FAULT if one of these goes down"
        yield from (f"        {interfaces[network]} # {network}" for network in tracked)
        yield "    }"
    if spec.fence:
        for state, command in FENCING.items():
            why = "clients may write" if state == "master" else "clients may not write (error 1290)"
            yield f'    notify_{state} "{command}" # {why}'
    yield "}"


def _unicast(layout: Layout, name: str, node: str) -> Iterator[str]:
    spec = layout.topology.instances[name]
    source, group = layout.address(node, spec.network_of(node), spec.family), _GROUPS[spec.family]
    yield f"    unicast_src_ip {source} # the address its adverts come from"
    yield f"    unicast_peer {{ # who gets its adverts, instead of the group {group}"
    yield from (f"        {address}" for address in layout.peer_addresses(name, node))
    yield "    }"


def _sync_group(name: str, instances: tuple[str, ...]) -> Iterator[str]:
    yield f"vrrp_sync_group {name} {{ # these change state together"
    yield "    group {"
    yield from (f"        {instance}" for instance in instances)
    yield "    }"
    yield "}"


def _authentication(spec: Instance, member_password: str | None) -> Iterator[str]:
    password = member_password or spec.auth_pass
    if spec.version == 3 or not password:
        return
    quoted = f'"{password}"' if " " in password else password
    yield "    authentication { # version 2 only, readable on the wire"
    yield "        auth_type PASS"
    yield f"        auth_pass {quoted}"
    yield "    }"


def _with_comment(line: str, comments: bool) -> str:
    """The line with its ` # why` in a column of its own, or without it; no value can hold a `#`."""
    code, mark, why = line.partition(" # ")
    return f"{code.ljust(_COMMENT_COLUMN)} # {why}" if comments and mark else code
