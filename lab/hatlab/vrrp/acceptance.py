"""The checks of a received advertisement, in the order and words of keepalived 2.3 (vrrp_check_packet).

RFC 3768 §7.1 and RFC 9568 §7.1 list what must be checked; both say to discard what fails, and only that it
should be logged.
"""

from __future__ import annotations

from hatlab.vrrp.codec import GROUP_V4, Advertisement
from hatlab.vrrp.router import Rules


def socket_receives(rules: Rules, advert: Advertisement) -> bool:
    """True if the daemon's socket for this virtual router gets the advert at all.

    keepalived binds it to the multicast group or to its own address (open_vrrp_read_socket): of the other
    kind it hears nothing, logs nothing, and no timer is touched.
    """
    return bool(rules.peers) != (advert.destination == GROUP_V4)


def refusal_line(rules: Rules, advert: Advertisement) -> str:
    """The log line with which an advert for this VRID is refused, empty if it is accepted.

    A version 3 interval that differs is adopted, not refused (RFC 9568 §6.4.2); one of version 2 must be
    equal (RFC 3768 §7.1).
    """
    name, source, defects = rules.name, advert.source, advert.defects
    if advert.ttl != 255 and not rules.peers:
        return f"({name}) invalid TTL/HL from {source}. Received {advert.ttl} and expect 255"
    if advert.version != rules.version:
        return (
            f"({name}) wrong VRRP version from {source}. Received {advert.version} and expect {rules.version}"
        )
    if "truncated" in defects or "length" in defects:
        return f"({name}) vrrp packet from {source} too short"
    if "checksum" in defects:
        return f"({name}) Invalid VRRPv{rules.version} checksum from {source}"
    if "type" in defects:
        return f"({name}) Invalid packet type from {source}. {advert.type} and expect 1"
    if rules.version == 2 and (text := _refuse_version_2(rules, advert)):
        return text
    if rules.known_peers_only and source not in rules.peers:
        return f"({name}) unicast source address {source} not a unicast peer"
    return ""


def _refuse_version_2(rules: Rules, advert: Advertisement) -> str:
    name, source = rules.name, advert.source
    wanted = 0 if rules.auth_pass is None else 1
    if advert.auth_type != wanted:
        return f"({name}) received a {advert.auth_type} auth from {source}, expecting {wanted}!"
    if wanted and advert.auth != rules.auth_pass:
        return f"({name}) received an invalid passwd from {source}!"
    if advert.interval != rules.interval:
        theirs = f"{advert.interval or 0:g}"
        return (
            f"({name}) advertisement interval mismatch with {source} mine={rules.interval:g} sec "
            f"rcv'd={theirs} sec"
        )
    return ""


def address_list_line(rules: Rules, advert: Advertisement) -> str:
    """The log line of an accepted advert with another list of addresses, empty if the lists agree.

    RFC 3768 §7.1 discards it unless its sender owns the addresses; RFC 9568 §7.1 and keepalived let it pass.
    """
    missing = [address for address in rules.addresses if address not in advert.addresses]
    if len(advert.addresses) != len(rules.addresses):
        return (
            f"({rules.name}) received an invalid ip number count {len(advert.addresses)}, "
            f"expected {len(rules.addresses)}!"
        )
    if missing:
        return (
            f"({rules.name}) ip address associated with VRID {rules.vrid} not present in MASTER advert : "
            f"{missing[0]}"
        )
    return ""
