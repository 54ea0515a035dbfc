"""Which adverts are sent and taken, each pair of configurations as keepalived 2.3.4 behaved in namespaces."""

from __future__ import annotations

import pytest

from hatlab import events as e
from tests.engine.simulator.keepalived.labs import PASSWORD, conf, conf_pair
from tests.support.simulated_lab import SimLab

AH, PASS, OTHER = PASSWORD.format("AH", "x"), PASSWORD.format("PASS", "x"), PASSWORD.format("PASS", "y")
BOTH = {"db1", "db2"}
FORGED = "an authentication header made with another password"


def unicast(own: int, *peers: int) -> str:
    """A node's source address, and its peers'."""
    return f"unicast_src_ip lan.{own}\nunicast_peer {{\n" + "\n".join(f"lan.{p}" for p in peers) + "\n}"


def sent(lab: SimLab, node: str) -> list[e.Advert]:
    return [o for o in lab.events if isinstance(o, e.Advert) and (o.node, o.direction) == (node, "sent")]


def count(lab: SimLab, node: str, line: str) -> int:
    """How often a node's log has a line."""
    return lab.logs(node).count(line)


def test_an_authentication_header_is_sent_and_accepted() -> None:
    lab = conf_pair(conf(150, AH), conf(100, AH))
    lab.run(3)
    assert lab.owners() == {"db1"}
    assert {bytes.fromhex(advert.frame)[23] for advert in sent(lab, "db1")} == {51}
    lab.do("kill keepalived db1", wait=5)
    assert lab.reported("db2") == "MASTER", "it counts the sequence on from the last Master's"


def test_a_header_that_another_password_made_is_refused_each_time() -> None:
    lab = conf_pair(conf(150, AH), conf(100, PASSWORD.format("AH", "y")))
    lab.run(4)
    assert lab.owners() == BOTH
    line = "(VI_1) IPSEC-AH : invalid IPSEC HMAC-MD5 value. Due to fields mutation or bad password !"
    assert count(lab, "db1", line) + count(lab, "db2", line) > 3


def test_a_returning_master_s_old_sequence_is_a_replay() -> None:
    lab = conf_pair(conf(150, AH), conf(100, AH))
    lab.run(2)
    lab.do("cut lan", wait=8)
    assert lab.owners() == BOTH
    lab.do("heal lan", wait=8)
    assert any("already processed. Packet dropped" in line for line in lab.logs("db1"))


def test_a_header_and_none_do_not_hear_each_other() -> None:
    lab = conf_pair(conf(150, AH), conf(100, PASS))
    lab.run(5)
    assert lab.owners() == BOTH
    assert not any("auth" in line or "IPSEC" in line for node in BOTH for line in lab.logs(node))


def test_strict_mode_of_one_ignores_its_password() -> None:
    """Scenario m70."""
    lab = conf_pair(conf(150, PASS, globals_="vrrp_strict"), conf(100, PASS))
    lab.run(6)
    assert lab.owners() == BOTH
    assert count(lab, "db1", "(VI_1) Strict mode does not support authentication. Ignoring.") == 1
    assert count(lab, "db1", "(VI_1) received a 1 auth from 198.18.0.12, expecting 0!") == 1
    assert count(lab, "db2", "(VI_1) received a 0 auth from 198.18.0.11, expecting 1!") == 2, "once a state"
    times = [advert.at for advert in sent(lab, "db1")]
    assert times[-1] - times[0] == pytest.approx(len(times) - 1, abs=0.05), "strict mode keeps the beat"


def test_passwords_differ_and_nobody_is_muted() -> None:
    """Hold-out 15: with lower_prio_no_advert a rejected advert does not touch a Master's timer."""
    beat = "\nlower_prio_no_advert true"
    lab = conf_pair(conf(150, PASS + beat), conf(100, OTHER + beat))
    lab.run(6)
    assert lab.owners() == BOTH
    for node, other in (("db1", "198.18.0.12"), ("db2", "198.18.0.11")):
        times = [advert.at for advert in sent(lab, node)]
        assert len(times) > 5
        assert times[-1] - times[0] == pytest.approx(len(times) - 1, abs=0.05)
        wanted = 1 if node == "db1" else 2
        assert count(lab, node, f"(VI_1) received an invalid passwd from {other}!") == wanted


def test_another_list_of_addresses_is_named_once() -> None:
    """Hold-out 21."""
    lab = conf_pair(conf(150, PASS), conf(100, PASS, addresses="virtual_ipaddress {\nlan.122\nlan.123\n}"))
    lab.run(5)
    assert count(lab, "db2", "(VI_1) expected 2 VIPs but received 1") == 1
    lab.do("stop keepalived db1", wait=4)
    assert lab.state.owners("198.18.0.122") == lab.state.owners("198.18.0.123") == {"db2"}
    assert not lab.state.owners("198.18.0.100")


@pytest.mark.parametrize("skips", [False, True])
def test_addresses_that_change_are_looked_at_unless_told_otherwise(skips: bool) -> None:
    lab = conf_pair(conf(150), conf(100, "skip_check_adv_addr" if skips else ""))
    lab.run(2)
    lab.edit_conf("db1", "198.18.0.100", "198.18.0.101")
    lab.run(2)
    told = [line for line in lab.logs("db2") if "not present in advert" in line]
    assert len(told) == (0 if skips else 1)


def test_versions_that_differ_are_named_once_a_state() -> None:
    lab = conf_pair(conf(150, "version 3"), conf(100, "version 2"))
    lab.run(6)
    assert lab.owners() == BOTH
    assert count(lab, "db1", "(VI_1) wrong VRRP version from 198.18.0.12. Received 2 and expect 3") == 1
    assert count(lab, "db2", "(VI_1) wrong VRRP version from 198.18.0.11. Received 3 and expect 2") == 2


def test_its_own_address_among_the_peers_is_told_each_time() -> None:
    """Field case 07."""
    lab = conf_pair(conf(150, unicast(11, 11, 12)), conf(100, unicast(12, 11, 12)))
    lab.run(5)
    assert lab.owners() == {"db1"}
    line = "(VI_1) WARNING - equal priority advert received from remote host with our IP address."
    assert count(lab, "db1", line) == len(sent(lab, "db1")) > 4
    assert {advert.destination for advert in sent(lab, "db1")} == {"198.18.0.12"}, "its own is on no wire"


def test_an_empty_list_of_peers_means_multicast() -> None:
    """Field case 08."""
    lab = conf_pair(conf(150, "unicast_peer {\n}"), conf(100, unicast(12, 11)))
    lab.run(5)
    assert lab.owners() == BOTH
    assert {advert.destination for advert in sent(lab, "db1")} == {"224.0.0.18"}
    assert any("Defaulting to multicast" in line for line in lab.logs("db1"))


def test_without_peers_an_instance_may_be_told_to_stay_in_fault() -> None:
    lab = conf_pair(conf(150, "unicast_fault_no_peer\nunicast_peer {\n}"), conf(100))
    lab.run(5)
    assert (lab.reported("db1"), lab.owners()) == ("FAULT", {"db2"})
    assert "(VI_1) Entering FAULT STATE (init)" not in lab.logs("db1")


def test_peers_that_are_nobody_hear_nothing() -> None:
    lab = conf_pair(conf(150, unicast(11, 77)), conf(100, unicast(12, 11)))
    lab.run(5)
    assert lab.owners() == BOTH
    assert not sent(lab, "db1")
    assert any("with lower priority 100, ours 150" in line for line in lab.logs("db1"))


def test_an_instance_may_send_from_an_address_that_its_node_does_not_have() -> None:
    for inside in (unicast(99, 12), "mcast_src_ip lan.99\ntrack_src_ip"):
        lab = conf_pair(conf(150, inside), conf(100, unicast(12, 11, 99) if "unicast" in inside else ""))
        lab.run(4)
        assert lab.owners() == {"db1"}
        assert {advert.source for advert in sent(lab, "db1")} == {"198.18.0.99"}
        assert count(lab, "db2", "(VI_1) master set to 198.18.0.99") == 1


def test_members_in_different_groups_do_not_hear_each_other() -> None:
    lab = conf_pair(conf(150, "mcast_dst_ip 224.0.0.19"), conf(100))
    lab.run(5)
    assert lab.owners() == BOTH
    assert bytes.fromhex(sent(lab, "db1")[0].frame)[:6].hex(":") == "01:00:5e:00:00:13"
    same = conf_pair(conf(150, globals_="vrrp_mcast_group4 224.0.0.19"), conf(100, "mcast_dst_ip 224.0.0.19"))
    same.run(5)
    assert same.owners() == {"db1"}


def test_a_ttl_without_peers_is_reset_to_none_and_nothing_leaves_the_machine() -> None:
    lab = conf_pair(conf(150, "unicast_ttl 9"), conf(100))
    lab.run(5)
    assert (lab.owners(), sent(lab, "db1")) == (BOTH, [])


def test_a_peer_s_adverts_must_have_a_ttl_in_its_bounds() -> None:
    bounded = "unicast_src_ip lan.12\nunicast_peer {\nlan.11 min_ttl 255\n}"
    lab = conf_pair(conf(150, unicast(11, 12) + "\nunicast_ttl 9"), conf(100, bounded))
    lab.run(5)
    assert lab.owners() == BOTH
    assert count(lab, "db2", "(VI_1) TTL/HL 9 from 198.18.0.11 not in range [255, 255]") == 2


def test_unknown_virtual_routers_are_logged_if_wanted() -> None:
    lab = conf_pair(conf(150, globals_="log_unknown_vrids"), conf(100, "virtual_router_id 52"))
    lab.run(5)
    line = "Unknown VRID(52) received on interface(eth0). ignoring..."
    assert count(lab, "db1", line) == len(sent(lab, "db2")) > 3


def test_a_checksum_counted_as_in_version_2_is_refused_by_others() -> None:
    plain = "version 3\nv3_checksum_as_v2"
    lab = conf_pair(conf(150, plain), conf(100, "version 3"))
    lab.run(5)
    assert lab.owners() == BOTH
    assert count(lab, "db2", "(VI_1) Invalid VRRPv3 checksum from 198.18.0.11") == 2
    same = conf_pair(conf(150, plain), conf(100, plain))
    same.run(5)
    assert same.owners() == {"db1"}


def test_an_old_unicast_checksum_is_taken_over() -> None:
    old = conf(150, f"version 3\nold_unicast_checksum\n{unicast(11, 12)}")
    lab = conf_pair(old, conf(100, f"version 3\n{unicast(12, 11)}"))
    lab.run(5)
    assert lab.owners() == {"db1"}
    assert count(lab, "db2", "(VI_1) Setting unicast VRRPv3 checksum to old version") == 1


def test_without_addresses_version_2_goes_on_and_version_3_ends() -> None:
    lab = conf_pair(conf(150, addresses=""), conf(100, addresses=""))
    lab.run(5)
    assert lab.reported("db1") == "MASTER"
    assert "(VI_1) No VIP specified; at least one is sensible" in lab.logs("db1")
    assert not any("VIPs" in line for line in lab.logs("db1") if "No VIP" not in line)
    ends = conf_pair(conf(150, "version 3", addresses=""), conf(100))
    ends.run(5)
    assert count(ends, "db1", "(VI_1) No VIP specified; at least one is required") == 1
    assert ends.state.nodes["db1"].service("keepalived").state == "down"


def test_a_loopback_is_no_interface() -> None:
    lab = conf_pair(conf(150).replace("interface lan", "interface lo"), conf(100))
    lab.run(5)
    assert any("cannot use a loopback interface (lo)" in line for line in lab.logs("db1"))
    assert "(VI_1) Unknown interface!" in lab.logs("db1")
    assert lab.state.nodes["db1"].service("keepalived").state == "down"


@pytest.mark.parametrize(
    ("db1", "db2", "reason"),
    [
        (conf(150, AH), conf(100, AH), ""),
        (
            conf(150, AH),
            conf(100, PASSWORD.format("AH", "y")),
            "an authentication header made with another password",
        ),
        (conf(150, AH), conf(100, PASS), "an authentication header, ours has none"),
        (conf(150, PASS), conf(100, AH), "no authentication header, ours has one"),
        (conf(150, PASS), conf(100, OTHER), "password 'x', ours 'y'"),
        (conf(150, PASS, globals_="vrrp_strict"), conf(100, PASS), "password None, ours 'x'"),
        (conf(150, "mcast_dst_ip 224.0.0.19"), conf(100), "sent to 224.0.0.19, ours listens to 224.0.0.18"),
        (conf(150, "mcast_dst_ip 224.0.0.19"), conf(100, "mcast_dst_ip 224.0.0.19"), ""),
        (conf(150, addresses=""), conf(100, addresses=""), ""),
        (conf(150, "version 3\nv3_checksum_as_v2"), conf(100, "version 3\nv3_checksum_as_v2"), ""),
        (conf(150, "version 3\nv3_checksum_as_v2"), conf(100, "version 3"), "bad checksum"),
    ],
)
def test_the_state_knows_why_an_advert_is_refused(db1: str, db2: str, reason: str) -> None:
    lab = conf_pair(db1, db2)
    lab.run(3)
    rejected = lab.state.nodes["db2"].instances["VI_1"].rejected
    assert (rejected.reason if rejected else "") == reason
