"""Compares a real configuration with the generated one; a node keeps its own where they differ."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import Any

from hatlab.keepalived.diagnose.conf import Configuration
from hatlab.keepalived.localize import interface_words, replace_words
from hatlab.keepalived.parser import Statement, parse_config
from hatlab.keepalived.settings import VrrpScript, read_scripts, read_settings
from hatlab.keepalived.to_topology.plan import Plan, octet_of
from hatlab.keepalived.write import FENCING
from hatlab.topology import Garp

GARP_KEYS = {f"garp_{key}": key for key in Garp.model_fields}
"""A keyword of an instance → the topology's key."""
_SQL_COMMAND = re.compile(r"\S*/?mysql\s.*?(?:--execute|-e)[ =]?\s*'?([^'\"]+)'?\s*$")
_TCP_COMMAND = re.compile(
    r"\S*(?:/bash -c '<\s*/dev/tcp/(?:127\.0\.0\.1|localhost)/|/nc -z (?:127\.0\.0\.1|localhost) )(\d{1,5})'?"
)
_PROCESS_COMMAND = re.compile(r"\S*(?:pgrep(?: --exact| -x)?|pidof|killall -0) mysqld")
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


def own_conf(plan: Plan, node: str, conf: Configuration, generated: str) -> str:
    """A node's own configuration for the lab; empty if the one generated from the plan says the same."""
    if _is_expressible(conf.root) and _is_equivalent(plan, node, conf, generated):
        return ""
    return _with_lab_names(plan, node, conf)


def _is_expressible(root: Statement) -> bool:
    """True if a generated configuration has a word for everything in this one."""
    for block in root.body or ():
        if block.keyword not in _EXPRESSIBLE[""]:
            return False
        keywords = _EXPRESSIBLE[block.keyword] | (_NOTIFY_KEYWORDS if is_fencing(block) else set())
        if any(inner.keyword not in keywords for inner in block.body or ()):
            return False
    return True


def _is_equivalent(plan: Plan, node: str, conf: Configuration, generated: str) -> bool:
    """True if keepalived would take the same from a generated configuration as from the node's own."""
    generated_settings, generated_scripts = read_settings(generated), read_scripts(generated)
    by_vrid = {settings.vrid: settings for settings in generated_settings.values()}
    for ours in conf.settings.values():
        theirs = by_vrid.get(ours.vrid)
        if theirs is None or _COMPARED(ours) != _COMPARED(theirs):
            return False
        for our_addresses, their_addresses in (
            (ours.addresses, theirs.addresses),
            (ours.unicast_peers, theirs.unicast_peers),
        ):
            octets = [plan.addresses.get(address, ("", 0))[1] for address in our_addresses]
            if octets != [octet_of(address) for address in their_addresses]:
                return False
        if plan.network(node, ours.interface) != theirs.interface:
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


def _comparable_script(script: VrrpScript) -> tuple[object, ...]:
    times = (script.interval, script.timeout, script.fall, script.rise, script.weight)
    return (*times, check_of(script))


def check_of(script: VrrpScript) -> dict[str, Any]:
    """A script as a check of a topology: `ask`, `tcp` or `process`; empty if it does something else."""
    if sql := _SQL_COMMAND.fullmatch(script.command):
        return {"ask": sql[1].strip()} if _PLAIN_TEXT.fullmatch(sql[1]) else {}
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


def _with_lab_names(plan: Plan, node: str, conf: Configuration) -> str:
    """A node's own text, with networks for its interfaces and `NETWORK.OCTET` for the lab's addresses."""
    text = replace_words(
        conf.document.texts[""], interface_words(conf.root), lambda interface: plan.network(node, interface)
    )

    def address(match: re.Match[str]) -> str:
        network, octet = plan.addresses.get(match[0], ("", 0))
        return f"{network}.{octet}" if network else match[0]

    return re.sub(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])", address, text)
