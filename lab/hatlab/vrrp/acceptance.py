"""The checks of a received advertisement, in the order and words of keepalived 2.3 (vrrp_check_packet).

RFC 3768 §7.1 and RFC 9568 §7.1 list what must be checked; both say to discard what fails, and only that it
should be logged.
"""

from __future__ import annotations

from hatlab.vrrp.codec import Advertisement
from hatlab.vrrp.router import ADDRESSES, Complaint, Rules

_WRONG_DIGEST = "IPSEC-AH : invalid IPSEC HMAC-MD5 value. Due to fields mutation or bad password !"


def socket_receives(rules: Rules, advert: Advertisement) -> bool:
    """True if the daemon's socket for this virtual router gets the advert at all.

    keepalived opens it for one IP protocol, with or without an authentication header, and binds it to its
    group or to its own address (open_vrrp_read_socket): of anything else it hears nothing, logs nothing, and
    no timer is touched.
    """
    if rules.auth_header != (advert.header is not None):
        return False
    return advert.destination == (rules.address if rules.peers else rules.group)


REFUSED_AFTER_HEADER = frozenset({"interval", "type", "checksum", "owner", "peer", "peer ttl"})
"""Kinds of refusals of an advert whose authentication header was taken."""


def find_refusal(rules: Rules, advert: Advertisement, sequence: int = -1) -> Complaint | None:
    """What is said of an advert for this VRID that is refused; None if it is accepted.

    Args:
        sequence: the number of the last authentication header; one that is not higher is a replay.

    A version 3 interval that differs is adopted, not refused (RFC 9568 §6.4.2); one of version 2 must be
    equal (RFC 3768 §7.1).
    """
    name, source, defects = rules.name, advert.source, advert.defects
    if not {"truncated", "length", "carp"}.isdisjoint(defects):
        return Complaint("length", f"({name}) vrrp packet from {source} too short")
    if advert.ttl != 255 and not rules.peers:
        line = f"({name}) invalid TTL/HL from {source}. Received {advert.ttl} and expect 255"
        return Complaint("ttl", line)
    if advert.version != rules.version:
        versions = f"Received {advert.version} and expect {rules.version}"
        return Complaint("version", f"({name}) wrong VRRP version from {source}. {versions}")
    if rules.version == 2 and (complaint := _refuse_version_2(rules, advert, sequence)):
        return complaint
    if "type" in defects:
        return Complaint("type", f"({name}) Invalid packet type from {source}. {advert.type} and expect 1")
    if _refuses_checksum(rules, advert):
        return Complaint("checksum", f"({name}) Invalid VRRPv{rules.version} checksum from {source}")
    if rules.ignore_adverts:
        return Complaint("owner", f"({name}) Dropping packet(s) from {source} since we are address owner")
    return _refuse_sender(rules, advert) if rules.known_peers_only else None


def _refuses_checksum(rules: Rules, advert: Advertisement) -> bool:
    """True if a checksum is refused.

    Of version 3 keepalived takes others than RFC 9568's: a router that counts as version 2 does checks none;
    a unicast one lets the group be counted in place of the destination, as keepalived did to 1.3.6, and wants
    it so if it is configured so.
    """
    kind = advert.checksum_kind
    if rules.version == 3 and rules.checksum_kind == "plain":
        return False
    if rules.version == 3 and rules.peers:
        return kind != "group" if rules.checksum_kind == "group" else kind not in {"right", "group"}
    return "checksum" in advert.defects


def _refuse_sender(rules: Rules, advert: Advertisement) -> Complaint | None:
    name, source = rules.name, advert.source
    if source not in rules.peers:
        return Complaint("peer", f"({name}) unicast source address {source} not a unicast peer")
    least, most = rules.peer_ttls.get(source, (0, 255))
    if least <= advert.ttl <= most:
        return None
    return Complaint("peer ttl", f"({name}) TTL/HL {advert.ttl} from {source} not in range [{least}, {most}]")


def _refuse_version_2(rules: Rules, advert: Advertisement, sequence: int) -> Complaint | None:
    name, source = rules.name, advert.source
    wanted = 2 if rules.auth_header else 0 if rules.auth_pass is None else 1
    if advert.auth_type != wanted:
        line = f"({name}) received a {advert.auth_type} auth from {source}, expecting {wanted}!"
        return Complaint("auth type", line)
    if wanted == 1 and advert.auth != rules.auth_pass:
        return Complaint("password", f"({name}) received an invalid passwd from {source}!")
    if advert.header and not advert.header.matches(rules.auth_pass or ""):
        return Complaint("", f"({name}) {_WRONG_DIGEST}")
    if advert.header and advert.header.sequence <= sequence:
        number = advert.header.sequence
        told = f"sequence number {number} already processed. Packet dropped. Local({sequence})"
        return Complaint("", f"({name}) IPSEC-AH : {told}")
    if advert.interval != rules.interval:
        theirs = f"{advert.interval or 0:g}"
        line = (
            f"({name}) advertisement interval mismatch with {source} mine={rules.interval:g} sec "
            f"rcv'd={theirs} sec"
        )
        return Complaint("interval", line)
    return None


def remarks_before(refusal: Complaint, remarks: tuple[Complaint, ...]) -> tuple[Complaint, ...]:
    """What is remarked of an advert before it is refused: the interval before the checksum is looked at, the
    addresses before the sender is (vrrp_check_packet)."""
    if refusal.kind in {"peer", "peer ttl"}:
        return remarks
    early = {"interval"} if refusal.kind in {"checksum", "owner"} else set()
    return tuple(remark for remark in remarks if remark.kind in early)


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
        remarks.append(Complaint(ADDRESSES, line))
    return tuple(remarks)
