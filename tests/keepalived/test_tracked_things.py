"""Files and processes that instances may track."""

from __future__ import annotations

import pytest

from hatlab.keepalived.tracked_things import (
    TrackFile,
    TrackProcess,
    read_status,
    read_track_files,
    read_track_processes,
)


def process_of(inside: str) -> TrackProcess:
    return read_track_processes(f"vrrp_track_process p {{\n{inside}\n}}\n")["p"]


def test_a_file_s_block_is_read() -> None:
    text = "track_file a {\nfile /run/a\ninit_file 3 overwrite\n}\nvrrp_track_file b {\nfile /run/b\n}\n"
    assert read_track_files(text) == {
        "a": TrackFile("a", "/run/a", 3, overwrite=True),
        "b": TrackFile("b", "/run/b"),
    }
    assert read_track_files("track_file a {\nweight 1\n}\n") == {}
    assert read_track_files("track_file a {\nfile /run/a\ninit_file\n}\n")["a"].initial == 0


@pytest.mark.parametrize(
    ("text", "number"),
    [("5\n", 5), (" -3 x", -3), ("0x10", 16), ("010", 8), ("abc", 0), ("", 0), ("99999999999", None)],
)
def test_a_file_s_number_is_read_as_c_reads_it(text: str, number: int | None) -> None:
    assert read_status(text) == number


def test_a_process_s_block_is_read() -> None:
    found = process_of("process mysqld\nquorum 2\nquorum_max 3\ndelay 1.5")
    assert (found.quorum, found.quorum_max, found.terminate_delay) == (2, 3, 1.5)
    assert [found.has_quorum(count) for count in range(5)] == [False, False, True, True, False]
    nobody = process_of("process mysqld\nquorum_max 0")
    assert [nobody.has_quorum(count) for count in (0, 1)] == [True, False]


@pytest.mark.parametrize(
    ("inside", "matches"),
    [
        ("process keepalived", True),
        ("process mysqld", False),
        ("process keepalived\nfull_command", False),
        ("process /usr/sbin/keepalived\nfull_command", True),
        ("process /usr/sbin/keepalived -n -D", True),
        ("process /usr/sbin/keepalived -n", False),
        ("process /usr/sbin/keepalived -n\nparam_match partial", True),
        ("process /usr/sbin/keepalived -n --\nparam_match initial", False),
        ("process /usr/sbin/keepalived -\nparam_match initial", True),
        ("process /usr/sbin/keepalived\nparam_match", False),
    ],
)
def test_a_process_is_matched_by_its_name_or_by_its_command(inside: str, matches: bool) -> None:
    assert process_of(inside).matches("keepalived", "/usr/sbin/keepalived -n -D") is matches
