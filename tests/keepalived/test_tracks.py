"""What an instance depends on: weights, `reverse`, and what a sync group or an owner leaves of them."""

from __future__ import annotations

import pytest

from hatlab.keepalived import read_scripts, read_settings
from hatlab.keepalived.tracks import FAULT_STATUS, Track

SCRIPTS = """
vrrp_script chk {
    script "/usr/bin/true"
    weight -20
}
vrrp_script plain {
    script "/usr/bin/true"
}
track_file load {
    file /run/load
}
vrrp_track_process mysqld {
    process mysqld
    weight 10 reverse
}
"""
GROUP = """
vrrp_sync_group G {{
    group {{
        VI_1
    }}
{inside}
}}
"""


def tracks_of(inside: str, *, before: str = SCRIPTS, device: str = "eth0") -> tuple[Track, ...]:
    text = f"{before}\nvrrp_instance VI_1 {{\ninterface {device}\n{inside}\n}}\n"
    return tuple(track for track in read_settings(text)["VI_1"].tracks if not track.implied)


@pytest.mark.parametrize(
    ("line", "track"),
    [
        ("track_script {\nchk\n}", Track("script", "chk", -20)),
        ("track_script {\nchk weight 5\n}", Track("script", "chk", 5)),
        ("track_script {\nchk weight 5 reverse\n}", Track("script", "chk", 5, reverse=True)),
        ("track_script {\nchk weight 254\n}", Track("script", "chk", 253)),
        ("track_script {\nchk weight 300\n}", Track("script", "chk", -20)),
        ("track_script {\nchk weight 5x\n}", Track("script", "chk", 5)),
        ("track_interface {\neth1\n}", Track("interface", "eth1")),
        ("track_interface {\neth1 weight -2\n}", Track("interface", "eth1", -2)),
        ("track_file {\nload\n}", Track("file", "load", 1)),
        ("track_file {\nload weight 0\n}", Track("file", "load")),
        ("track_file {\nload weight -254\n}", Track("file", "load", -254)),
        ("track_process {\nmysqld\n}", Track("process", "mysqld", 10, reverse=True)),
        ("track_process {\nmysqld weight 3 noreverse\n}", Track("process", "mysqld", 3)),
    ],
)
def test_a_line_has_its_own_weight_or_its_definition_s(line: str, track: Track) -> None:
    assert tracks_of(line) == (track,)


@pytest.mark.parametrize(
    "line",
    [
        "track_script {\nunknown\n}",
        "track_script {\nchk wight 5\n}",
        "track_script {\nchk weight\n}",
        "track_file {\nload weight 1 upside\n}",
        "track_interface {\neth0 weight 5\n}",
    ],
)
def test_a_line_that_keepalived_ignores_tracks_nothing(line: str) -> None:
    assert tracks_of(line) == ()


def test_a_name_counts_once_and_only_if_it_is_defined_before() -> None:
    assert tracks_of("track_script {\nchk\nchk weight 7\n}") == (Track("script", "chk", -20),)
    late = "vrrp_instance VI_1 {\ntrack_script {\nchk\n}\n}\n" + SCRIPTS
    assert read_settings(late)["VI_1"].tracks == ()


def test_its_own_interface_and_those_of_its_addresses_are_tracked() -> None:
    vips = "virtual_ipaddress {\n192.0.2.1 dev eth1\n192.0.2.2 dev eth2 no_track\n192.0.2.3\n}"
    text = "vrrp_instance VI_1 {{\ninterface eth0\n{}\n}}\n"

    def devices(inside: str) -> list[str]:
        return [track.name for track in read_settings(text.format(inside))["VI_1"].tracks]

    assert devices(vips) == ["eth0", "eth1"]
    assert devices(f"dont_track_primary\n{vips}") == ["eth1"]


def test_an_interface_of_an_address_loses_its_weight() -> None:
    inside = "track_interface {\neth1 weight -60\n}\nvirtual_ipaddress {\n192.0.2.1 dev eth1\n}"
    assert tracks_of(inside) == (Track("interface", "eth1"),)


def test_a_sync_group_leaves_weights_to_interfaces_and_processes() -> None:
    inside = "track_interface {\neth1 weight -60\n}\ntrack_script {\nchk\nplain\n}\n"
    inside += "track_file {\nload\n}\ntrack_process {\nmysqld\n}"
    assert tracks_of(inside, before=SCRIPTS + GROUP.format(inside="")) == (
        Track("interface", "eth1", -60),
        Track("script", "plain"),
        Track("file", "load"),
        Track("process", "mysqld", 10, reverse=True),
    )
    kept = tracks_of(inside, before=SCRIPTS + GROUP.format(inside="sync_group_tracking_weight"))
    assert Track("script", "chk", -20) in kept


def test_a_sync_group_s_lines_are_its_members_too() -> None:
    group = GROUP.format(inside="track_script {\nchk weight 7\n}\ntrack_interface {\neth1 weight -5\n}")
    assert tracks_of("", before=SCRIPTS + group) == (
        Track("script", "chk", 7, from_group=True),
        Track("interface", "eth1", -5, from_group=True),
    )
    own = "track_script {\nplain\n}\ntrack_interface {\neth1\n}"
    assert Track("interface", "eth1") in tracks_of(own, before=SCRIPTS + group), "no weight stays none"


def test_a_check_that_both_name_has_the_group_s_weight_unless_its_own_is_none() -> None:
    group = GROUP.format(inside="sync_group_tracking_weight\ntrack_script {\nchk weight 7\n}")

    def both(line: str) -> Track:
        return tracks_of(f"track_script {{\n{line}\n}}", before=SCRIPTS + group)[0]

    assert both("chk weight 5") == Track("script", "chk", 7, line_weights=(5, 7))
    assert both("chk weight 5").adds_after_reload(ok=True) == 12
    assert both("chk weight 0") == Track("script", "chk", line_weights=(0, 7))
    assert both("chk weight 0").unweighted_lines == 1


def test_an_owner_has_no_weights() -> None:
    assert tracks_of("priority 255\ntrack_script {\nchk\nplain\n}") == (Track("script", "plain"),)


def test_a_weight_counts_with_a_success_or_a_failure() -> None:
    def both(track: Track) -> tuple[int, int]:
        return track.adds(ok=True), track.adds(ok=False)

    assert both(Track("script", "a", 60)) == (60, 0)
    assert both(Track("script", "a", -60)) == (0, -60)
    assert both(Track("script", "a", 60, reverse=True)) == (-60, 0)
    assert both(Track("script", "a", -60, reverse=True)) == (0, 60)
    assert both(Track("script", "a")) == (0, 0)
    assert [Track("script", "a").means_fault(ok) for ok in (True, False)] == [False, True]
    assert [Track("script", "a", reverse=True).means_fault(ok) for ok in (True, False)] == [True, False]


@pytest.mark.parametrize(
    ("track", "value", "status"),
    [
        (Track("file", "f", 1), 5, 5),
        (Track("file", "f", -3), 5, -15),
        (Track("file", "f", 2, reverse=True), 5, -10),
        (Track("file", "f", 10), 60, 253),
        (Track("file", "f", 10), -60, FAULT_STATUS),
        (Track("file", "f"), 0, 0),
        (Track("file", "f"), 1, FAULT_STATUS),
        (Track("file", "f", reverse=True), 0, FAULT_STATUS),
        (Track("file", "f", reverse=True), 7, 0),
    ],
)
def test_a_file_s_value_is_multiplied_by_its_weight(track: Track, value: int, status: int) -> None:
    assert track.file_status(value) == status


def test_a_script_s_weight_counts_even_outside_its_range() -> None:
    text = 'vrrp_script chk {\nscript "/usr/bin/true"\nweight 300\n}\n'
    assert read_scripts(text)["chk"].weight == 300
    assert tracks_of("track_script {\nchk\n}", before=text) == (Track("script", "chk", 300),)


def test_a_sync_group_with_an_owner_clears_its_weights() -> None:
    group = "vrrp_sync_group G {\ngroup {\nVI_1\nVI_2\n}\ntrack_script {\nchk\n}\n}\n"
    instances = "vrrp_instance VI_1 {\npriority 100\n}\nvrrp_instance VI_2 {\npriority 255\n}\n"
    settings = read_settings(SCRIPTS + group + instances)
    assert [(track.name, track.weight) for track in settings["VI_1"].tracks] == [("chk", 0)]


def test_a_sync_group_tracks_an_instance_s_own_interface_in_spite_of_dont_track_primary() -> None:
    text = (
        "vrrp_sync_group G {\ngroup {\nVI_1\n}\ntrack_interface {\neth0 weight 5\n}\n}\n"
        "vrrp_instance VI_1 {\ninterface eth0\ndont_track_primary\n}\n"
    )
    track = Track("interface", "eth0", 5, from_group=True)
    assert read_settings(text)["VI_1"].tracks == (track,)
