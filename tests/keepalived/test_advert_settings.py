"""What keepalived takes of how an instance sends adverts and which it listens for."""

from __future__ import annotations

from hatlab.keepalived import read_settings
from hatlab.keepalived.advert_settings import AdvertSettings, UnicastPeer


def _adverts(inside: str, before: str = "") -> AdvertSettings:
    return read_settings(f"global_defs {{\n{before}\n}}\nvrrp_instance VI_1 {{\n{inside}\n}}\n")[
        "VI_1"
    ].adverts


def test_the_group_is_the_instance_s_the_default_or_that_of_vrrp() -> None:
    default = "vrrp_mcast_group4 224.0.0.19"
    assert _adverts("").group == "224.0.0.18"
    assert _adverts("", default).group == "224.0.0.19"
    assert _adverts("mcast_dst_ip 224.0.0.20", default).group == "224.0.0.20"
    assert _adverts("mcast_dst_ip 192.0.2.1", default).group == "224.0.0.19"
    assert _adverts("virtual_ipaddress {\n fe80::1\n}", default).group == "ff02::12"


def test_peers_are_read_once_each_with_the_bounds_of_their_ttl() -> None:
    found = _adverts("unicast_peer {\n192.0.2.2\n192.0.2.3 min_ttl 250 max_ttl 254\n192.0.2.2\nx\n::1\n}")
    assert found.peers == (UnicastPeer("192.0.2.2"), UnicastPeer("192.0.2.3", 250, 254))
    assert found.known_peers_only, "bounds of a TTL make keepalived check the sender"
    assert not _adverts("unicast_peer {\n192.0.2.2\n}").known_peers_only
    assert _adverts("check_unicast_src\nunicast_peer {\n192.0.2.2\n}").known_peers_only


def test_without_peers_unicast_settings_are_of_no_use() -> None:
    assert not _adverts("check_unicast_src\nunicast_peer {\n}").known_peers_only
    assert _adverts("unicast_ttl 9\nunicast_peer {\n192.0.2.2\n}").ttl == 9
    assert _adverts("unicast_ttl 9").ttl == 0, (
        "keepalived: Cannot use unicast_ttl without unicast peers - resetting"
    )
    assert _adverts("unicast_fault_no_peer\nunicast_peer {\n}").fault_without_peers


def test_whether_lists_of_addresses_are_compared() -> None:
    assert _adverts("").compares_addresses
    assert not _adverts("skip_check_adv_addr").compares_addresses
    assert not _adverts("skip_check_adv_addr false").compares_addresses, "as vrrp_parser.c has it"
    assert not _adverts("", "vrrp_skip_check_adv_addr").compares_addresses


def test_the_source_is_the_last_one_given() -> None:
    assert _adverts("mcast_src_ip 192.0.2.1\ntrack_src_ip").source == "192.0.2.1"
    assert _adverts("mcast_src_ip 192.0.2.1\ntrack_src_ip").track_source
    assert not _adverts("track_src_ip").track_source
