"""The keywords of what instances track, of garp_group and of what is static."""

from __future__ import annotations

from hatlab.keepalived.keywords.effects import Block, lines

TRACK_PROCESS = Block(
    modelled="process param_match weight quorum quorum_max delay terminate_delay full_command",
    without_effect={"no program of a lab divides itself while it runs": "fork_delay"},
)
TRACK_FILE = Block(modelled="file weight init_file")
BFD_INSTANCE = Block(
    not_modelled={
        "nobody tracks it": """
    source_ip neighbor_ip neighbour_ip min_rx min_tx idle_tx multiplier passive ttl hoplimit max_hops multihop
    weight vrrp checker
"""
    }
)
GARP_GROUP = Block(modelled="garp_interval gna_interval interface interfaces")
TRACK_GROUP = Block(not_modelled={"static addresses, routes and rules are not set": "group"})
LINKBEAT_INTERFACES = lines(not_modelled={"a link is down at once when it is down": "MII ETHTOOL IOCTL"})
