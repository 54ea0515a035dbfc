"""Whether a topology says all that a real configuration says; and that configuration for the lab, if not."""

from __future__ import annotations

import re

from lab.keepalived.diagnose.conf import Conf
from lab.keepalived.places import interface_words, replace_words
from lab.keepalived.settings import Script, Settings, scripts, settings
from lab.keepalived.syntax import Statement
from lab.keepalived.topology_plan import Plan, octet_of
from lab.topology import Garp

GARP = {f"garp_{key}": key for key in Garp.model_fields}
"""A keyword of an instance → the topology's key."""
_ASKS = re.compile(r"\S*/?mysql\s.*?(?:--execute|-e)[ =]?\s*'?([^'\"]+)'?\s*$")
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


def own_text(plan: Plan, node: str, conf: Conf, generated: str) -> str:
    """A node's own configuration for the lab, empty if the one generated from the plan says the same."""
    if _sayable(conf.root) and _says_the_same(plan, node, conf, generated):
        return ""
    return _raw(plan, node, conf)


def _sayable(root: Statement) -> bool:
    """Whether a generated configuration has a word for everything in this one."""
    for block in root.body or ():
        if block.keyword not in _SAYABLE[""]:
            return False
        if any(inner.keyword not in _SAYABLE[block.keyword] for inner in block.body or ()):
            return False
    return True


def _says_the_same(plan: Plan, node: str, conf: Conf, generated: str) -> bool:
    theirs, wanted = settings(generated), dict(conf.settings)
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
    mine, made = dict(conf.scripts), scripts(generated)
    return len(theirs) == len(wanted) and all(
        name in made and _essence_of(script) == _essence_of(made[name])
        for name, script in mine.items()
        if any(name in own.track_scripts for own in wanted.values())
    )


def _essence(own: Settings) -> tuple[object, ...]:
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


def _essence_of(script: Script) -> tuple[object, ...]:
    times = (script.interval, script.timeout, script.fall, script.rise, script.weight)
    return (*times, question(script))


def question(script: Script) -> str:
    """The SQL that a script asks mysqld, empty if it does something else."""
    found = _ASKS.fullmatch(script.command)
    return found[1].strip() if found and _PLAIN.fullmatch(found[1]) else ""


def _raw(plan: Plan, node: str, conf: Conf) -> str:
    """A node's own configuration, with networks for its interfaces and `NETWORK.OCTET` for the lab's
    addresses."""
    text = replace_words(
        conf.document.texts[""], interface_words(conf.root), lambda interface: plan.network(node, interface)
    )

    def address(found: re.Match[str]) -> str:
        network, octet = plan.addresses.get(found[0], ("", 0))
        return f"{network}.{octet}" if network else found[0]

    return re.sub(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])", address, text)
