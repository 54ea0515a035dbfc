"""Rules that need the configurations of all members (KA3xx)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, Member, finding, list_entries
from hatlab.keepalived.diagnose.instance import OWNER, weight_of
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.settings import InstanceSettings


def pair_rules(conf: Configuration, peers: Sequence[Configuration]) -> Iterator[Finding]:
    for block, ours in conf.members:
        for peer in peers:
            partner = _partner(conf, ours, peer)
            if partner is None:
                yield finding("KA312", block, f"{peer.name} has no vrrp_instance like `{ours.instance}`")
                continue
            their_block, theirs = partner
            yield from _different_settings(block, ours, theirs, peer.name)
            yield from _different_addresses(block, ours, theirs, peer.name)
            yield from _unicast(block, their_block, peer.name)
        yield from _failed_check_changes_nothing(conf, block, ours, peers)


def _partner(conf: Configuration, ours: InstanceSettings, peer: Configuration) -> Member | None:
    """The peer's instance of the same name, else of the same VRID, else its only one if both have one."""
    if ours.instance in peer.by_name:
        return peer.by_name[ours.instance]
    if ours.vrid in peer.by_vrid:
        return peer.by_vrid[ours.vrid]
    return peer.members[0] if len(conf.members) == 1 and len(peer.members) == 1 else None


def _different_settings(
    block: Statement, ours: InstanceSettings, theirs: InstanceSettings, name: str
) -> Iterator[Finding]:
    def at(keyword: str) -> Statement:
        return block.last(keyword) or block

    if ours.vrid != theirs.vrid and ours.vrid and theirs.vrid:
        message = f"VRID {ours.vrid} here, {theirs.vrid} in {name}"
        yield finding("KA301", at("virtual_router_id"), message, word=1)
    if ours.version != theirs.version:
        message = f"version {ours.version} here, {theirs.version} in {name}"
        yield finding("KA303", at("version"), message, word=1)
        return
    if ours.interval != theirs.interval:
        code = "KA304" if ours.version == 2 else "KA305"
        message = f"an advert each {ours.interval:g} s here, each {theirs.interval:g} s in {name}"
        yield finding(code, at("advert_int"), message, word=1)
    if ours.version == 2 and ours.auth_pass != theirs.auth_pass:
        inner = at("authentication")
        secret = inner.last("auth_pass")
        here = "a password" if ours.auth_pass else "no password"
        there = "another" if ours.auth_pass and theirs.auth_pass else "one" if theirs.auth_pass else "none"
        yield finding("KA302", secret or inner, f"{here} here, {there} in {name}", word=1 if secret else 0)
    if ours.priority == theirs.priority:
        message = f"priority {ours.priority} here and in {name}"
        yield finding("KA307", at("priority"), message, word=1)


def _different_addresses(
    block: Statement, ours: InstanceSettings, theirs: InstanceSettings, name: str
) -> Iterator[Finding]:
    entries = {entry.keyword.partition("/")[0]: entry for entry in list_entries(block, "virtual_ipaddress")}
    missing = [address for address in ours.addresses if address not in theirs.addresses]
    for address in missing:
        there = ", ".join(theirs.addresses[:4]) or "none"
        yield finding("KA306", entries.get(address, block), f"{name} does not have {address} (but {there})")
    if not missing and set(theirs.addresses) - set(ours.addresses):
        more = ", ".join(address for address in theirs.addresses[:4] if address not in ours.addresses)
        at = block.last("virtual_ipaddress") or block
        yield finding("KA306", at, f"{name} has {more} too")


def _unicast(block: Statement, their_block: Statement, name: str) -> Iterator[Finding]:
    ours, theirs = block.last("unicast_peer"), their_block.last("unicast_peer")
    if (ours is None) != (theirs is None):
        at = ours or block.last("interface") or block
        here, there = ("unicast", "multicast") if ours else ("multicast", "unicast")
        yield finding("KA310", at, f"{here} here, {there} in {name}")
    elif ours:
        source = their_block.last("unicast_src_ip")
        named = {entry.keyword for entry in list_entries(block, "unicast_peer")}
        if source and source.value() and source.value() not in named:
            yield finding("KA311", ours, f"{name} sends from {source.value()[:60]}, which is not listed here")


def _failed_check_changes_nothing(
    conf: Configuration, block: Statement, ours: InstanceSettings, peers: Sequence[Configuration]
) -> Iterator[Finding]:
    """Checks that hand over to nobody when they fail; only the highest priority has to."""
    partners = [(peer, partner) for peer in peers if (partner := _partner(conf, ours, peer))]
    if not partners or ours.priority == OWNER:
        return
    if any(theirs.priority >= ours.priority for _, (_, theirs) in partners):
        return
    best = max(theirs.priority + _bonus(peer, their_block) for peer, (their_block, theirs) in partners)
    healthy = ours.priority + _bonus(conf, block)
    for entry in list_entries(block, "track_script"):
        weight = weight_of(conf, entry)
        if weight == 0 or entry.keyword not in conf.scripts:
            continue
        failed = healthy - abs(weight)
        if failed >= best:
            change = f"{healthy} becomes {failed}"
            message = f"when `{entry.keyword}` fails, {change}: not below the next one's {best}"
            yield finding("KA308", entry, message, cure=f"a weight beyond {healthy - best}, or 0 (FAULT)")
        elif ours.nopreempt and all(theirs.nopreempt for _, (_, theirs) in partners):
            at = block.last("nopreempt") or entry
            message = f"nopreempt on every member, and `{entry.keyword}` has weight {weight}"
            yield finding("KA309", at, message)


def _bonus(conf: Configuration, block: Statement) -> int:
    """The sum that good checks add to an instance's priority."""
    weights = (weight_of(conf, entry) for entry in list_entries(block, "track_script"))
    return sum(weight for weight in weights if weight > 0)
