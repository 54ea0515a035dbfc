"""Rules that need the configurations of all members (KA3xx)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, finding, list_entries
from hatlab.keepalived.diagnose.instance import OWNER, weight_of
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.settings import InstanceSettings


def pair_rules(conf: Configuration, peers: Sequence[Configuration]) -> Iterator[Finding]:
    for block, own in conf.members:
        for peer in peers:
            partner = _partner(conf, own, peer)
            if partner is None:
                yield finding("KA312", block, f"{peer.name} has no vrrp_instance like `{own.instance}`")
                continue
            their_block, their = partner
            yield from _agreement(block, own, their, peer.name)
            yield from _addresses(block, own, their, peer.name)
            yield from _unicast(block, their_block, peer.name)
        yield from _failover(conf, block, own, peers)


def _partner(
    conf: Configuration, own: InstanceSettings, peer: Configuration
) -> tuple[Statement, InstanceSettings] | None:
    """The peer's instance of the same name, else of the same VRID, else its only one if this is the only "
    "one."""
    if own.instance in peer.by_name:
        return peer.by_name[own.instance]
    if own.vrid in peer.by_vrid:
        return peer.by_vrid[own.vrid]
    return peer.members[0] if len(conf.members) == 1 and len(peer.members) == 1 else None


def _agreement(
    block: Statement, own: InstanceSettings, their: InstanceSettings, name: str
) -> Iterator[Finding]:
    def at(keyword: str) -> Statement:
        return block.last(keyword) or block

    if own.vrid != their.vrid and own.vrid and their.vrid:
        yield finding(
            "KA301", at("virtual_router_id"), f"VRID {own.vrid} here, {their.vrid} in {name}", word=1
        )
    if own.version != their.version:
        message = f"version {own.version} here, {their.version} in {name}"
        yield finding("KA303", at("version"), message, word=1)
        return
    if own.interval != their.interval:
        code = "KA304" if own.version == 2 else "KA305"
        message = f"an advert each {own.interval:g} s here, each {their.interval:g} s in {name}"
        yield finding(code, at("advert_int"), message, word=1)
    if own.version == 2 and own.auth_pass != their.auth_pass:
        inner = at("authentication")
        place = inner.last("auth_pass") or inner
        here = "a password" if own.auth_pass else "no password"
        there = "another" if own.auth_pass and their.auth_pass else "one" if their.auth_pass else "none"
        yield finding("KA302", place, f"{here} here, {there} in {name}", word=1 if place is not inner else 0)
    if own.priority == their.priority:
        message = f"priority {own.priority} here and in {name}"
        yield finding("KA307", at("priority"), message, word=1)


def _addresses(
    block: Statement, own: InstanceSettings, their: InstanceSettings, name: str
) -> Iterator[Finding]:
    entries = {s.keyword.partition("/")[0]: s for s in list_entries(block, "virtual_ipaddress")}
    missing = [address for address in own.addresses if address not in their.addresses]
    for address in missing:
        there = ", ".join(their.addresses[:4]) or "none"
        yield finding("KA306", entries.get(address, block), f"{name} does not have {address} (but {there})")
    if not missing and set(their.addresses) - set(own.addresses):
        more = ", ".join(a for a in their.addresses[:4] if a not in own.addresses)
        at = block.last("virtual_ipaddress") or block
        yield finding("KA306", at, f"{name} has {more} too")


def _unicast(block: Statement, their_block: Statement, name: str) -> Iterator[Finding]:
    mine, theirs = (b.last("unicast_peer") for b in (block, their_block))
    if (mine is None) != (theirs is None):
        at = mine or block.last("interface") or block
        here, there = ("unicast", "multicast") if mine else ("multicast", "unicast")
        yield finding("KA310", at, f"{here} here, {there} in {name}")
    elif mine:
        source = their_block.last("unicast_src_ip")
        named = {entry.keyword for entry in list_entries(block, "unicast_peer")}
        if source and source.value() and source.value() not in named:
            yield finding("KA311", mine, f"{name} sends from {source.value()[:60]}, which is not listed here")


def _failover(
    conf: Configuration, block: Statement, own: InstanceSettings, peers: Sequence[Configuration]
) -> Iterator[Finding]:
    """Whether a failed check hands over to anybody; only the highest priority has to."""
    theirs = [partner[1] for peer in peers if (partner := _partner(conf, own, peer))]
    below = [their for their in theirs if their.priority < own.priority]
    if not theirs or len(below) < len(theirs) or own.priority == OWNER:
        return
    best = max(their.priority + _bonus(conf, own, peers, their) for their in below)
    for entry in list_entries(block, "track_script"):
        weight = weight_of(conf, entry)
        if weight == 0 or entry.keyword not in conf.scripts:
            continue
        healthy = own.priority + sum(
            w for e in list_entries(block, "track_script") if (w := weight_of(conf, e)) > 0
        )
        failed = healthy - abs(weight)
        if failed >= best:
            message = (
                f"when `{entry.keyword}` fails, {healthy} becomes {failed}: not below the next one's {best}"
            )
            yield finding("KA308", entry, message, cure=f"a weight beyond {healthy - best}, or 0 (FAULT)")
        elif own.nopreempt and all(their.nopreempt for their in theirs):
            at = block.last("nopreempt") or entry
            yield finding(
                "KA309", at, f"nopreempt on every member, and `{entry.keyword}` has weight {weight}"
            )


def _bonus(
    conf: Configuration, own: InstanceSettings, peers: Sequence[Configuration], their: InstanceSettings
) -> int:
    """What good checks add to a member's priority."""
    for peer in peers:
        partner = _partner(conf, own, peer)
        if partner and partner[1] is their:
            return sum(w for e in list_entries(partner[0], "track_script") if (w := weight_of(peer, e)) > 0)
    return 0
