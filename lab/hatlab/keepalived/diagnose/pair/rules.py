"""Rules that need the configurations of all members (KA3xx)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, finding, list_entries
from hatlab.keepalived.diagnose.pair.partners import partner_rules, partners_of
from hatlab.keepalived.diagnose.pair.peers import peer_rules
from hatlab.keepalived.diagnose.pair.takeover import takeover_rules
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.settings import InstanceSettings


def pair_rules(conf: Configuration, peers: Sequence[Configuration]) -> Iterator[Finding]:
    partners = {ours.instance: partners_of(conf, ours, peers) for _, ours in conf.members}
    yield from partner_rules(conf, peers)
    for block, ours in conf.members:
        for partner in partners[ours.instance]:
            yield from _different_settings(block, ours, partner.settings, partner.conf.name)
            yield from _different_addresses(block, ours, partner.settings, partner.conf.name)
    yield from peer_rules(conf, partners)
    yield from takeover_rules(conf, partners)


def _different_settings(
    block: Statement, ours: InstanceSettings, theirs: InstanceSettings, name: str
) -> Iterator[Finding]:
    def at(keyword: str) -> Statement:
        return block.last(keyword) or block

    if ours.vrid != theirs.vrid and ours.vrid and theirs.vrid:
        message = f"VRID {ours.vrid} here, but {theirs.vrid} in {name}"
        yield finding("KA301", at("virtual_router_id"), message, word=1)
    if ours.version != theirs.version:
        message = f"version {ours.version} here, but {theirs.version} in {name}"
        yield finding("KA303", at("version"), message, word=1)
        return
    if ours.interval != theirs.interval:
        code = "KA304" if ours.version == 2 else "KA305"
        message = f"an advert every {ours.interval:g} s here, but every {theirs.interval:g} s in {name}"
        yield finding(code, at("advert_int"), message, word=1)
    if ours.version == 2 and (ours.auth_type, ours.auth_pass) != (theirs.auth_type, theirs.auth_pass):
        inner = at("authentication")
        secret = inner.last("auth_pass")
        here = "a password" if ours.auth_pass else "no password"
        there = "another" if ours.auth_pass and theirs.auth_pass else "one" if theirs.auth_pass else "none"
        if ours.auth_pass == theirs.auth_pass:
            here, there = f"auth_type {ours.auth_type}", theirs.auth_type
        effect = ""
        if "AH" in {ours.auth_type, theirs.auth_type} and ours.auth_type != theirs.auth_type:
            effect = (
                "adverts with AH are IP protocol 51, others 112: neither node hears the other, "
                "nothing is logged, "
                "and both become Master"
            )
        message = f"{here} here, but {there} in {name}"
        yield finding("KA302", secret or inner, message, word=1 if secret else 0, effect=effect)


def _different_addresses(
    block: Statement, ours: InstanceSettings, theirs: InstanceSettings, name: str
) -> Iterator[Finding]:
    lists = ("virtual_ipaddress_excluded", "virtual_ipaddress")
    entries = {e.keyword.partition("/")[0]: e for key in lists for e in list_entries(block, key)}
    held, there = ([vip.address for vip in settings.virtual_addresses] for settings in (ours, theirs))
    missing = [address for address in held if address not in there]
    cure = ""
    if ours.vrid == theirs.vrid and not set(held) & set(there):
        cure = (
            "give every member the same virtual_ipaddress; if these are two clusters, give each its own VRID"
        )
    for address in missing:
        message = f"{name} does not have {address} (it has {', '.join(there[:4]) or 'none'})"
        yield finding("KA306", entries.get(address, block), message, cure=cure)
    if not missing and (others := [address for address in there if address not in held]):
        more = ", ".join(others[:4])
        at = block.last("virtual_ipaddress") or block
        yield finding("KA306", at, f"{name} also has {more}")
