"""What to look for where the members' files agree, and two nodes are MASTER all the same (KA331)."""

from __future__ import annotations

from collections.abc import Sequence

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, finding
from hatlab.keepalived.diagnose.pair.partners import partners_of


def agreement_note(members: Sequence[Configuration]) -> Finding | None:
    """The note about the network, at the first member's first instance; None where it has no partner.

    To be asked for where nothing is wrong with the files themselves.
    """
    first, *others = members
    for block, ours in first.members:
        if not partners_of(first, ours, others):
            continue
        protocol = 51 if ours.auth_type == "AH" else 112
        device = ours.interface or "any"
        group = "" if ours.unicast_peers else f" to {ours.adverts.group}"
        multicast = (
            "" if group == "" else "; switches and bridges with IGMP snooping may not forward them either"
        )
        effect = (
            f"adverts are IP protocol {protocol}{group}: firewalls (firewalld, nftables, a cloud's security "
            f"groups and ACLs) and hypervisors can drop them even if ping works{multicast}"
        )
        cure = (
            f"`tcpdump -ni {device} proto {protocol}` on both nodes must show the other's adverts; "
            f"if not, let "
            f"""them in, such as `firewall-cmd --add-rich-rule='rule protocol value="{protocol}" accept'`"""
        )
        message = "these files agree; if two nodes are MASTER at once, look at the network between them"
        return finding("KA331", block, message, effect=effect, cure=cure)
    return None
