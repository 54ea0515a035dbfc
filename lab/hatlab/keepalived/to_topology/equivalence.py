"""Whether a topology says all that a real configuration says; and that configuration for the lab, if not."""

from __future__ import annotations

import re
from typing import Any

from hatlab.keepalived.diagnose.conf import Configuration
from hatlab.keepalived.localize import interface_words, replace_words
from hatlab.keepalived.parser import Statement, parse_config
from hatlab.keepalived.settings import InstanceSettings, VrrpScript, read_scripts, read_settings
from hatlab.keepalived.to_topology.plan import Plan, octet_of
from hatlab.keepalived.write import FENCING
from hatlab.topology import Garp

GARP = {f"garp_{key}": key for key in Garp.model_fields}
"""A keyword of an instance → the topology's key."""
_ASKS = re.compile(r"\S*/?mysql\s.*?(?:--execute|-e)[ =]?\s*'?([^'\"]+)'?\s*$")
_CONNECTS = re.compile(
    r"\S*(?:/bash -c '<\s*/dev/tcp/(?:127\.0\.0\.1|localhost)/|/nc -z (?:127\.0\.0\.1|localhost) )(\d{1,5})'?"
)
_EXISTS = re.compile(r"\S*(?:pgrep(?: --exact| -x)?|pidof|killall -0) mysqld")
_PLAIN = re.compile(r"[^\x00-\x1f{}\"'\\!#`$]{1,200}")
_SAYABLE = {
    "": {"global_defs", "vrrp_script", "vrrp_instance", "vrrp_sync_group"},
    "global_defs": {
        "router_id",
        "script_user",
        "enable_script_security",
        "vrrp_version",
        "notification_email",
    }
    | {"notification_email_from", "smtp_server", "smtp_connect_timeout", "vrrp_garp_master_refresh"}
    | {"vrrp_notify_fifo", "vrrp_notify_priority_changes"},
    "vrrp_script": {"script", "interval", "timeout", "fall", "rise", "weight"},
    "vrrp_instance": {
        "state",
        "interface",
        "virtual_router_id",
        "priority",
        "advert_int",
        "version",
        "nopreempt",
    }
    | {"preempt_delay", "authentication", "virtual_ipaddress", "track_script"}
    | {"unicast_src_ip", "unicast_peer", *GARP},
    "vrrp_sync_group": {"group"},
}
"""Blocks → keywords that a generated configuration can express."""
_NOTIFIED = {f"notify_{state}" for state in FENCING}
"""And those of an instance that fences."""


def own_text(plan: Plan, node: str, conf: Configuration, generated: str) -> str:
    """A node's own configuration for the lab, empty if the one generated from the plan says the same."""
    if _sayable(conf.root) and _says_the_same(plan, node, conf, generated):
        return ""
    return _raw(plan, node, conf)


def _sayable(root: Statement) -> bool:
    """Whether a generated configuration has a word for everything in this one."""
    for block in root.body or ():
        if block.keyword not in _SAYABLE[""]:
            return False
        known = _SAYABLE[block.keyword] | (_NOTIFIED if fences(block) else set())
        if any(inner.keyword not in known for inner in block.body or ()):
            return False
    return True


def _says_the_same(plan: Plan, node: str, conf: Configuration, generated: str) -> bool:
    theirs, wanted = read_settings(generated), dict(conf.settings)
    by_vrid = {own.vrid: own for own in theirs.values()}
    for own in wanted.values():
        other = by_vrid.get(own.vrid)
        if other is None or _essence(own) != _essence(other):
            return False
        for mine_of, theirs_of in (
            (own.addresses, other.addresses),
            (own.unicast_peers, other.unicast_peers),
        ):
            octets = [plan.addresses.get(address, ("", 0))[1] for address in mine_of]
            if octets != [octet_of(address) for address in theirs_of]:
                return False
        if plan.network(node, own.interface) != other.interface:
            return False
    if _fenced(conf.root) != _fenced(parse_config(generated)):
        return False
    mine, made = dict(conf.scripts), read_scripts(generated)
    return len(theirs) == len(wanted) and all(
        name in made and _essence_of(script) == _essence_of(made[name])
        for name, script in mine.items()
        if any(name in own.track_scripts for own in wanted.values())
    )


def _essence(own: InstanceSettings) -> tuple[object, ...]:
    return (
        own.priority,
        own.interval,
        own.version,
        own.state,
        own.nopreempt,
        own.preempt_delay,
        own.auth_pass,
        own.garp,
        own.sync_group,
    )


def _essence_of(script: VrrpScript) -> tuple[object, ...]:
    times = (script.interval, script.timeout, script.fall, script.rise, script.weight)
    return (*times, what_it_checks(script))


def what_it_checks(script: VrrpScript) -> dict[str, Any]:
    """A script as a check of a topology: `ask`, `tcp` or `process`; empty if it does something else."""
    if found := _ASKS.fullmatch(script.command):
        return {"ask": found[1].strip()} if _PLAIN.fullmatch(found[1]) else {}
    if (found := _CONNECTS.fullmatch(script.command)) and 1 <= int(found[1]) <= 65535:
        return {"tcp": int(found[1])}
    return {"process": "mysqld"} if _EXISTS.fullmatch(script.command) else {}


def fences(instance: Statement) -> bool:
    """Whether a vrrp_instance does what a topology's `fence` does: only a Master's mysqld takes writes."""
    told = {state: instance.last(f"notify_{state}") for state in FENCING}
    return all(
        line and line.value() == command
        for line, command in zip(told.values(), FENCING.values(), strict=True)
    )


def _fenced(root: Statement) -> set[str]:
    """The VRIDs of the instances that fence."""
    blocks = (block for block in root.all("vrrp_instance") if fences(block))
    return {vrid.value() for block in blocks if (vrid := block.last("virtual_router_id"))}


def _raw(plan: Plan, node: str, conf: Configuration) -> str:
    """A node's own configuration, with networks for its interfaces and `NETWORK.OCTET` for the lab's
    addresses."""
    text = replace_words(
        conf.document.texts[""], interface_words(conf.root), lambda interface: plan.network(node, interface)
    )

    def address(found: re.Match[str]) -> str:
        network, octet = plan.addresses.get(found[0], ("", 0))
        return f"{network}.{octet}" if network else found[0]

    return re.sub(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])", address, text)
