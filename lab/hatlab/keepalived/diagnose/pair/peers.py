"""Rules about unicast peers and the addresses that adverts come from (KA31x and KA32x)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.diagnostics.finding import Finding, Severity
from hatlab.keepalived.diagnose.conf import Configuration, finding, list_entries
from hatlab.keepalived.diagnose.pair.partners import Partner
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.settings import InstanceSettings

_UNICAST = ("unicast_peer", "unicast_src_ip", "check_unicast_src", "old_unicast_checksum")


def peer_rules(conf: Configuration, partners: dict[str, list[Partner]]) -> Iterator[Finding]:
    for block, ours in conf.members:
        others = partners[ours.instance]
        yield from _different_groups(conf, block, ours, others)
        same = list(_same_source(block, ours, others))
        yield from same
        if same:
            continue  # whom it lists cannot be judged by that
        if ours.unicast_peers:
            yield from _listed(conf, block, ours, others)
        else:
            yield from _without_peers(block, ours, others)


def _different_groups(
    conf: Configuration, block: Statement, ours: InstanceSettings, others: Sequence[Partner]
) -> Iterator[Finding]:
    """Multicast groups that differ: nobody listens where the other sends."""
    own = ours.adverts.group
    for other in others:
        theirs = other.settings.adverts.group
        multicast = not ours.unicast_peers and not other.settings.unicast_peers
        if multicast and own != theirs and ours.family == other.settings.family:
            keyword = f"vrrp_mcast_group{ours.family}"
            at = block.last("mcast_dst_ip") or conf.global_setting(keyword) or block
            yield finding("KA325", at, f"adverts go to {own} here, but to {theirs} in {other.conf.name}")


def _without_peers(block: Statement, ours: InstanceSettings, others: Sequence[Partner]) -> Iterator[Finding]:
    """Words about unicast and no peer; or peers in the other files alone."""
    at = next((statement for word in _UNICAST if (statement := block.last(word))), None)
    theirs = next((other for other in others if other.settings.unicast_peers), None)
    if at is not None:
        empty = at.keyword == "unicast_peer"
        what = "an empty unicast_peer" if empty else f"`{at.keyword}` and no unicast_peer"
        harmless = not theirs and not empty
        heard = f", and {theirs.conf.name} sends unicast" if theirs else ""
        effect = ""
        if ours.adverts.fault_without_peers:
            effect = (
                "with unicast_fault_no_peer keepalived says “Cannot use unicast without any peers” "
                "and goes to FAULT"
            )
        severity: Severity | None = "warning" if harmless else None
        reported = not ours.adverts.fault_without_peers
        yield finding("KA321", at, f"{what}{heard}", effect=effect, severity=severity, reported=reported)
    elif theirs:
        at = block.last("interface") or block
        yield finding("KA310", at, f"multicast here, but unicast in {theirs.conf.name}")


def _listed(
    conf: Configuration, block: Statement, ours: InstanceSettings, others: Sequence[Partner]
) -> Iterator[Finding]:
    at = block.last("unicast_peer") or block
    entries = {entry.keyword: entry for entry in list_entries(block, "unicast_peer")}
    listed = set(ours.unicast_peers)
    multicast = next((other for other in others if not other.settings.unicast_peers), None)
    if multicast and not _mentions_unicast(multicast):
        yield finding("KA310", at, f"unicast here, but multicast in {multicast.conf.name}")
    own = {ours.adverts.source, *conf.addresses} & listed
    for address in sorted(own):
        yield finding("KA320", entries.get(address, at), f"{address} is this node's own address")
    for address in sorted(listed & {vip.address for vip in ours.virtual_addresses}):
        yield finding("KA322", entries.get(address, at), f"{address} is the virtual address itself")
    sources = {other.settings.adverts.source: other for other in others if other.settings.unicast_peers}
    for source in sorted(sources.keys() - listed - {""}):
        name = sources[source].conf.name
        yield finding("KA311", at, f"{name} sends from {source}, which is not in the list here")
    strangers = listed - sources.keys() - own - {vip.address for vip in ours.virtual_addresses}
    if others and not multicast and "" not in sources and listed >= sources.keys():
        for address in sorted(strangers):
            message = f"{address} is not the address of any member in these files"
            yield finding("KA322", entries.get(address, at), message, severity="note")
    if others and not own and not ours.adverts.source and not multicast:
        if all(set(other.settings.unicast_peers) == listed for other in others):
            yield from _one_list_for_all(at, listed, others)
        elif len(listed) < len(others) and sources.keys() <= {*listed, ""}:
            message = f"{len(listed)} peers here, but {len(others)} other members: someone gets no adverts"
            yield finding("KA323", at, message)


def _mentions_unicast(partner: Partner) -> bool:
    return any(partner.member[0].last(word) for word in _UNICAST)


def _one_list_for_all(at: Statement, listed: set[str], others: Sequence[Partner]) -> Iterator[Finding]:
    """The same list in every file: each node's own address is in it, or a node is missing."""
    name = others[0].conf.name
    if len(listed) > len(others):
        yield finding(
            "KA320", at, f"the list is the same here and in {name}, so it contains this node's own address"
        )
    else:
        nodes = len(others) + 1
        message = (
            f"the same {len(listed)} of {nodes} nodes are listed here and in {name}: someone gets no adverts"
        )
        yield finding("KA323", at, message)


def _same_source(block: Statement, ours: InstanceSettings, others: Sequence[Partner]) -> Iterator[Finding]:
    source = ours.adverts.source
    severity: Severity = "error" if ours.unicast_peers else "warning"
    effect = (
        "" if ours.unicast_peers else "members of the same priority take each other's adverts for their own"
    )
    sources = [s for s in block.body or () if s.keyword in {"unicast_src_ip", "mcast_src_ip"}]
    at = sources[-1] if sources else block  # the last of them counts
    same = next((other for other in others if source and other.settings.adverts.source == source), None)
    if same:
        yield finding(
            "KA324",
            at,
            f"{source} is used here and in {same.conf.name}",
            word=1,
            effect=effect,
            severity=severity,
        )
    elif source and source in {vip.address for vip in ours.virtual_addresses}:
        message = f"{source} is the virtual address itself"
        yield finding("KA324", at, message, word=1, effect=effect, severity=severity)
