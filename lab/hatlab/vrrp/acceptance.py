"""The checks of a received advertisement, in the order and words of keepalived 2.3 (vrrp_check_packet).

RFC 3768 §7.1 and RFC 9568 §7.1 list what must be checked; both say to discard what fails, and only that it
should be logged.
"""

from __future__ import annotations

from hatlab.vrrp.codec import GROUPS, Advertisement
from hatlab.vrrp.router import Complaint, Rules


def socket_receives(rules: Rules, advert: Advertisement) -> bool:
    """True if the daemon's socket for this virtual router gets the advert at all.

    keepalived binds it to the multicast group or to its own address (open_vrrp_read_socket): of the other
    kind it hears nothing, logs nothing, and no timer is touched.
    """
    return bool(rules.peers) != (advert.destination in GROUPS)


def find_refusal(rules: Rules, advert: Advertisement) -> Complaint | None:
    """What is said of an advert for this VRID that is refused; None if it is accepted.

    A version 3 interval that differs is adopted, not refused (RFC 9568 §6.4.2); one of version 2 must be
    equal (RFC 3768 §7.1).
    """
    name, source, defects = rules.name, advert.source, advert.defects
    if "truncated" in defects or "length" in defects:
        return Complaint("length", f"({name}) vrrp packet from {source} too short")
    if advert.ttl != 255 and not rules.peers:
        line = f"({name}) invalid TTL/HL from {source}. Received {advert.ttl} and expect 255"
        return Complaint("ttl", line)
    if advert.version != rules.version:
        versions = f"Received {advert.version} and expect {rules.version}"
        return Complaint("version", f"({name}) wrong VRRP version from {source}. {versions}")
    if rules.version == 2 and (complaint := _refuse_version_2(rules, advert)):
        return complaint
    if "type" in defects:
        return Complaint("type", f"({name}) Invalid packet type from {source}. {advert.type} and expect 1")
    if "checksum" in defects:
        return Complaint("checksum", f"({name}) Invalid VRRPv{rules.version} checksum from {source}")
    if rules.ignore_adverts:
        return Complaint("owner", f"({name}) Dropping packet(s) from {source} since we are address owner")
    if rules.known_peers_only and source not in rules.peers:
        return Complaint("peer", f"({name}) unicast source address {source} not a unicast peer")
    return None


def _refuse_version_2(rules: Rules, advert: Advertisement) -> Complaint | None:
    name, source = rules.name, advert.source
    wanted = 0 if rules.auth_pass is None else 1
    if advert.auth_type != wanted:
        line = f"({name}) received a {advert.auth_type} auth from {source}, expecting {wanted}!"
        return Complaint("auth type", line)
    if wanted and advert.auth != rules.auth_pass:
        return Complaint("password", f"({name}) received an invalid passwd from {source}!")
    if advert.interval != rules.interval:
        theirs = f"{advert.interval or 0:g}"
        line = (
            f"({name}) advertisement interval mismatch with {source} mine={rules.interval:g} sec "
            f"rcv'd={theirs} sec"
        )
        return Complaint("interval", line)
    return None


def list_remarks(rules: Rules, advert: Advertisement) -> tuple[Complaint, ...]:
    """What is said of an accepted advert: another interval (version 3), another list of addresses.

    RFC 3768 §7.1 discards the latter unless its sender owns the addresses; RFC 9568 §7.1 and keepalived let
    it pass.
    """
    name, remarks = rules.name, []
    if rules.version == 3 and advert.interval != rules.interval:
        ours, theirs = (round((seconds or 0) * 100) for seconds in (rules.interval, advert.interval))
        line = f"({name}) advertisement interval mismatch ours = {ours} centi-sec rcv'd={theirs} centi-sec"
        remarks.append(Complaint("interval", line))
    missing = [address for address in rules.addresses if address not in advert.addresses]
    if len(advert.addresses) != len(rules.addresses):
        counts = f"expected {len(rules.addresses)} VIPs but received {len(advert.addresses)}"
        remarks.append(Complaint("address count", f"({name}) {counts}"))
    elif missing:
        line = (
            f"({name}) ip address associated with VRID {rules.vrid} not present in advert from "
            f"{advert.source}: {missing[0]}"
        )
        remarks.append(Complaint("addresses", line))
    return tuple(remarks)
