"""Compares a real configuration with the generated one; a node keeps its own where they differ."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import Any

from hatlab.keepalived.diagnose import diagnose_config
from hatlab.keepalived.diagnose.conf import Configuration, list_entries
from hatlab.keepalived.parser import Statement, parse_config
from hatlab.keepalived.settings import InstanceSettings, VrrpScript, read_scripts, read_settings
from hatlab.keepalived.to_topology.addresses import last_octet
from hatlab.keepalived.to_topology.plan import Plan
from hatlab.keepalived.write import FENCING
from hatlab.topology import Garp

GARP_KEYS = {f"garp_{key}": key for key in Garp.model_fields}
"""A keyword of an instance → the topology's key."""
_LOGIN = (
    r"(?:\s+(?:-u ?root|--user[= ]root|-h ?(?:localhost|127\.0\.0\.1)|--silent|-s|-N|-B|-Ns|-sN|--batch))*"
)
_SQL_COMMAND = re.compile(
    rf"(?:/usr/bin/)?mysql{_LOGIN}\s+(?:--execute|-e)[ =]?\s*(?P<quote>['\"]?)([^'\"]+)(?P=quote){_LOGIN}\s*"
)
_TCP_COMMAND = re.compile(
    r"\S*(?:/bash -c '<\s*/dev/tcp/(?:127\.0\.0\.1|localhost)/|/nc -z (?:127\.0\.0\.1|localhost) )(\d{1,5})'?"
)
_PROCESS_COMMAND = re.compile(r"\S*(?:pgrep(?: --exact| -x)?|pidof|killall -0) mysqld")
_GENERATED_ADDRESS = re.compile(r"\S+/(?:24|64)(?: dev \S+)?")
_BARE_LISTS = ("track_script", "unicast_peer")
"""Lists whose entries are one word in a generated configuration."""
_PLAIN_TEXT = re.compile(r"[^\x00-\x1f{}\"'\\!#`$]{1,200}")
_EXPRESSIBLE = {
    "": {"global_defs", "vrrp_script", "vrrp_instance", "vrrp_sync_group"},
    "global_defs": {
        *("router_id", "script_user", "enable_script_security", "vrrp_version"),
        *("notification_email", "notification_email_from", "smtp_server", "smtp_connect_timeout"),
        *("vrrp_garp_master_refresh", "vrrp_notify_fifo", "vrrp_notify_priority_changes"),
    },
    "vrrp_script": {"script", "interval", "timeout", "fall", "rise", "weight"},
    "vrrp_instance": {
        *("state", "interface", "virtual_router_id", "priority", "advert_int", "version", "nopreempt"),
        *("preempt_delay", "authentication", "virtual_ipaddress", "track_script"),
        *("unicast_src_ip", "unicast_peer", *GARP_KEYS),
    },
    "vrrp_sync_group": {"group"},
}
"""Block → the keywords that a generated configuration can have."""
_COMPARED = attrgetter(
    *("priority", "interval", "version", "state", "nopreempt", "preempt_delay", "auth_type", "auth_pass"),
    *("garp", "sync_group"),
)
"""Settings that must be the same; names, addresses and lines differ between a lab and the real thing."""
_NOTIFY_KEYWORDS = {f"notify_{state}" for state in FENCING}
"""And those of an instance that fences."""


def says_the_same(plan: Plan, node: str, conf: Configuration, generated: str) -> bool:
    """True if keepalived would take and say the same of the configuration generated from the plan."""
    return (
        _is_expressible(conf.root)
        and _is_sound(conf)
        and not _has_one_vrid_twice(plan, node)
        and _is_equivalent(plan, node, conf, generated)
    )


def _has_one_vrid_twice(plan: Plan, node: str) -> bool:
    """True if two instances of a node are one virtual router to others, which keepalived refuses."""
    routers = [
        (plan.network(node, settings.interface), settings.vrid, settings.family)
        for settings in (router.settings(node) for router in plan.routers if node in router.members)
    ]
    return len({*routers}) < len(routers)


def _is_expressible(root: Statement) -> bool:
    """True if a generated configuration has a word for everything in this one."""
    for block in root.body or ():
        if block.keyword not in _EXPRESSIBLE[""]:
            return False
        keywords = _EXPRESSIBLE[block.keyword] | (_NOTIFY_KEYWORDS if is_fencing(block) else set())
        if any(inner.keyword not in keywords for inner in block.body or ()):
            return False
        for entry in list_entries(block, "virtual_ipaddress"):
            words = [word.text for word in entry.words]
            if not _GENERATED_ADDRESS.fullmatch(" ".join(words)):
                return False
        if any(len(e.words) > 1 for key in _BARE_LISTS for e in list_entries(block, key)):
            return False
    return True


def _is_sound(conf: Configuration) -> bool:
    """True if keepalived has nothing to say against it: a generated one would not show that."""
    says_user = conf.global_setting("script_user")
    if says_user is not None and (says_user.value() != "root" or len(says_user.words) > 2):
        return False
    ignored = set() if conf.global_setting("enable_script_security") else {"KA101", "KA102"}
    findings = diagnose_config(conf.document.texts[""])
    return all(found.severity == "note" or found.code in ignored for found in findings)


def _is_equivalent(plan: Plan, node: str, conf: Configuration, generated: str) -> bool:
    """True if keepalived would take the same from a generated configuration as from the node's own."""
    generated_settings, generated_scripts = read_settings(generated), read_scripts(generated)
    names = {r.settings(node).instance: r.name for r in plan.routers if node in r.members}
    for ours in conf.settings.values():
        theirs = generated_settings.get(names.get(ours.instance, ""))
        if theirs is None or _COMPARED(ours) != _COMPARED(theirs) or ours.vrid != theirs.vrid:
            return False
        if _scripts_of(ours) != _scripts_of(theirs) or plan.network(node, ours.interface) != theirs.interface:
            return False
        devices = [plan.network(node, vip.device or ours.interface) for vip in ours.virtual_addresses]
        if devices != [vip.device for vip in theirs.virtual_addresses]:
            return False
        for our_addresses, their_addresses in (
            (ours.addresses, theirs.addresses),
            (ours.unicast_peers, theirs.unicast_peers),
        ):
            octets = [place and place.octet for place in map(plan.addresses.find, our_addresses)]
            if octets != [last_octet(address) for address in their_addresses]:
                return False
    if _fenced_vrids(conf.root) != _fenced_vrids(parse_config(generated)):
        return False
    tracked = {name for settings in conf.settings.values() for name in settings.track_scripts}
    return len(generated_settings) == len(conf.settings) and all(
        name in generated_scripts
        and _comparable_script(script) == _comparable_script(generated_scripts[name])
        for name, script in conf.scripts.items()
        if name in tracked
    )


def _scripts_of(settings: InstanceSettings) -> set[str]:
    return {*settings.track_scripts}


def _comparable_script(script: VrrpScript) -> tuple[object, ...]:
    times = (script.interval, script.timeout, script.fall, script.rise, script.weight)
    return (*times, check_of(script))


def check_of(script: VrrpScript) -> dict[str, Any]:
    """A script as a check of a topology: `ask`, `tcp` or `process`; empty if it does something else."""
    if sql := _SQL_COMMAND.fullmatch(script.command):
        return {"ask": sql[2].strip()} if _PLAIN_TEXT.fullmatch(sql[2]) else {}
    if (tcp := _TCP_COMMAND.fullmatch(script.command)) and 1 <= int(tcp[1]) <= 65535:
        return {"tcp": int(tcp[1])}
    return {"process": "mysqld"} if _PROCESS_COMMAND.fullmatch(script.command) else {}


def is_fencing(instance: Statement) -> bool:
    """True if a vrrp_instance does what a topology's `fence` does: only a Master's mysqld takes writes."""
    notified = {state: instance.last(f"notify_{state}") for state in FENCING}
    return {state: line and line.value() for state, line in notified.items()} == FENCING


def _fenced_vrids(root: Statement) -> set[str]:
    """The VRIDs of the instances that fence."""
    blocks = (block for block in root.all("vrrp_instance") if is_fencing(block))
    return {vrid.value() for block in blocks if (vrid := block.last("virtual_router_id"))}
