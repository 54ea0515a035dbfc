"""global_defs of a node."""

from __future__ import annotations

from tests.differential.generate.cluster import Cluster
from tests.differential.generate.dice import Dice, block

ODDS = {
    "vrrp_startup_delay {1|2|3.5}": 5,
    "vrrp_strict": 3,
    "vrrp_lower_prio_no_advert": 4,
    "vrrp_lower_prio_no_advert {true|false}": 2,
    "vrrp_higher_prio_send_advert": 5,
    "vrrp_garp_master_delay {0|1|2|3|10}": 8,
    "vrrp_garp_master_repeat {1|2|7}": 8,
    "vrrp_garp_master_refresh {2|3|5}": 6,
    "vrrp_garp_master_refresh_repeat {1|2|3}": 4,
    "vrrp_garp_lower_prio_delay {0|1|2}": 5,
    "vrrp_garp_lower_prio_repeat {0|1|3}": 5,
    "vrrp_down_timer_adverts {2|4}": 4,
    "vrrp_skip_check_adv_addr": 4,
    "vrrp_check_unicast_src": 4,
    "vrrp_owner_ignore_adverts": 2,
    "vrrp_min_garp": 2,
    "vrrp_iptables": 2,
    "router_id {one|two}": 20,
    "dynamic_interfaces": 2,
}
"""Line → in how many of a hundred nodes it stands."""


def global_defs(dice: Dice, cluster: Cluster) -> list[str]:
    """Return the block; most nodes have only what the bench itself needs."""
    lines = ["script_user root", "enable_script_security", "vrrp_notify_fifo /run/hatlab/notify.fifo"]
    if dice.chance(70):
        lines.append("vrrp_notify_priority_changes true")
    if cluster.version == 3:
        lines.append("vrrp_version 3")
    if cluster.group:
        lines.append(f"vrrp_mcast_group4 {cluster.group}")
    if dice.chance(50):
        lines += dice.lines(ODDS)
    return block("global_defs", lines)
