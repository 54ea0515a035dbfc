"""Keywords that have something in common: renamed, naming a program, or of use only once."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OUTDATED = {
    "nb_get_retry": "retry",
    "vrrp_track_file": "track_file",
    "vmac_garp_intvl": "garp_extra_if",
    "vrrp_vmac_garp_intvl": "vrrp_garp_extra_if",
    "lvs_process_name": "checker_process_name",
    "lvs_flush_onstop": "lvs_flush_on_stop",
    "enable_snmp_keepalived": "enable_snmp_vrrp",
    "thread_timer_expired": "timer_expired_backup",
    "global_tracking": "sync_group_tracking_weight",
    "linkbeat_use_polling": "linkbeat_interfaces",
    "lvs_sync_daemon_interface": "lvs_sync_daemon",
    "vrrp_iptables": "nftables",
    "vrrp_ipsets": "nftables",
}
"""Old name → new name."""
RENAMED_ELSEWHERE = {"linkbeat_use_polling": ("",)}
"""Old name → the paths of blocks in which it is not outdated."""
DEPRECATED = _words("""
    vmac_garp_intvl vrrp_vmac_garp_intvl thread_timer_expired global_tracking linkbeat_use_polling
    lvs_sync_daemon_interface vrrp_iptables vrrp_ipsets nb_get_retry
""")
"""Outdated keywords of which keepalived complains."""
WEIGHED_ONCE = ("track_file", "vrrp_track_file", "vrrp_track_process")
"""Blocks in which a second weight is ignored."""

COMMANDS = _words("""
    script misc_path startup_script shutdown_script notify notify_master notify_backup notify_fault
    notify_stop notify_deleted notify_up notify_down notify_master_rx_lower_pri notify_fifo_script
    vrrp_notify_fifo_script lvs_notify_fifo_script quorum_up quorum_down
""")
"""Keywords whose values are a program and its arguments."""

SINGLE = _words("""
    state interface virtual_router_id priority advert_int interval timeout fall rise weight auth_type
    auth_pass delay_loop connect_port connect_timeout retry delay_before_retry router_id script_user
""")
"""Keywords that make sense once in a block: the last one counts."""

FIRST_COUNTS = _words("""
    notify notify_master notify_backup notify_fault notify_stop notify_deleted notify_master_rx_lower_pri
    notify_fifo notify_fifo_script vrrp_notify_fifo vrrp_notify_fifo_script startup_script shutdown_script
    nftables vrrp_iptables use_ipvlan file process lvs_sync_daemon
""")
"""Keywords that keepalived takes once in a block: it ignores a second one, with a complaint."""
