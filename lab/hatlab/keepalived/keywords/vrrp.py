"""The keywords of vrrp_instance, vrrp_sync_group and vrrp_script, and the words in their lists' lines."""

from __future__ import annotations

from hatlab.keepalived.keywords.effects import LOOKS, MACHINE, Block, lines

_NO_MAIL = "no mail server runs there, and no state depends on mail"
_OWN_MAC = "adverts and addresses are on the interface itself, with its own MAC"
_NO_ROUTES = "no route or rule is set"
_ROUTE_WORDS = """
    inet inet6 src as to via gw from tos dsfield table protocol scope metric priority preference dev oif
    onlink encap expires mtu hoplimit advmss rtt rttvar reordering window cwnd ssthresh realms rto_min
    initcwnd initrwnd features quickack congctl pref ttl-propagate fastopen_no_cookie add prepend append or
    nexthop no_track vrf
"""
_RULE_WORDS = """
    inet inet6 from to table lookup not preference order priority tos dsfield fwmark realms
    suppress_prefixlength sup_pl suppress_ifgroup sup_group dev iif oif tunnel-id uidrange l3mdev protocol
    ipproto sport dport no_track type goto nop
"""
_ADDRESS_LOOKS = {
    LOOKS: """
        scope broadcast brd label -nodad mngtmpaddr noprefixroute autojoin preferred_lft home peer
    """,
}

VRRP_INSTANCE = Block(
    modelled="""
        state interface virtual_router_id version priority advert_int preempt nopreempt preempt_delay
        use_vmac vmac_xmit_base authentication strict_mode accept no_accept
        virtual_ipaddress virtual_ipaddress_excluded no_virtual_ipaddress native_ipv6
        mcast_src_ip mcast_dst_ip unicast_src_ip unicast_peer unicast_ttl unicast_fault_no_peer
        check_unicast_src skip_check_adv_addr old_unicast_checksum v3_checksum_as_v2
        dont_track_primary track_interface track_script track_file track_process
        down_timer_adverts timer_expired_backup thread_timer_expired
        lower_prio_no_advert higher_prio_send_advert owner_ignore_adverts
        notify notify_backup notify_master notify_fault notify_stop notify_deleted notify_master_rx_lower_pri
        notify_priority_changes
        garp_master_delay garp_master_refresh garp_master_repeat garp_master_refresh_repeat
        garp_lower_prio_delay garp_lower_prio_repeat
    """,
    without_effect={
        _NO_MAIL: "smtp_alert",
        "it is about IPVS, which a lab does not have": "lvs_sync_daemon_interface",
        MACHINE: "debug kernel_rx_buf_size",
        "the addresses of one list go and come together": "promote_secondaries",
        "nothing takes a node's own addresses away": "track_src_ip",
    },
    not_modelled={
        _OWN_MAC: "use_vmac_addr use_ipvlan",
        "announcements go out on one interface": "garp_extra_if vmac_garp_intvl",
        "the interface's own network is used": "vrf",
        "nobody tracks it": "track_bfd",
        _NO_ROUTES: "virtual_routes virtual_rules",
        "a link is down at once when it is down": "linkbeat_use_polling",
    },
)
AUTHENTICATION = Block(modelled="auth_type auth_pass")
SYNC_GROUP = Block(
    modelled="""
        group track_interface track_script track_file track_process global_tracking
        sync_group_tracking_weight
        notify notify_backup notify_master notify_fault notify_stop notify_priority_changes
    """,
    without_effect={_NO_MAIL: "smtp_alert"},
    not_modelled={"nobody tracks it": "track_bfd"},
)
VRRP_SCRIPT = Block(
    modelled="script interval timeout weight rise fall user",
    without_effect={"keepalived 2.3.4 forgets it when a track_script names the check": "init_fail"},
)

ADDRESSES = lines("dev no_track", without_effect=_ADDRESS_LOOKS, not_modelled={_OWN_MAC: "use_vmac"})
STATIC_ADDRESSES = lines(
    not_modelled={
        "these addresses are not set": """
    dev no_track track_group scope broadcast brd label -nodad mngtmpaddr noprefixroute autojoin preferred_lft
    home peer
"""
    }
)
ROUTES = lines(not_modelled={_NO_ROUTES: _ROUTE_WORDS})
STATIC_ROUTES = lines(not_modelled={_NO_ROUTES: f"{_ROUTE_WORDS} track_group"})
RULES = lines(not_modelled={_NO_ROUTES: _RULE_WORDS})
STATIC_RULES = lines(not_modelled={_NO_ROUTES: f"{_RULE_WORDS} track_group"})
PEERS = lines("min_ttl max_ttl")
TRACK_SCRIPT = lines("weight reverse noreverse")
TRACK_INTERFACE = lines("weight reverse")
TRACK_OTHER = lines("weight reverse noreverse")
