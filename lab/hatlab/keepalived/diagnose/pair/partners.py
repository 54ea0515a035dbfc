"""Which instances of several files belong together, and which are of two clusters (KA312, KA330)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from itertools import combinations

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, Member, finding
from hatlab.keepalived.settings import InstanceSettings
from hatlab.util.text import join_names


@dataclass(frozen=True, slots=True)
class Partner:
    """Another file's instance of the same virtual router."""

    conf: Configuration
    member: Member

    @property
    def settings(self) -> InstanceSettings:
        return self.member[1]


def partners_of(conf: Configuration, ours: InstanceSettings, peers: Sequence[Configuration]) -> list[Partner]:
    """Return the instance of each other file that belongs to this one, where there is one."""
    found = [(peer, partner) for peer in peers if (partner := _partner(conf, ours, peer))]
    members = [ours, *(theirs for _, (_, theirs) in found)]
    sure = any(_shares_address(one, other) for one, other in combinations(members, 2))
    return [
        Partner(peer, member)
        for peer, member in found
        if not _is_another_cluster(ours, member[1], sure=sure, several=len(peers) > 1)
    ]


def partner_rules(conf: Configuration, peers: Sequence[Configuration]) -> Iterator[Finding]:
    found = {ours.instance: partners_of(conf, ours, peers) for _, ours in conf.members}
    related = {id(partner.conf) for partners in found.values() for partner in partners}
    for block, ours in conf.members:
        partners = [partner.conf for partner in found[ours.instance]]
        others = [peer for peer in peers if all(peer is not partner for partner in partners)]
        strangers = [
            (peer, theirs) for peer in others for _, theirs in peer.members if _collides(ours, theirs)
        ]
        apart = [peer for peer, _ in strangers]
        if strangers:
            yield _two_clusters(conf, ours, partners, strangers)
        for peer in others:
            same_lab = len(peers) == 1 or id(peer) in related
            if same_lab and all(peer is not stranger for stranger in apart):
                yield finding(
                    "KA312", block, f"{peer.name} has no vrrp_instance that matches `{ours.instance}`"
                )


def _partner(conf: Configuration, ours: InstanceSettings, peer: Configuration) -> Member | None:
    """The peer's instance of the same name, else of the same VRID, else its only one."""
    if ours.instance in peer.by_name:
        return peer.by_name[ours.instance]
    if ours.vrid and (same := peer.by_vrid.get((ours.vrid, ours.family))):
        return same
    if len(conf.members) != 1 or len(peer.members) != 1:
        return None
    theirs = peer.members[0][1]
    alike = _shares_address(ours, theirs) or not _addresses(ours) or not _addresses(theirs)
    return peer.members[0] if alike else None


def _shares_address(ours: InstanceSettings, theirs: InstanceSettings) -> bool:
    return bool(_addresses(ours) & _addresses(theirs))


def _addresses(settings: InstanceSettings) -> set[str]:
    return {vip.address for vip in settings.virtual_addresses}


def _is_another_cluster(
    ours: InstanceSettings, theirs: InstanceSettings, *, sure: bool, several: bool
) -> bool:
    """True for an instance of other addresses that is only alike by chance.

    Args:
        ours: an instance.
        theirs: the most similar one of another file.
        sure: two of the files have instances with an address in common, so they are one cluster.
        several: there are more than two files.
    """
    if _shares_address(ours, theirs) or not _addresses(ours) or not _addresses(theirs):
        return False
    if ours.instance == theirs.instance:
        return sure and several
    alike = (ours.vrid, ours.family) == (theirs.vrid, theirs.family)
    return alike or (sure and several)


def _collides(ours: InstanceSettings, theirs: InstanceSettings) -> bool:
    """True if each takes the other's adverts for its own virtual router's."""
    same = ours.vrid == theirs.vrid and ours.family == theirs.family and ours.vrid is not None
    apart = _addresses(ours) and _addresses(theirs) and not _shares_address(ours, theirs)
    return bool(same and apart) and _on_one_network(ours, theirs)


def _on_one_network(ours: InstanceSettings, theirs: InstanceSettings) -> bool:
    """True if they may hear each other: at interfaces of one name, or with addresses of one network."""
    if ours.unicast_peers or theirs.unicast_peers:
        return False
    if ours.interface == theirs.interface:
        return True
    networks = [
        [ip_network((vip.address, vip.prefix_length), strict=False) for vip in settings.virtual_addresses]
        for settings in (ours, theirs)
    ]
    return any(a.version == b.version and a.overlaps(b) for a in networks[0] for b in networks[1])


def _two_clusters(
    conf: Configuration,
    ours: InstanceSettings,
    partners: list[Configuration],
    strangers: list[tuple[Configuration, InstanceSettings]],
) -> Finding:
    block = conf.by_name[ours.instance][0]
    theirs = strangers[0][1]
    files = join_names(peer.name for peer, _ in strangers)
    here = join_names(["here", *(f"in {partner.name}" for partner in partners)])
    message = (
        f"VRID {ours.vrid} is used twice on this network: for {', '.join(ours.addresses[:2])} {here}, "
        f"and for {', '.join(theirs.addresses[:2])} (`{theirs.instance}`) in {files}"
    )
    return finding("KA330", block.last("virtual_router_id") or block, message, word=1)
