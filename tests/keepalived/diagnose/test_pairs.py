"""What members get wrong together: peers, clusters, weights, addresses that accept nothing."""

from __future__ import annotations

import re

import pytest

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose import by_cause, diagnose_config
from hatlab.keepalived.diagnose.conf import Configuration
from hatlab.keepalived.diagnose.pair import agreement_note
from hatlab.keepalived.parser import parse_document
from tests.keepalived.conf import OTHER, SOUND

ADVERT_INT = "    advert_int 1\n"


def _with(text: str, *lines: str) -> str:
    """A configuration with more lines in its instance."""
    return text.replace(ADVERT_INT, ADVERT_INT + "".join(f"    {line}\n" for line in lines))


def _unicast(text: str, *peers: str, source: str = "") -> str:
    listed = "".join(f"        {peer}\n" for peer in peers)
    own = [f"unicast_src_ip {source}"] if source else []
    return _with(text, *own, f"unicast_peer {{\n{listed}    }}")


def _weighted(text: str, *weights: str, priority: int = 0) -> str:
    """A configuration whose check has a weight, and perhaps another priority."""
    line = "".join(f" weight {weight}" for weight in weights)
    text = text.replace("        sql\n", f"        sql{line}\n")
    return text.replace("priority 1", f"priority {priority} #1") if priority else text


def _wrong(found: list[Finding]) -> list[str]:
    return [each.code for each in by_cause(found) if each.severity != "note"]


A, B, C = "198.18.0.11", "198.18.0.12", "198.18.0.13"
VIP = "198.18.0.100"
PEERS: list[tuple[list[str], str, str]] = [
    ([], _unicast(SOUND, B, source=A), _unicast(OTHER, A, source=B)),
    ([], _unicast(SOUND, B), _unicast(OTHER, A)),
    (["KA320"], _unicast(SOUND, A, B, source=A), _unicast(OTHER, A, source=B)),
    (["KA320"], _unicast(SOUND, A, B), _unicast(OTHER, A, B)),
    (["KA321"], _unicast(SOUND), _unicast(OTHER, A, source=B)),
    (["KA321"], _unicast(SOUND), OTHER),
    (["KA321"], _with(SOUND, f"unicast_src_ip {A}"), OTHER),
    ([], _unicast(SOUND, B), _with(OTHER, f"unicast_src_ip {B}")),
    (["KA310"], _unicast(SOUND, B, source=A), OTHER),
    (["KA310"], SOUND, _unicast(OTHER, A, source=B)),
    (["KA311"], _unicast(SOUND, C, source=A), _unicast(OTHER, A, source=B)),
    (["KA322"], _unicast(SOUND, B, VIP, source=A), _unicast(OTHER, A, source=B)),
    (["KA323"], _unicast(SOUND, B), _unicast(OTHER, B)),
    (["KA324"], _unicast(SOUND, B, source=A), _unicast(OTHER, B, source=A)),
    (["KA324"], _unicast(SOUND, B, source=VIP), _unicast(OTHER, A, source=B)),
    (["KA325"], _with(SOUND, "mcast_dst_ip 224.0.0.200"), OTHER),
    ([], _with(SOUND, "mcast_dst_ip 224.0.0.200"), _with(OTHER, "mcast_dst_ip 224.0.0.200")),
    (["KA324"], _with(SOUND, f"mcast_src_ip {A}"), _with(OTHER, f"mcast_src_ip {A}")),
]


@pytest.mark.parametrize(("codes", "ours", "theirs"), PEERS)
def test_unicast_peers(codes: list[str], ours: str, theirs: str) -> None:
    assert _wrong(diagnose_config(ours, theirs)) == codes


def test_of_two_source_addresses_the_last_is_the_one_that_counts() -> None:
    both = _unicast(_with(SOUND, f"mcast_src_ip {A}"), B, source=B)
    (found,) = [f for f in diagnose_config(both, _unicast(OTHER, B, source=A)) if f.code == "KA324"]
    line = both.splitlines()[found.line - 1]
    assert line.split() == ["mcast_src_ip", A]


def test_three_members_of_which_one_is_left_out() -> None:
    third = OTHER.replace("priority 100", "priority 90")
    files = [_unicast(SOUND, B), _unicast(OTHER, A, C), _unicast(third, A, B)]
    assert _all(*files) == [["KA323"], [], []]
    known = [_unicast(SOUND, B, source=A), _unicast(OTHER, A, C, source=B), _unicast(third, A, B, source=C)]
    assert _all(*known) == [["KA311"], [], []]
    all_three = [_unicast(text, A, B, C) for text in (SOUND, OTHER, third)]
    assert _all(*all_three) == [["KA320"]] * 3


def test_an_empty_list_is_told_once() -> None:
    assert _wrong(diagnose_config(_unicast(OTHER, A, source=B), _unicast(SOUND))) == []


def test_a_peer_that_may_be_a_third_node_is_a_note() -> None:
    found = diagnose_config(_unicast(SOUND, B, C, source=A), _unicast(OTHER, A, C, source=B))
    assert [each.severity for each in found if each.code == "KA322"] == ["note"]


def test_the_node_s_own_addresses_are_known_in_a_topology() -> None:
    assert _wrong(diagnose_config(_unicast(SOUND, A, B), addresses=[A])) == ["KA320"]


def _cluster(text: str, name: str, vrid: int, address: str) -> str:
    return text.replace("VI_1", name).replace("id 51", f"id {vrid}").replace(VIP, address)


def _all(*texts: str) -> list[list[str]]:
    """The codes in each file of several, checked with all others."""
    return [_wrong(diagnose_config(t, *(o for o in texts if o is not t), names="abcd")) for t in texts]


def test_two_clusters_on_one_vrid_are_told_as_that_in_each_file_of_both() -> None:
    second = [_cluster(text, "VI_9", 51, "198.18.0.200") for text in (SOUND, OTHER)]
    assert _all(SOUND, OTHER, *second) == [["KA330"]] * 4
    assert _all(SOUND, second[1]) == [["KA330"]] * 2
    (found,) = diagnose_config(OTHER, SOUND, *second, names="abc")
    assert "for 198.18.0.100 here and in a, and for 198.18.0.200 (`VI_9`) in b and c" in found.message
    (found,) = diagnose_config(second[1], SOUND, OTHER, second[0], names="abc")
    assert "for 198.18.0.200 here and in c, and for 198.18.0.100 (`VI_1`) in a and b" in found.message


def test_two_clusters_that_call_their_instances_alike() -> None:
    second = [_cluster(text, "VI_1", 51, "198.18.0.200") for text in (SOUND, OTHER)]
    assert _all(SOUND, OTHER, *second) == [["KA330"]] * 4


def test_two_clusters_with_a_vrid_each_are_sound() -> None:
    for name in ("VI_1", "VI_9"):
        second = [_cluster(text, name, 52, "198.18.0.200") for text in (SOUND, OTHER)]
        assert _all(SOUND, OTHER, *second) == [[], [], [], []]


def test_clusters_on_two_networks_may_share_a_vrid() -> None:
    other = _cluster(OTHER, "VI_9", 51, "192.0.2.200").replace("eth0", "eth7")
    assert "KA330" not in _wrong(diagnose_config(SOUND, other)) + _wrong(diagnose_config(other, SOUND))
    near = _cluster(OTHER, "VI_9", 51, "198.18.0.200").replace("eth0", "eth7")
    assert "KA330" in _wrong(diagnose_config(SOUND, near))
    assert "KA330" in _wrong(diagnose_config(near, SOUND))


def test_two_files_with_other_addresses_may_be_a_pair_or_two_clusters() -> None:
    (found,) = diagnose_config(SOUND, _cluster(OTHER, "VI_1", 51, "198.18.0.200"))
    assert found.code == "KA306"
    assert "two clusters" in found.cure


def test_excluded_addresses_belong_to_the_list() -> None:
    line = "virtual_ipaddress_excluded {\n198.18.0.150/24\n}"
    assert _wrong(diagnose_config(_with(SOUND, line), OTHER)) == ["KA306"]
    assert _wrong(diagnose_config(_with(SOUND, line), _with(OTHER, line))) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "cure"),
    [
        ("-50", "-50", "use a weight beyond -50, or 0 (FAULT)"),
        ("20", "20", "use a weight beyond 50 on every member, or 0 (FAULT)"),
        ("-10 reverse", "-10 reverse", "use weight 0 (a failure means FAULT): no other weight helps"),
    ],
)
def test_the_cure_of_a_weight_that_is_too_small_is_tried_out(ours: str, theirs: str, cure: str) -> None:
    found = diagnose_config(_weighted(SOUND, ours), _weighted(OTHER, theirs))
    (weight,) = [each for each in found if each.code == "KA308"]
    assert weight.cure.startswith(cure)
    if "beyond" in cure:
        number = re.findall(r"-?[0-9]+", cure)[0]
        enough = str(int(number) + (1 if int(number) > 0 else -1))
        assert _wrong(diagnose_config(_weighted(SOUND, enough), _weighted(OTHER, enough))) == []


def test_the_weight_of_a_check_that_nothing_tracks() -> None:
    text = SOUND.replace("interval 2", "interval 2\n    weight -30").replace("        sql\n", "")
    messages = [each.message for each in diagnose_config(text) if each.code == "KA105"]
    assert messages == ["no track_script uses `sql`: its weight of -30 never counts"]


def test_priorities_end_at_254() -> None:
    """Both come to 254: who is Master hangs on the addresses."""
    both = _weighted(SOUND, "20", priority=250), _weighted(OTHER, "20", priority=240)
    assert _wrong(diagnose_config(*both)) == ["KA307"]


def test_a_weight_that_the_other_member_does_not_have() -> None:
    found = diagnose_config(_weighted(SOUND, "60"), OTHER)
    assert [each.code for each in found] == ["KA308"]
    assert "210 becomes 150: not below the 100 of the next member" in found[0].message


def test_the_weight_of_a_tracked_interface_counts() -> None:
    small, enough = (f"track_interface {{\neth1 weight -{weight}\n}}" for weight in (50, 60))
    assert _wrong(diagnose_config(_with(SOUND, small), _with(OTHER, small))) == ["KA308"]
    assert _wrong(diagnose_config(_with(SOUND, enough), _with(OTHER, enough))) == []


def test_nopreempt_on_the_other_member_keeps_a_living_master() -> None:
    line = "track_interface {\neth1 weight -2\n}"
    near = [
        text.replace("150", "101")
        for text in (_with(SOUND, "nopreempt", line), _with(OTHER, "nopreempt", line))
    ]
    assert _wrong(diagnose_config(*near)) == ["KA309"]
    both = diagnose_config(
        _with(_weighted(SOUND, "-2"), "nopreempt"), _with(_weighted(OTHER, "-2"), "nopreempt")
    )
    assert _wrong(both) == ["KA308", "KA309"]
    assert len({(each.line, each.column) for each in both}) == 1
    assert "with nopreempt no other weight helps" in both[0].cure


def test_nopreempt_between_members_of_one_priority() -> None:
    """Whoever is Master, the other does not take over."""
    both = [_with(_weighted(text, "2"), "nopreempt") for text in (SOUND, SOUND)]
    assert _wrong(diagnose_config(*both)) == ["KA309", "KA307"]


def test_nopreempt_of_the_lower_member_alone_is_of_no_use() -> None:
    assert _wrong(diagnose_config(_with(OTHER, "nopreempt"), SOUND)) == ["KA313"]
    assert _wrong(diagnose_config(_with(SOUND, "nopreempt"), OTHER)) == []
    assert _wrong(diagnose_config(_with(OTHER, "nopreempt"), _with(SOUND, "nopreempt"))) == []


def test_no_packet_is_accepted_in_strict_mode() -> None:
    strict = SOUND.replace("global_defs {\n", "global_defs {\n    vrrp_strict\n")
    assert _wrong(diagnose_config(strict)) == ["KA250", "KA233"]
    assert _wrong(diagnose_config(_with(strict, "accept"))) == ["KA250", "KA233", "KA233"], "version 2"
    plain = strict.replace("        auth_type PASS\n        auth_pass secret\n", "").replace(
        "authentication", "!"
    )
    third = _with(
        SOUND[: SOUND.index("    authentication")] + SOUND[SOUND.index("    virtual_ip") :], "version 3"
    )
    third = third.replace("global_defs {\n", "global_defs {\n    vrrp_strict\n")
    assert plain
    assert _wrong(diagnose_config(third)) == ["KA250"]
    assert _wrong(diagnose_config(_with(third, "accept"))) == []
    assert _wrong(diagnose_config(third.replace("priority 150", "priority 255"))) == []
    assert _wrong(diagnose_config(_with(SOUND, "strict_mode"))) == ["KA250", "KA233"]
    assert _wrong(diagnose_config(_with(SOUND, "no_accept"))) == ["KA250"]
    assert _wrong(diagnose_config(_with(strict, "strict_mode off"))) == []


def test_strict_mode_keeps_an_instance_with_unicast_peers() -> None:
    """2.3.4 would complain of them, but looks before it knows them (measured)."""
    found = diagnose_config(_with(_unicast(SOUND, B, source=A), "strict_mode"))
    assert _wrong(found) == ["KA250", "KA233"]


def test_a_track_script_that_is_commented_out() -> None:
    text = SOUND.replace(
        "    track_script {\n        sql\n    }\n", "#    track_script {\n#        sql\n#    }\n"
    )
    (found,) = [each for each in diagnose_config(text) if each.code == "KA214"]
    assert found.severity == "warning"


def _members(*texts: str) -> list[Configuration]:
    return [Configuration(parse_document(text)) for text in texts]


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        (SOUND, OTHER, ("protocol 112 to 224.0.0.18", "IGMP", "tcpdump -ni eth0 proto 112")),
        (_unicast(SOUND, B), _unicast(OTHER, A), ("protocol 112:",)),
        (SOUND.replace("PASS", "AH"), OTHER.replace("PASS", "AH"), ("protocol 51 to", "proto 51")),
    ],
)
def test_what_to_look_for_where_files_agree(ours: str, theirs: str, words: tuple[str, ...]) -> None:
    note = agreement_note(_members(ours, theirs))
    assert note is not None
    assert all(word in note.effect + note.cure for word in words)
    assert ("IGMP" in note.effect) == ("224" in note.effect)


def test_nothing_agrees_with_a_stranger() -> None:
    assert agreement_note(_members(SOUND, _cluster(OTHER, "VI_9", 52, "198.18.0.200"))) is None


def test_what_explains_an_incident_comes_first() -> None:
    found = diagnose_config(
        _with(SOUND, "notify_ /etc/x.sh", "state MASTER").replace("auth_pass secret", "auth_pass other"),
        OTHER,
    )
    assert [each.code for each in by_cause(found)] == ["KA302", "KA005", "KA207"]


@pytest.mark.parametrize("vrid", [52, 53])
def test_one_file_of_another_cluster_beside_a_pair_is_no_third_member(vrid: int) -> None:
    stranger = _cluster(OTHER, "VI_1", vrid, "198.18.0.200")
    assert _all(SOUND, OTHER, stranger) == [[], [], []]
