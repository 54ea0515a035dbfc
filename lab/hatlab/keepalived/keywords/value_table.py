"""The values of keywords, block by block, with keepalived's own ranges (2.3.4: vrrp_parser.c and others)."""

from __future__ import annotations

from collections.abc import Mapping

from hatlab.keepalived.keywords.values import Address, Name, Range, Value, VmacName, Words, switch
from hatlab.keepalived.keywords.virtual_servers import VIRTUAL_SERVERS

_UNSIGNED = 4_294_967_295
_SIGNED = 2_147_483_647
_SECONDS = 4_294
"""The most that fit when they are counted in microseconds."""
_REVERSE = Words(("reverse",))
INTERFACE = Name(15)
"""The kernel's limit (IFNAMSIZ)."""

_CHECKER = {
    "connect_port": Range(1, 65535),
    "connect_timeout": Range(0, 4_000, whole=False),
    "delay_loop": Range(0, 4_000, whole=False),
    "delay_before_retry": Range(0, 4_000, whole=False),
    "retry": Range(0, _UNSIGNED),
    "warmup": Range(0, 4_000, whole=False),
}
_SCHEDULER = Words(
    ("rr", "wrr", "lc", "wlc", "lblc", "sh", "mh", "dh", "fo", "ovf", "lblcr", "sed", "nq", "twos")
)
_FORWARDING = Words(("NAT", "DR", "TUN"))
_VRRP_INSTANCE: Mapping[str, Value] = {
    "interface": INTERFACE,
    "virtual_router_id": Range(1, 255, instead="none, and drops the instance"),
    "priority": Range(1, 255, instead="100"),
    "advert_int": Range(0.01, 255, whole=False, instead="1 s"),
    "version": Range(2, 3),
    "state": Value(),
    "preempt_delay": Range(0, 1000, whole=False, instead="0"),
    "unicast_ttl": Range(0, 255),
    "down_timer_adverts": Range(1, 100),
    "timer_expired_backup": Range(1, 254, optional=True),
    "debug": Range(0, 4),
    "kernel_rx_buf_size": Range(0, _UNSIGNED),
    "garp_master_delay": Range(0, _SECONDS),
    "garp_master_refresh": Range(0, _UNSIGNED, instead="0: no refresh"),
    "garp_master_repeat": Range(1, _UNSIGNED, instead="1 for 0, and ignores anything else"),
    "garp_master_refresh_repeat": Range(1, _UNSIGNED, instead="1 for 0, and ignores anything else"),
    "garp_lower_prio_delay": Range(0, _SECONDS),
    "garp_lower_prio_repeat": Range(0, _SIGNED),
    "garp_extra_if": Range(0, 86400, also=("all",)),
    "mcast_src_ip": Address(),
    "unicast_src_ip": Address(),
    "mcast_dst_ip": Address(multicast=True),
    "old_unicast_checksum": Words(("never",), optional=True),
    "vrf": INTERFACE,
    "use_vmac": VmacName(15, optional=True),
    **{
        keyword: switch()
        for keyword in (
            *("v3_checksum_as_v2", "skip_check_adv_addr", "strict_mode", "smtp_alert"),
            *("notify_priority_changes", "lower_prio_no_advert", "higher_prio_send_advert"),
            "owner_ignore_adverts",
        )
    },
    **{
        f"notify{what}": Value()
        for what in ("", "_backup", "_master", "_fault", "_stop", "_master_rx_lower_pri")
    },
}
_VRRP_SCRIPT: Mapping[str, Value] = {
    "interval": Range(0.001, _SECONDS, whole=False, places=3, instead="1 s"),
    "timeout": Range(0.001, _SECONDS, whole=False, places=3, instead="1 s for 0, else the interval"),
    "weight": Range(-253, 253, instead="it as it is", then=_REVERSE),
    "fall": Range(1, _SIGNED, instead="1"),
    "rise": Range(1, _SIGNED, instead="1"),
    "user": Name(),
}
_TRACK_PROCESS: Mapping[str, Value] = {
    "process": Value(),
    "param_match": Words(("initial", "partial"), optional=True),
    "weight": Range(-254, 254, instead="0", then=_REVERSE),
    "quorum": Range(1, 65535, instead="1"),
    "quorum_max": Range(0, 65535, instead="no limit"),
    **{
        keyword: Range(0.000001, 3600, whole=False, instead="0")
        for keyword in ("delay", "terminate_delay", "fork_delay")
    },
}
_TRACK_FILE: Mapping[str, Value] = {
    "file": Value(),
    "weight": Range(-254, 254, instead="1", then=_REVERSE),
    "init_file": Range(-254, 254, optional=True, also=("overwrite",)),
}
_BFD_INSTANCE: Mapping[str, Value] = {
    "neighbor_ip": Address(instead="nothing: the block is dropped"),
    "neighbour_ip": Address(instead="nothing: the block is dropped"),
    "source_ip": Address(),
    "min_rx": Range(1, 4_294_967, whole=False, places=3),
    "min_tx": Range(1, 4_294_967, whole=False, places=3),
    "idle_tx": Range(1000, 4_294_967, whole=False, places=3),
    "multiplier": Range(1, 255),
    "ttl": Range(1, 255),
    "hoplimit": Range(1, 255),
    "max_hops": Range(-1, 255),
    "multihop": switch(),
    "weight": Range(-253, 253, instead="0", then=_REVERSE),
}
_NICE = Range(-20, 19)
_BUFFER = Range(0, _UNSIGNED)
_GLOBAL_DEFS: Mapping[str, Value] = {
    "router_id": Value(),
    "notification_email_from": Value(),
    "smtp_server": Value(then=Range(1, 65535)),
    "smtp_connect_timeout": Range(1, _SECONDS, instead="1 s for 0, and ignores anything else"),
    "default_interface": Value(),
    "dynamic_interfaces": Words(("allow_if_changes",), optional=True),
    "script_user": Name(),
    "startup_script": Value(),
    "shutdown_script": Value(),
    "startup_script_timeout": Range(1, 1000),
    "shutdown_script_timeout": Range(1, 1000),
    "max_auto_priority": Range(-1, 99, optional=True),
    "min_auto_priority_delay": Range(1, 10_000_000),
    "vrrp_version": Range(2, 3, instead="2"),
    "vrrp_mcast_group4": Address(4, multicast=True),
    "vrrp_mcast_group6": Address(6, multicast=True, link_local=True, instead="any group"),
    "vrrp_startup_delay": Range(0.001, 4_294.967295, whole=False),
    "vrrp_down_timer_adverts": Range(1, 100),
    "vrrp_garp_master_delay": Range(0, _SECONDS),
    "vrrp_garp_master_repeat": Range(1, _UNSIGNED, instead="1 for 0, and ignores anything else"),
    "vrrp_garp_master_refresh": Range(0, _UNSIGNED, instead="0: no refresh"),
    "vrrp_garp_master_refresh_repeat": Range(1, _UNSIGNED, instead="1 for 0, and ignores anything else"),
    "vrrp_garp_lower_prio_delay": Range(0, _SECONDS),
    "vrrp_garp_lower_prio_repeat": Range(0, _SIGNED),
    "vrrp_garp_interval": Range(0.000001, 4_294.967295, whole=False, instead="0: one after the other"),
    "vrrp_gna_interval": Range(0.000001, 4_294.967295, whole=False, instead="0: one after the other"),
    "vrrp_garp_extra_if": Range(1, 86400, also=("all",)),
    "nftables_priority": Range(-_SIGNED - 1, _SIGNED),
    "nftables_ipvs_priority": Range(-_SIGNED - 1, _SIGNED),
    "nftables_ipvs_start_fwmark": Range(1, _UNSIGNED),
    "vrrp_rx_bufs_policy": Range(0, _UNSIGNED, also=("MTU", "ADVERT", "NO_SEND_RX", "no_send_rx")),
    "vrrp_rx_bufs_multiplier": Range(1, _UNSIGNED),
    "snmp_vs_stats_update_interval": Range(0.001, 30, whole=False),
    "snmp_rs_stats_update_interval": Range(0.001, 30, whole=False),
    "json_version": Range(1, 2),
    "random_seed": Range(0, _UNSIGNED),
    **{
        f"{process}process_name": Name(15, instead="its first 15 characters")
        for process in ("", "vrrp_", "checker_", "lvs_", "bfd_")
    },
    **{f"{process}_priority": _NICE for process in ("vrrp", "checker", "bfd")},
    **{
        f"{process}_rlimit_{what}": Range(1, _UNSIGNED)
        for process in ("vrrp", "checker", "bfd")
        for what in ("rttime", "rtime")
    },
    **{
        f"{what}_rcv_bufs{force}": switch() if force else _BUFFER
        for what in (
            *("vrrp_netlink_cmd", "vrrp_netlink_monitor", "process_monitor"),
            *("lvs_netlink_cmd", "lvs_netlink_monitor"),
        )
        for force in ("", "_force")
    },
    **{
        keyword: Value()
        for keyword in (
            *("notify_fifo", "notify_fifo_script", "vrrp_notify_fifo", "vrrp_notify_fifo_script"),
            *("lvs_notify_fifo", "lvs_notify_fifo_script", "snmp_socket", "dbus_service_name"),
            *("dbus_no_interface_name", "reload_time_file", "iproute_usr_dir", "iproute_etc_dir"),
            *("state_dump_file", "stats_dump_file", "json_dump_file"),
        )
    },
    **{
        keyword: switch()
        for keyword in (
            *("use_symlink_paths", "smtp_alert", "smtp_alert_vrrp", "smtp_alert_checker"),
            *("checker_log_all_failures", "vrrp_min_garp", "vrrp_lower_prio_no_advert"),
            *("vrrp_higher_prio_send_advert", "vrrp_skip_check_adv_addr", "vrrp_strict"),
            *("vrrp_notify_priority_changes", "vrrp_owner_ignore_adverts", "rs_init_notifies"),
            *("no_checker_emails", "data_use_instance"),
        )
    },
}

VALUES: Mapping[str, Mapping[str, Value]] = {
    "": {"child_wait_time": Range(0, _UNSIGNED)},
    "global_defs": _GLOBAL_DEFS,
    "vrrp_instance": _VRRP_INSTANCE,
    "vrrp_instance/authentication": {
        "auth_type": Words(("PASS", "AH"), instead="none: adverts carry no password"),
        "auth_pass": Value(),
    },
    "vrrp_sync_group": {"smtp_alert": switch(), "notify_priority_changes": switch()},
    "vrrp_script": _VRRP_SCRIPT,
    "vrrp_track_process": _TRACK_PROCESS,
    "track_file": _TRACK_FILE,
    "vrrp_track_file": _TRACK_FILE,
    "bfd_instance": _BFD_INSTANCE,
    "garp_group": {
        "garp_interval": Range(0, 4_294.967295, whole=False),
        "gna_interval": Range(0, 4_294.967295, whole=False),
        "interface": INTERFACE,
    },
    "virtual_server": _CHECKER
    | {
        "lb_algo": _SCHEDULER,
        "lvs_sched": _SCHEDULER,
        "lb_kind": _FORWARDING,
        "lvs_method": _FORWARDING,
        "protocol": Words(("TCP", "UDP", "SCTP")),
    },
    "virtual_server/real_server": _CHECKER | {"weight": Range(0, 65535)},
    "SMTP_CHECK/host": _CHECKER,
    **{path: _CHECKER for path in VIRTUAL_SERVERS if path.startswith("real_server/")},
}
"""Path of a block → keyword → what its value may be."""
