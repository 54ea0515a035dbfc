"""Text files as people's editors write them."""

from __future__ import annotations

from pathlib import Path

from hatlab.actions.timed_script import read_conf_file
from hatlab.util.files import read_text


def test_the_mark_at_the_start_of_a_text_is_no_part_of_it_but_of_a_configuration_that_is_kept(
    tmp_path: Path,
) -> None:
    path = tmp_path / "script.txt"
    path.write_bytes(b"\xef\xbb\xbf0.5 kill mysqld db1\r\n1 end\r\n")
    assert read_text(path, "script") == "0.5 kill mysqld db1\n1 end\n"
    assert read_conf_file(path).startswith("\ufeff")  # keepalived takes it for a part of its first word
