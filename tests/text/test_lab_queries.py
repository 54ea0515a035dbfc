"""What a screen shows in its panes can be asked for by typing."""

from __future__ import annotations

from pathlib import Path

from tests.support.typed_lesson import output_of


def test_what_a_screen_shows_can_be_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "db1.conf"
    text = output_of(
        "wait 3,packets,packets db1,packets db2,log db1,addresses db1,conf db1,why,"
        f"conf db1 {file},conf db9,conf,conf db1 /no/such/file".split(",")
    )
    assert "VRRP v2 VRID 51 prio 150 sent to" in text
    assert "  IPv4 destination: 224.0.0.18" in text
    assert "db2 has sent no adverts" in text
    assert "Sending gratuitous ARP on eth0 for 198.18.0.100 (5 times)\n" in text
    assert "db1 has 198.18.0.100 on lan" in text
    assert "vrrp_instance VI_1 {" in text
    assert "why: " in text
    assert "vrrp_instance VI_1 {" in file.read_text()
    for message in ("no node 'db9'", "too few words for conf", "cannot write /no/such/file"):
        assert message in text


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "db1.conf"
    file.write_text("mine")
    assert f"cannot write {file}: File exists" in output_of([f"conf db1 {file}"])
    assert file.read_text() == "mine"
