"""The keywords of each block of keepalived.conf, and their values: 2.3.4 with every build option.

A path names a block: its keyword, behind that of the block around it (`vrrp_instance/authentication`), empty
for the top level. To add a keyword, write it into its block; to have its value checked, give it a range.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CHECKER = """
    connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark retry delay_before_retry warmup
    delay_loop alpha log_all_failures
"""
_HTTP_CHECKER = f"""
    {_CHECKER}
    nb_get_retry virtualhost http_protocol enable_sni fast_recovery tls_compliant url
"""
_URL = """
    path digest status_code virtualhost regex regex_no_match regex_options regex_min_offset regex_max_offset
    regex_stack tls_compliant
"""
_BLOCKS = {
    "": """
        global_defs track_group vrrp_sync_group garp_group vrrp_instance vrrp_script vrrp_track_process
        virtual_server track_file vrrp_track_file bfd_instance SSL static_ipaddress static_routes
        static_rules linkbeat_interfaces interface_up_down_delays virtual_server_group linkbeat_use_polling
        net_namespace net_namespace_ipvs namespace_with_ipsets use_pid_dir instance child_wait_time include
        includer includem includew includeb includea
    """,
    "global_defs": """
        process_names process_name vrrp_process_name checker_process_name lvs_process_name bfd_process_name
        use_symlink_paths router_id notification_email_from smtp_server smtp_helo_name smtp_connect_timeout
        notification_email smtp_alert startup_script startup_script_timeout shutdown_script
        shutdown_script_timeout max_auto_priority min_auto_priority_delay smtp_alert_vrrp smtp_alert_checker
        checker_log_all_failures dynamic_interfaces no_email_faults default_interface disable_local_igmp
        v3_checksum_as_v2 lvs_timeouts lvs_flush lvs_flush_on_stop lvs_flush_onstop lvs_sync_daemon
        vrrp_mcast_group4 vrrp_mcast_group6 vrrp_garp_master_delay vrrp_garp_master_repeat
        vrrp_garp_master_refresh vrrp_garp_master_refresh_repeat vrrp_garp_lower_prio_delay
        vrrp_garp_lower_prio_repeat vrrp_down_timer_adverts vrrp_garp_interval vrrp_gna_interval
        vrrp_min_garp vrrp_garp_extra_if vrrp_vmac_garp_intvl vrrp_lower_prio_no_advert
        vrrp_higher_prio_send_advert vrrp_version vrrp_iptables vrrp_ipsets nftables nftables_priority
        nftables_ifindex vrrp_check_unicast_src vrrp_skip_check_adv_addr vrrp_strict vrrp_priority
        vrrp_no_swap vrrp_rt_priority vrrp_cpu_affinity vrrp_rlimit_rttime vrrp_rlimit_rtime nftables_ipvs
        nftables_ipvs_priority nftables_ipvs_start_fwmark nftables_counters notify_fifo notify_fifo_script
        vrrp_notify_fifo vrrp_notify_fifo_script vrrp_notify_priority_changes
        fifo_write_vrrp_states_on_reload lvs_notify_fifo lvs_notify_fifo_script checker_priority
        checker_no_swap checker_rt_priority checker_cpu_affinity checker_rlimit_rttime checker_rlimit_rtime
        bfd_priority bfd_no_swap bfd_rt_priority bfd_cpu_affinity bfd_rlimit_rttime bfd_rlimit_rtime
        snmp_socket enable_traps enable_snmp_vrrp enable_snmp_keepalived enable_snmp_rfc enable_snmp_rfcv2
        enable_snmp_rfcv3 enable_snmp_checker snmp_vs_stats_update_interval snmp_rs_stats_update_interval
        enable_dbus dbus_service_name dbus_no_interface_name script_user enable_script_security
        vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force vrrp_netlink_monitor_rcv_bufs
        vrrp_netlink_monitor_rcv_bufs_force process_monitor_rcv_bufs process_monitor_rcv_bufs_force
        lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force lvs_netlink_monitor_rcv_bufs
        lvs_netlink_monitor_rcv_bufs_force rs_init_notifies no_checker_emails vrrp_rx_bufs_policy
        vrrp_rx_bufs_multiplier vrrp_startup_delay log_unknown_vrids vrrp_owner_ignore_adverts vmac_prefix
        vmac_addr_prefix umask random_seed reload_check_config reload_time_file reload_repeat reload_file
        include_check config_save_dir tmp_config_directory data_use_instance json_version iproute_usr_dir
        iproute_etc_dir state_dump_file stats_dump_file json_dump_file
    """,
    "track_group": "group",
    "vrrp_sync_group": """
        group track_interface track_script track_file track_process track_bfd notify_backup notify_master
        notify_fault notify_stop notify smtp_alert global_tracking sync_group_tracking_weight
        notify_priority_changes
    """,
    "garp_group": "garp_interval gna_interval interface interfaces",
    "vrrp_instance": """
        use_vmac use_vmac_addr vmac_xmit_base use_ipvlan unicast_peer unicast_fault_no_peer check_unicast_src
        old_unicast_checksum native_ipv6 state interface vrf dont_track_primary track_interface track_script
        track_file track_process track_bfd mcast_src_ip unicast_src_ip mcast_dst_ip track_src_ip
        virtual_router_id unicast_ttl version priority advert_int virtual_ipaddress
        virtual_ipaddress_excluded no_virtual_ipaddress promote_secondaries linkbeat_use_polling
        v3_checksum_as_v2 virtual_routes virtual_rules accept no_accept skip_check_adv_addr strict_mode
        preempt nopreempt preempt_delay debug notify_backup notify_master notify_fault notify_stop
        notify_deleted notify notify_master_rx_lower_pri smtp_alert notify_priority_changes
        lvs_sync_daemon_interface garp_master_delay garp_master_refresh garp_master_repeat
        garp_master_refresh_repeat garp_lower_prio_delay garp_lower_prio_repeat down_timer_adverts
        timer_expired_backup thread_timer_expired garp_extra_if vmac_garp_intvl lower_prio_no_advert
        higher_prio_send_advert owner_ignore_adverts kernel_rx_buf_size authentication
    """,
    "vrrp_script": "script interval timeout weight rise fall user init_fail",
    "vrrp_track_process": """
        process param_match weight quorum quorum_max delay terminate_delay fork_delay full_command
    """,
    "virtual_server": """
        ip_family retry delay_before_retry warmup connect_timeout delay_loop inhibit_on_failure lb_algo
        lvs_sched hashed ops flag-1 flag-2 flag-3 sh-port sh-fallback mh-port mh-fallback lb_kind lvs_method
        persistence_engine persistence_timeout persistence_granularity protocol ha_suspend smtp_alert
        virtualhost snmp_name alpha omega quorum_up quorum_down quorum hysteresis weight sorry_server
        sorry_server_inhibit sorry_server_lvs_method real_server
    """,
    "virtual_server/real_server": """
        weight lvs_method uthreshold lthreshold inhibit_on_failure notify_up notify_down alpha retry
        delay_before_retry warmup connect_timeout delay_loop smtp_alert virtualhost snmp_name TCP_CHECK
        HTTP_GET SSL_GET SMTP_CHECK DNS_CHECK MISC_CHECK UDP_CHECK PING_CHECK FILE_CHECK BFD_CHECK
    """,
    "vrrp_instance/authentication": "auth_type auth_pass",
    "track_file": "file weight init_file",
    "vrrp_track_file": "file weight init_file",
    "bfd_instance": """
        source_ip neighbor_ip neighbour_ip min_rx min_tx idle_tx multiplier passive ttl hoplimit max_hops
        multihop vrrp checker
    """,
    "SSL": "password ca certificate key",
    "real_server/TCP_CHECK": _CHECKER,
    "real_server/HTTP_GET": _HTTP_CHECKER,
    "real_server/SSL_GET": _HTTP_CHECKER,
    "real_server/SMTP_CHECK": f"{_CHECKER} helo_name host",
    "real_server/DNS_CHECK": f"{_CHECKER} type name",
    "real_server/MISC_CHECK": f"{_CHECKER} misc_path misc_timeout misc_dynamic user",
    "real_server/UDP_CHECK": f"{_CHECKER} payload require_reply min_reply_length max_reply_length",
    "real_server/PING_CHECK": _CHECKER,
    "real_server/FILE_CHECK": "track_file weight",
    "real_server/BFD_CHECK": "name alpha",
    "HTTP_GET/url": _URL,
    "SSL_GET/url": _URL,
    "SMTP_CHECK/host": _CHECKER,
}

_LISTS = _words("""
    static_ipaddress static_routes static_rules linkbeat_interfaces interface_up_down_delays
    virtual_server_group track_group/group garp_group/interfaces global_defs/notification_email
    vrrp_sync_group/group vrrp_sync_group/track_interface vrrp_sync_group/track_script
    vrrp_sync_group/track_file vrrp_sync_group/track_process vrrp_sync_group/track_bfd
    vrrp_instance/unicast_peer vrrp_instance/track_interface vrrp_instance/track_script
    vrrp_instance/track_file vrrp_instance/track_process vrrp_instance/track_bfd
    vrrp_instance/virtual_ipaddress vrrp_instance/virtual_ipaddress_excluded vrrp_instance/virtual_routes
    vrrp_instance/virtual_rules
""")

KEYWORDS: Mapping[str, frozenset[str]] = {path: _words(text) for path, text in _BLOCKS.items()}
"""Path of a block → the keywords in it; none for a list block, which holds values, one a line."""

OUTDATED = {
    "nb_get_retry": "retry",
    "vrrp_track_file": "track_file",
    "vmac_garp_intvl": "garp_extra_if",
    "vrrp_vmac_garp_intvl": "vrrp_garp_extra_if",
    "lvs_process_name": "checker_process_name",
    "lvs_flush_onstop": "lvs_flush_on_stop",
    "enable_snmp_keepalived": "enable_snmp_vrrp",
    "thread_timer_expired": "timer_expired_backup",
}
"""Old name → new name."""

COMMANDS = _words("""
    script misc_path startup_script shutdown_script notify notify_master notify_backup notify_fault
    notify_stop notify_deleted notify_up notify_down notify_master_rx_lower_pri notify_fifo_script
    vrrp_notify_fifo_script lvs_notify_fifo_script quorum_up quorum_down
""")
"""Keywords whose values are a program and its arguments."""

SINGLE = _words("""
    state interface virtual_router_id priority advert_int version interval timeout fall rise weight auth_type
    auth_pass delay_loop connect_port connect_timeout retry delay_before_retry router_id script_user
""")
"""Keywords that make sense once in a block: the last one counts."""


class Range(NamedTuple):
    """The numbers that a keyword's value may be."""

    least: float
    most: float
    whole: bool = True

    def allows(self, word: str) -> bool:
        """True if the word is such a number."""
        number = _WHOLE if self.whole else _DECIMAL
        return bool(number.fullmatch(word)) and self.least <= float(word) <= self.most

    def __str__(self) -> str:
        """`a whole number from 1 to 255`."""
        kind = "a whole number" if self.whole else "a number"
        if self.most < 100_000:
            return f"{kind} from {self.least:g} to {self.most:g}"
        return f"{kind} of at least {self.least:g}"


_WHOLE = re.compile(r"[+-]?[0-9]{1,10}")
_DECIMAL = re.compile(r"[0-9]{1,10}(\.[0-9]*)?")
_SECONDS = Range(0, 4_000, whole=False)
_CHECKER_RANGES = {
    "connect_port": Range(1, 65535),
    "connect_timeout": _SECONDS,
    "delay_loop": _SECONDS,
    "delay_before_retry": _SECONDS,
    "retry": Range(0, 4294967295),
    "warmup": _SECONDS,
}
RANGES: Mapping[str, Mapping[str, Range]] = {
    "vrrp_instance": {
        "virtual_router_id": Range(1, 255),
        "priority": Range(1, 255),
        "advert_int": Range(0.01, 255, whole=False),
        "version": Range(2, 3),
        "preempt_delay": Range(0, 1000, whole=False),
        "unicast_ttl": Range(0, 255),
        "down_timer_adverts": Range(1, 100),
    },
    "vrrp_script": {
        "interval": Range(0.001, 4294, whole=False),
        "timeout": Range(0.001, 4294, whole=False),
        "weight": Range(-253, 253),
        "fall": Range(1, 2147483647),
        "rise": Range(1, 2147483647),
    },
    "global_defs": {"vrrp_version": Range(2, 3), "vrrp_startup_delay": Range(0, 4294, whole=False)},
    "virtual_server": _CHECKER_RANGES,
    "virtual_server/real_server": _CHECKER_RANGES | {"weight": Range(0, 65535)},
    "SMTP_CHECK/host": _CHECKER_RANGES,
    **{path: _CHECKER_RANGES for path in KEYWORDS if path.startswith("real_server/")},
}
"""Path of a block → keyword → the numbers that its value may be."""


def block_path(outer: str, keyword: str) -> str:
    """The path of a block, from that of the block around it and its own keyword."""
    return f"{outer.rpartition('/')[2]}/{keyword}" if outer else keyword


def has_block(path: str) -> bool:
    """True if a `{` must follow."""
    return path in KEYWORDS or path in _LISTS


def is_list(path: str) -> bool:
    """True if the block holds values, one a line, instead of settings."""
    return path in _LISTS


def blocks_of(keyword: str) -> list[str]:
    """The keywords of the blocks in which a keyword belongs, `the top level` for none."""
    blocks = (path.rpartition("/")[2] for path, words in KEYWORDS.items() if keyword in words)
    return list(dict.fromkeys(block or "the top level" for block in blocks))
