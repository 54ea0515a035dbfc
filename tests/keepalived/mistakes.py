"""Small configurations with one mistake or none each, most of them made from the table of keywords."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.keepalived.keywords import VALUES, Value
from hatlab.keepalived.keywords.values import Address, Name, Range, Words

INSTANCE = """\
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 150
    virtual_ipaddress {
        198.18.0.100/24
    }
}
"""
SECOND = INSTANCE.replace("VI_1", "VI_2").replace("51", "52").replace(".100", ".101")
SCRIPT = """\
global_defs {
    enable_script_security
}
vrrp_script chk {
    script "/usr/bin/true"
    interval 1
    user root
}
"""
FILE = "track_file f {\n    file /tmp/f\n}\n"
BFD = "bfd_instance b {\n    neighbor_ip 198.18.0.9\n}\n"
LIST = "    virtual_ipaddress {\n"
"""Where an instance's own settings end."""


def instance(lines: str, text: str = INSTANCE) -> str:
    """An instance with more lines before its addresses, `;` for a line's end."""
    more = "".join(f"    {line.strip()}\n" for line in lines.split(";"))
    return text.replace(LIST, more + LIST, 1)


def behind(lines: str) -> str:
    """And with more lines behind them."""
    more = "".join(f"    {line.strip()}\n" for line in lines.split(";"))
    return f"{INSTANCE[:-2]}{more}}}\n"


def globally(lines: str) -> str:
    more = "".join(f"    {line.strip()}\n" for line in lines.split(";"))
    return f"global_defs {{\n{more}}}\n{INSTANCE}"


def address(line: str) -> str:
    """An instance with another address."""
    return INSTANCE.replace("198.18.0.100/24", line.replace("; ", "\n        "))


def owner(text: str) -> str:
    return text.replace("priority 150", "priority 255")


def grouped(members: str, more: str = "", text: str = INSTANCE) -> str:
    """Two instances and a sync group."""
    names = "".join(f"        {name}\n" for name in members.split())
    return f"vrrp_sync_group G {{\n    group {{\n{names}    }}\n{more}}}\n{text}{SECOND}"


_AUTHENTICATION = "authentication {; auth_type PASS; auth_pass secret; %s; }"
BASES: dict[str, str] = {
    "": f"%s\n{INSTANCE}",
    "global_defs": globally("%s"),
    "vrrp_instance": instance("%s"),
    "vrrp_script": SCRIPT.replace("    user", "    %s\n    user") + instance("track_script {; chk; }"),
    "track_file": FILE.replace("}", "    %s\n}") + INSTANCE,
    "bfd_instance": BFD.replace("}", "    %s\n}") + INSTANCE,
    "garp_group": f"garp_group {{\n    interface eth0\n    gna_interval 1\n    %s\n}}\n{INSTANCE}",
    "vrrp_sync_group": grouped("VI_1 VI_2", "    %s\n"),
    "vrrp_instance/authentication": instance(_AUTHENTICATION),
}
"""Path of a block → a configuration with a place for one more line in it."""
_NEEDS_PEERS = {"unicast_src_ip", "old_unicast_checksum"}
"""Keywords of vrrp_instance that are wrong without unicast peers."""


def wrong_values() -> Iterator[str]:
    """A configuration for each way in which a value of the table can be wrong."""
    for text, keyword, value in _places():
        yield from (text.replace("%s", f"{keyword} {word}") for word in wrong_words(value))
        if not value.optional:
            yield text.replace("%s", keyword)


def right_values() -> Iterator[str]:
    """And for the least and the most that each may be."""
    for text, keyword, value in _places():
        if keyword not in _NEEDS_PEERS:
            yield from (text.replace("%s", f"{keyword} {word}") for word in right_words(value))


def _places() -> Iterator[tuple[str, str, Value]]:
    """A configuration without a keyword and with a place for it, the keyword, and what its value may be."""
    for path, base in BASES.items():
        for keyword, value in VALUES.get(path, {}).items():
            lines = base.splitlines(keepends=True)
            yield "".join(line for line in lines if line.split()[:1] != [keyword]), keyword, value


def wrong_words(value: Value) -> list[str]:
    match value:
        case Range():
            step = 1 if value.whole else 10**-value.places
            return [_number(value.least - step), _number(value.most + step), "x", "1x"]
        case Words():
            return ["nonsense"]
        case Address():
            return ["198.18.0.300", *(["198.18.0.9"] if value.multicast else [])]
        case Name():
            return ["n" * (value.longest + 1)] if value.longest < 255 else []
        case _:
            return []


def right_words(value: Value) -> list[str]:
    match value:
        case Range():
            return [_number(value.least), _number(value.most)]
        case Words():
            return list(value.choices)
        case Address():
            group = "224.0.0.99" if value.family != 6 else "ff02::99"
            return [group] if value.multicast else ["198.18.0.9"]
        case _:
            return []


def _number(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _each(table: str) -> list[str]:
    return [line.strip() for row in table.strip().splitlines() for line in row.split("|")]


PEER = "unicast_peer {; 198.18.0.9; }"
_PASS = "authentication {; auth_type PASS; auth_pass x; }"
_AH = _PASS.replace("PASS", "AH")
_STRICT = _each("""
    preempt_delay 5 | state MASTER | state BACKUP | down_timer_adverts 4 | accept | version 3; accept
    garp_lower_prio_repeat 1 | garp_lower_prio_delay 1 | lower_prio_no_advert false | higher_prio_send_advert
    no_virtual_ipaddress | use_vmac | use_vmac; vmac_xmit_base | owner_ignore_adverts
""")
INSTANCES = _each("""
    no_accept | strict_mode off; preempt_delay 5 | owner_ignore_adverts | use_vmac vrrp.51.far.too.long
    use_vmac vrrp.51 | vmac_xmit_base | use_vmac_addr | use_ipvlan | promote_secondaries
    use_vmac; promote_secondaries | unicast_ttl 5 | unicast_peer {; } | check_unicast_src
    unicast_fault_no_peer | timer_expired_backup | timer_expired_backup; nopreempt | nopreempt
    nopreempt; preempt_delay 5 | state MASTER; nopreempt | state MASTER; preempt_delay 5 | state MASTER
    state MASTER; state BACKUP | state BACKUP; state MASTER | state SLAVE | track_interface {; eth0; }
    track_interface {; lo weight 5 reverse; } | track_interface {; lo weight 5 noreverse; }
    track_interface {; lo weight 254; } | track_interface {; lo weight; } | track_interface {; lo down; }
    track_interface {; lo; lo; } | vrf eth0 | linkbeat_use_polling | lvs_sync_daemon_interface eth0
    native_ipv6 | authentication {; auth_type PASS; } | authentication {; } | authentication {; auth_pass x; }
    authentication { auth_type PASS auth_pass x } | version 3; advert_int 0.015 | version 3; advert_int 40.96
    version 3; advert_int 40.95 | version 3; advert_int .5 | advert_int 0.5 | advert_int 1. | advert_in 1
    version 3; version 2 | version 3; version 3 | priority 100 | priority "100" | priority $P
    virtual_ipaddress a {; 198.18.0.101; } | {; } | thread_timer_expired; nopreempt | vmac_garp_intvl 5
    garp_extra_if all 5 | mcast_src_ip fe80::2 | preempt; nopreempt | @x advert_int 1
    virtual_routes {; 192.168.9.0/24 via 198.18.0.1; } | virtual_routes {; 192.168.9.300/24 via 198.18.0.1; }
    virtual_routes {; default via 198.18.0.300; } | virtual_routes {; default gw 198.18.0.1; }
    | virtual_rules {; from 192.168.9.0/24 table 5; }
    virtual_rules {; from 192.168.9.0/24 table 5 preference 9; }
""")
_GLOBALS = _each("""
    notify_fifo /tmp/a; notify_fifo /tmp/b | router_id a; router_id b | priority 5 | foo
    vrrp_strict; vrrp_down_timer_adverts 4 | lvs_process_name x | vrrp_rlimit_rtime 5
    vrrp_vmac_garp_intvl 5 | notification_email {; } | notification_email {; a@b; }
    smtp_server 198.18.0.9 25 | smtp_server 198.18.0.9 99999 | vrrp_iptables | nftables
    nftables; nftables | vrrp_mcast_group6 ff05::12 | default_interface eth0
""")
_PEERS = _each("""
    198.18.0.9 | 198.18.0.300 | 198.18.0.9; 198.18.0.9 | fe80::2 | 198.18.0.9 min_ttl 250 max_ttl 255
    198.18.0.9 min_ttl 250 max_ttl 25 | 198.18.0.9 min_ttl 256 | 198.18.0.9 ttl 25 | 198.18.0.9 min_ttl
    198.18.0.9/24
""")
ADDRESSES = _each("""
    198.18.0./24 | 198.18.0.100/33 | 198.18.0.100/255.255.255.0 | 198.18.0.100/0 | 198.18.0.100
    fe80::1%eth0/64 | fe80::1/64 | fd00::1/64 | 198.18.0.100/24 label eth0:1
    198.18.0.100/24 label eth0:12345678901234 | 198.18.0.100/24 brd + | 198.18.0.100/24 brd x
    198.18.0.100/24 brd | 198.18.0.100/31 brd + | 198.18.0.100/24 scope link | 198.18.0.100/24 scope near
    198.18.0.100/24 device eth0 | 198.18.0.100/24 dev eth0 dev eth0 | 198.18.0.100/24 dev
    198.18.0.100 peer 198.18.0.1 | 198.18.0.100 peer 198.18.0.1/24 | 198.18.0.100/24 peer 198.18.0.1
    198.18.0.100/24 preferred_lft 10 | 198.18.0.100/24 preferred_lft x | fe80::1/64 label x
    fe80::1/64 scope link | fe80::1/64 brd + | 198.18.0.100/24 no_track | 198.18.0.100; 198.18.0.100/24
""")
TRACKS = _each("""
    chk | chk weight 5 | chk weight 5 reverse | chk weight 5 noreverse | chk weight 254 | chk weight x
    chk weight | chk reverse | chk weight 5 reverse no more | chk; chk | chk weight 5 back | nope
""")


TRACKING = SCRIPT + instance("track_script {; chk; }")
WEIGHING = instance("track_script {; chk weight 5; }")
SERVER = """\
virtual_server 198.18.0.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 198.18.0.9 80 {
        TCP_CHECK {
            connect_timeout 1
        }
    }
}
"""
FILES: list[str] = [
    *map(instance, INSTANCES),
    *(instance(f"strict_mode; {line}") for line in _STRICT),
    *(instance(f"strict_mode; {line}") for line in (_PASS, "priority 150")),
    *(owner(instance(line)) for line in ("nopreempt", "preempt_delay 5", "strict_mode")),
    owner(instance("state MASTER; nopreempt")),
    *(owner(instance(f"owner_ignore_adverts {word}")) for word in ("", "no")),
    *(instance(line) for line in (_AH, f"state MASTER; {_AH}", f"version 3; {_PASS}")),
    *(instance(f"{line}; {PEER}") for line in ("unicast_ttl 5", "mcast_dst_ip 224.0.0.99", "use_vmac")),
    instance(f"use_vmac; vmac_xmit_base; {PEER}"),
    *(instance(f"unicast_peer {{; {line}; }}") for line in _PEERS),
    *(address(line) for line in ADDRESSES),
    instance("strict_mode", address("fd00::1/64")),
    instance("version 2", address("fe80::1/64")),
    *map(behind, ("unicast_peer {; fe80::2; 198.18.0.9; }", "mcast_src_ip fe80::2", "native_ipv6")),
    *(
        behind(f"virtual_ipaddress_excluded {{; {line}; }}")
        for line in ("198.18.0.100", "198.18.0.100 dev lo", "fd00::1")
    ),
    instance("virtual_ipaddress_excluded {; 198.18.0.100; }"),
    INSTANCE.replace("virtual_ipaddress", "virtual_ipaddress_excluded"),
    address(""),
    instance("no_virtual_ipaddress", address("")),
    instance("version 3", address("")),
    address("\n        ".join(f"198.18.{1 + k // 250}.{1 + k % 250}/24" for k in range(300))),
    *(SCRIPT + instance(f"track_script {{; {line}; }}") for line in TRACKS),
    SCRIPT.replace("interval 1", "weight 5 reverse") + instance("track_script {; chk; }"),
    SCRIPT.replace("interval 1", "weight 5 back") + instance("track_script {; chk; }"),
    instance("track_script {; chk; }") + SCRIPT,
    FILE + instance("track_file {; f; }"),
    FILE + instance("track_file {; f weight 255; }"),
    FILE + owner(instance("track_file {; f; }")),
    instance("track_file {; f; }") + FILE,
    BFD + instance("track_bfd {; b; }"),
    instance("track_bfd {; b; }") + BFD,
    SCRIPT + owner(WEIGHING),
    owner(instance("track_interface {; lo weight 5; }")),
    SCRIPT + grouped("VI_1 VI_2", text=WEIGHING),
    SCRIPT + grouped("VI_1 VI_2", "    sync_group_tracking_weight\n", WEIGHING),
    FILE + grouped("VI_1 VI_2", text=instance("track_file {; f; }")),
    FILE + grouped("VI_1 VI_2", text=instance("track_file {; f weight 0; }")),
    *map(grouped, ("VI_1 VI_2", "VI_1", "", "VI_1 VI_7", "VI_1 VI_1 VI_2")),
    grouped("VI_1 VI_2", "    global_tracking\n"),
    grouped("VI_1 VI_2") + "vrrp_sync_group H {\n    group {\n        VI_1\n    }\n}\n",
    grouped("VI_1 VI_2") + "vrrp_sync_group G {\n    group {\n        VI_1\n    }\n}\n",
    "vrrp_sync_group G {\n}\n" + INSTANCE,
    SCRIPT + SCRIPT + instance("track_script {; chk; }"),
    INSTANCE + INSTANCE,
    FILE + FILE + INSTANCE,
    BFD + BFD + INSTANCE,
    *(INSTANCE.replace("VI_1 {", head) for head in ("VI 1 {", "{", "VI_1\n{", "VI_1{", "VI_1")),
    SCRIPT.replace("chk {", "{") + INSTANCE,
    INSTANCE.replace("    virtual_router_id 51\n", ""),
    *(INSTANCE.replace("    interface eth0\n", line) for line in ("", "    interface lo\n")),
    INSTANCE.replace("    interface eth0\n", f"    {PEER.replace('; ', chr(10))}\n"),
    INSTANCE + SECOND.replace("52", "51"),
    INSTANCE + SECOND.replace("52", "51").replace("eth0", "lo"),
    INSTANCE + instance(PEER, SECOND.replace("52", "51")),
    INSTANCE + instance("mcast_dst_ip 224.0.0.99", SECOND.replace("52", "51")),
    instance(PEER) + instance(PEER, SECOND.replace("52", "51")),
    instance(PEER) + instance(PEER.replace(".9", ".8"), SECOND.replace("52", "51")),
    INSTANCE + address("fe80::1/64").replace("VI_1", "VI_2"),
    TRACKING,
    TRACKING.replace("    user root\n", ""),
    TRACKING.replace("    enable_script_security\n", "    script_user root\n"),
    TRACKING.replace("    enable_script_security\n", "    script_user root\n    enable_script_security\n"),
    TRACKING.replace("user root", "user nobodyhere"),
    TRACKING.replace("user root", "user root root"),
    TRACKING.replace('    script "/usr/bin/true"\n', ""),
    TRACKING.replace("/usr/bin/true", "/bin/true"),
    *(TRACKING.replace("interval 1", line) for line in ("interval 0", "fall 0", "weight 300", "timeout 0")),
    SCRIPT + instance('notify_master "/usr/bin/true" root; notify_master "/usr/bin/true" root'),
    instance('notify_master "/usr/bin/true" root'),
    instance('notify_master "/usr/bin/true'),
    INSTANCE.replace("priority 150", 'priority "150'),
    *map(globally, _GLOBALS),
    "garp_group {\n    interface eth0\n}\n" + INSTANCE,
    "garp_group {\n    garp_interval 0.1\n    interfaces {\n        eth0\n    }\n}\n" + INSTANCE,
    "garp_group {\n    garp_interval 0.1\n    interfaces {\n    }\n}\n" + INSTANCE,
    "static_ipaddress {\n    198.18.5.5/24 dev eth0\n}\n" + INSTANCE,
    "static_ipaddress {\n    198.18.5.555/24 dev eth0\n}\n" + INSTANCE,
    "static_ipaddress {\n    198.18.5.5/24 dev eth0 track_group g\n}\n" + INSTANCE,
    "track_group g {\n    group {\n        VI_1\n    }\n}\n" + INSTANCE,
    "track_group g {\n}\n" + INSTANCE,
    "track_file f {\n}\n" + INSTANCE,
    FILE.replace("}", "    weight 5\n    weight 6\n}") + INSTANCE,
    "vrrp_track_" + FILE[6:] + INSTANCE,
    "bfd_instance b {\n}\n" + INSTANCE,
    BFD + BFD.replace(" b ", " c ") + INSTANCE,
    BFD.replace(" b ", f" {'b' * 32} ") + INSTANCE,
    BFD.replace("}", "    max_hops 5\n    ttl 3\n}") + INSTANCE,
    "vrrp_track_process p {\n    process mysqld\n    quorum 5\n    quorum_max 3\n}\n" + INSTANCE,
    2 * "garp_group {\n    garp_interval 0.1\n    interface eth0\n}\n" + INSTANCE,
    INSTANCE + SERVER.replace("    lb_kind NAT\n", ""),
    "foo {\n    bar 1\n}\n" + INSTANCE,
    "foo bar\n" + INSTANCE,
    f"{INSTANCE}}}\n",
    INSTANCE[:-2],
    "$P=150\n" + INSTANCE.replace("150", "$P"),
    INSTANCE.replace("    ", "\t").replace("150", "150!comment"),
    INSTANCE.replace("\n", "\r\n"),
    INSTANCE + SERVER,
    *(INSTANCE + SERVER.replace(word, "nonsense ") for word in ("rr", "NAT", "TCP\n")),
    INSTANCE + "virtual_server 198.18.0.100 80 {\n}\n",
]
"""Configurations of which `keepalived -t` and `hatlab check` must say alike whether something is wrong."""
