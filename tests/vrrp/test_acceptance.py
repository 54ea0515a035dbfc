"""Which adverts are refused, in keepalived's words, as `hatlab.keepalived.parse_log_line` reads them back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hatlab.keepalived import AdvertRefused, parse_log_line
from hatlab.vrrp import codec
from hatlab.vrrp.acceptance import find_refusal, list_remarks, remarks_before, socket_receives
from hatlab.vrrp.codec import Advertisement
from hatlab.vrrp.router import Complaint, Rules
from tests.support.present import present


def refusal_line(rules: Rules, advert: Advertisement) -> str:
    complaint = find_refusal(rules, advert)
    return complaint.text if complaint else ""


RULES = Rules("VI_1", 2, 51, 100, 1.0, "198.18.1.12", ("198.18.0.100",), auth_pass="hatlab")


def advert(**changes: Any) -> Advertisement:
    fields: dict[str, Any] = {"version": 2, "vrid": 51, "priority": 150, "auth_pass": "hatlab"}
    fields |= {"addresses": ("198.18.0.100",), "source": "198.18.1.11"}
    return present(codec.decode(codec.encode(**{**fields, **changes})))


def test_a_sound_advert_is_accepted() -> None:
    assert refusal_line(RULES, advert()) == ""
    assert list_remarks(RULES, advert()) == ()


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        ({"ttl": 64}, "ttl", "invalid TTL/HL from 198.18.1.11. Received 64 and expect 255"),
        (
            {"version": 3, "auth_pass": None},
            "version",
            "wrong VRRP version from 198.18.1.11. Received 3 and expect 2",
        ),
        ({"wrong_checksum": True}, "checksum", "Invalid VRRPv2 checksum from 198.18.1.11"),
        ({"auth_pass": "other"}, "password", "received an invalid passwd from 198.18.1.11!"),
        ({"auth_pass": None}, "auth_type", "received a 0 auth from 198.18.1.11, expecting 1!"),
        (
            {"interval": 2},
            "interval",
            "advertisement interval mismatch with 198.18.1.11 mine=1 sec rcv'd=2 sec",
        ),
        ({"kind": 2}, "type", "Invalid packet type from 198.18.1.11. 2 and expect 1"),
    ],
)
def test_refusals_are_in_keepalived_s_words(changes: dict[str, Any], reason: str, words: str) -> None:
    line = refusal_line(RULES, advert(**changes))
    assert line == f"(VI_1) {words}"
    read = parse_log_line(line)
    assert isinstance(read, AdvertRefused)
    assert (read.instance, read.address, read.reason) == ("VI_1", "198.18.1.11", reason)


def test_version_3_adopts_another_interval_and_checks_its_checksum() -> None:
    rules = replace(RULES, version=3, auth_pass=None)
    assert refusal_line(rules, advert(version=3, auth_pass=None, interval=0.3)) == ""
    bad = advert(version=3, auth_pass=None, wrong_checksum=True)
    assert refusal_line(rules, bad) == "(VI_1) Invalid VRRPv3 checksum from 198.18.1.11"


def test_a_socket_gets_its_own_kind_of_adverts() -> None:
    unicast = replace(RULES, peers=("198.18.1.11",))
    to_me = advert(destination="198.18.1.12", ttl=64)
    assert (socket_receives(RULES, advert()), socket_receives(unicast, advert())) == (True, False)
    assert (socket_receives(RULES, to_me), socket_receives(unicast, to_me)) == (False, True)
    assert refusal_line(unicast, to_me) == "", "unicast may cross routers: its TTL does not count"


def test_a_stranger_s_unicast_is_refused_where_that_is_wanted() -> None:
    rules = replace(RULES, peers=("198.18.1.13",))
    assert refusal_line(rules, advert(destination="198.18.1.12")) == ""
    line = refusal_line(replace(rules, known_peers_only=True), advert(destination="198.18.1.12"))
    assert isinstance(parse_log_line(line), AdvertRefused)


def test_another_list_of_addresses_is_remarked_and_accepted() -> None:
    other = advert(addresses=("198.18.0.101",))
    assert refusal_line(RULES, other) == ""
    lines = [remark.text for remark in list_remarks(RULES, other)]
    told = "not present in advert from 198.18.1.11: 198.18.0.100"
    assert lines == [f"(VI_1) ip address associated with VRID 51 {told}"]
    more = list_remarks(RULES, advert(addresses=("198.18.0.100", "198.18.0.101")))
    assert [remark.text for remark in more] == ["(VI_1) expected 1 VIPs but received 2"]


def test_another_interval_is_remarked_in_version_3() -> None:
    rules = replace(RULES, version=3, auth_pass=None)
    remarks = list_remarks(rules, advert(version=3, auth_pass=None, interval=0.3))
    told = "advertisement interval mismatch ours = 100 centi-sec rcv'd=30 centi-sec"
    assert [remark.text for remark in remarks] == [f"(VI_1) {told}"]


def test_an_owner_may_ignore_all_adverts() -> None:
    rules = replace(RULES, priority=255, ignore_adverts=True)
    told = "Dropping packet(s) from 198.18.1.11 since we are address owner"
    assert refusal_line(rules, advert(priority=255)) == f"(VI_1) {told}"


def test_what_is_remarked_before_a_refusal() -> None:
    rules = replace(RULES, version=3, auth_pass=None, peers=("198.18.1.13",), known_peers_only=True)
    other = advert(version=3, auth_pass=None, interval=0.3, addresses=(), destination="198.18.1.12")
    remarks = list_remarks(rules, other)
    stranger = present(find_refusal(rules, other))
    assert [remark.kind for remark in remarks_before(stranger, remarks)] == ["interval", "address count"]
    assert [remark.kind for remark in remarks_before(Complaint("checksum", ""), remarks)] == ["interval"]
    assert remarks_before(Complaint("version", ""), remarks) == ()


def test_a_checksum_of_another_way_is_taken_by_who_counts_so() -> None:
    rules = replace(RULES, version=3, auth_pass=None)
    plain = advert(version=3, auth_pass=None, checksum_kind="plain")
    old = advert(version=3, auth_pass=None, checksum_kind="group", destination="198.18.1.12")
    assert (plain.checksum_kind, old.checksum_kind) == ("plain", "group")
    assert "checksum" in refusal_line(rules, plain)
    assert refusal_line(replace(rules, checksum_kind="plain"), plain) == ""
    unicast = replace(rules, peers=("198.18.1.11",))
    assert refusal_line(unicast, old) == ""
    right = advert(version=3, auth_pass=None, destination="198.18.1.12")
    assert "checksum" in refusal_line(replace(unicast, checksum_kind="group"), right)


def test_a_ttl_must_be_in_the_bounds_of_its_peer() -> None:
    bounds = {"198.18.1.11": (250, 254)}
    rules = replace(RULES, peers=("198.18.1.11",), known_peers_only=True, peer_ttls=bounds)
    assert "not in range [250, 254]" in refusal_line(rules, advert(destination="198.18.1.12"))
    assert refusal_line(rules, advert(destination="198.18.1.12", ttl=251)) == ""


def test_a_sequence_that_is_not_newer_is_a_replay() -> None:
    rules = replace(RULES, auth_header=True)
    number = advert(sequence=7)
    assert find_refusal(rules, number, 6) is None
    assert "sequence number 7 already processed" in present(find_refusal(rules, number, 7)).text
    assert "already processed" in present(find_refusal(replace(rules, interval=2.0), number, 7)).text
    assert find_refusal(RULES, advert(), 7) is None
