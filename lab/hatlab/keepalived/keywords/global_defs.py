"""The keywords of global_defs, and those that stand outside every block."""

from __future__ import annotations

from hatlab.keepalived.keywords.effects import MACHINE, NAMES, Block

_MAIL = "no mail server runs there, and no state depends on mail"
_SNMP = "neither an SNMP agent nor D-Bus runs there"
_IPVS = "it is about IPVS, which a lab does not have"
_NO_RELOAD = "the simulator reloads when it is told to, and at once"

GLOBAL_DEFS = Block(
    modelled="""
        script_user enable_script_security vrrp_version vrrp_startup_delay vrrp_strict vmac_prefix
        vrrp_mcast_group4 vrrp_mcast_group6 vrrp_check_unicast_src vrrp_skip_check_adv_addr v3_checksum_as_v2
        log_unknown_vrids vrrp_lower_prio_no_advert vrrp_higher_prio_send_advert vrrp_owner_ignore_adverts
        vrrp_down_timer_adverts vrrp_garp_master_delay vrrp_garp_master_repeat vrrp_garp_master_refresh
        vrrp_garp_master_refresh_repeat vrrp_garp_lower_prio_delay vrrp_garp_lower_prio_repeat
        vrrp_garp_interval vrrp_gna_interval vrrp_min_garp vrrp_notify_fifo vrrp_notify_priority_changes
        vrrp_iptables vrrp_ipsets
    """,
    without_effect={
        NAMES: """
            router_id process_names process_name vrrp_process_name checker_process_name lvs_process_name
            bfd_process_name use_symlink_paths data_use_instance json_version state_dump_file stats_dump_file
            json_dump_file config_save_dir tmp_config_directory iproute_usr_dir iproute_etc_dir umask
            random_seed include_check fifo_write_vrrp_states_on_reload
        """,
        _MAIL: """
            notification_email notification_email_from smtp_server smtp_helo_name smtp_connect_timeout
            smtp_alert smtp_alert_vrrp smtp_alert_checker no_email_faults no_checker_emails
        """,
        _SNMP: """
            snmp_socket enable_traps enable_snmp_vrrp enable_snmp_keepalived enable_snmp_rfc enable_snmp_rfcv2
            enable_snmp_rfcv3 enable_snmp_checker snmp_vs_stats_update_interval snmp_rs_stats_update_interval
            enable_dbus dbus_service_name dbus_no_interface_name
        """,
        MACHINE: """
            max_auto_priority min_auto_priority_delay vrrp_priority vrrp_no_swap vrrp_rt_priority
            vrrp_cpu_affinity vrrp_rlimit_rttime vrrp_rlimit_rtime checker_priority checker_no_swap
            checker_rt_priority checker_cpu_affinity checker_rlimit_rttime checker_rlimit_rtime bfd_priority
            bfd_no_swap bfd_rt_priority bfd_cpu_affinity bfd_rlimit_rttime bfd_rlimit_rtime
            vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force vrrp_netlink_monitor_rcv_bufs
            vrrp_netlink_monitor_rcv_bufs_force process_monitor_rcv_bufs process_monitor_rcv_bufs_force
            vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier
        """,
        _IPVS: """
            checker_log_all_failures lvs_timeouts lvs_flush lvs_flush_on_stop lvs_flush_onstop lvs_sync_daemon
            lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force lvs_netlink_monitor_rcv_bufs
            lvs_netlink_monitor_rcv_bufs_force lvs_notify_fifo lvs_notify_fifo_script rs_init_notifies
            nftables_ipvs nftables_ipvs_priority nftables_ipvs_start_fwmark
        """,
        "only static addresses get their interface from it": "default_interface",
        "keepalived's own table looks different but drops the same packets": """
            nftables nftables_priority nftables_ifindex nftables_counters
        """,
    },
    not_modelled={
        "an interface that is missing at the start ends the daemon": "dynamic_interfaces",
        "groups are joined as usual": "disable_local_igmp",
        "announcements go out on one interface": "vrrp_garp_extra_if vrrp_vmac_garp_intvl",
        "addresses of other families have no virtual MAC": "vmac_addr_prefix",
        "only vrrp_notify_fifo is read": "notify_fifo",
        "no program reads the FIFO": "notify_fifo_script vrrp_notify_fifo_script",
        "it does not run": """
            startup_script startup_script_timeout shutdown_script shutdown_script_timeout
        """,
        _NO_RELOAD: "reload_check_config reload_time_file reload_repeat reload_file",
    },
)

TOP_LEVEL = Block(
    modelled="""
        global_defs vrrp_sync_group vrrp_instance vrrp_script include includer includem includew includeb
        includea virtual_server track_file vrrp_track_file vrrp_track_process garp_group
    """,
    without_effect={
        NAMES: "use_pid_dir instance child_wait_time",
        _IPVS: "virtual_server_group SSL net_namespace_ipvs namespace_with_ipsets",
    },
    not_modelled={
        "these addresses, routes and rules are not set": """
            static_ipaddress static_routes static_rules track_group
        """,
        "nobody tracks it": "bfd_instance",
        "a link is down at once when it is down": """
            linkbeat_interfaces linkbeat_use_polling interface_up_down_delays
        """,
        "each node is a network of its own already": "net_namespace",
    },
)
