"""What a block needs to be of use: keepalived drops one without it (KA019)."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, StatementAt, finding
from hatlab.keepalived.keywords import is_list

_NEEDED = {
    "garp_group": ("garp_interval", "gna_interval"),
    "track_group": ("group",),
    "track_file": ("file",),
    "vrrp_track_file": ("file",),
    "vrrp_track_process": ("process",),
    "bfd_instance": ("neighbor_ip", "neighbour_ip"),
    "virtual_server": ("real_server",),
}
"""Path of a block → keywords of which it needs one."""
_NOT_EMPTY = {
    "global_defs/notification_email",
    "garp_group/interfaces",
    "track_group/group",
    "vrrp_sync_group/group",
}
_FORWARDING = {"lb_kind", "lvs_method"}
_PREFERENCE = {"preference", "order", "priority"}
_LEFT_OUT = "keepalived complains and removes the block"


def required_rules(conf: Configuration) -> Iterator[Finding]:
    for at in conf.statements:
        yield from _missing_part(at)
        if at.path in {"vrrp_instance/virtual_rules", "static_rules"}:
            yield from _rules_without_preference(at)


def _missing_part(at: StatementAt) -> Iterator[Finding]:
    statement, needed = at.statement, _NEEDED.get(at.path)
    if statement.body is None:
        return
    if needed and not any(inner.keyword in needed for inner in statement.body):
        message = f"this {statement.keyword} has no {' or '.join(needed)}"
        yield finding("KA019", statement, message, effect=_LEFT_OUT, cure=f"add `{needed[0]}`")
    elif at.path == "virtual_server" and not any(s.keyword in _FORWARDING for s in statement.body):
        effect = "keepalived complains and uses NAT"
        yield finding(
            "KA019", statement, "this virtual_server has no lb_kind", effect=effect, cure="add `lb_kind`"
        )
    elif at.path in _NOT_EMPTY and is_list(at.path) and not statement.body:
        message = f"this {statement.keyword} is empty"
        yield finding(
            "KA019", statement, message, effect="keepalived complains", cure="add something, or remove it"
        )


def _rules_without_preference(at: StatementAt) -> Iterator[Finding]:
    for entry in at.statement.body or ():
        words = {word.text for word in entry.words}
        if words and not words & _PREFERENCE:
            effect = "keepalived complains and picks a number itself, from 16384"
            message = "this rule has no preference"
            yield finding("KA019", entry, message, effect=effect, cure="add `preference N`")
