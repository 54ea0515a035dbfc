"""The files that a lab puts on a node's disk."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from compose.agent import node_files
from compose.agent.node_files import NodeFiles

INTERFACES: Any = SimpleNamespace(devices={"eth1": "lan"})


def test_they_have_their_mode_and_the_names_of_interfaces(tmp_path: Path) -> None:
    script = tmp_path / "opt" / "scripts" / "check.sh"
    files = {str(script): {"mode": 0o750, "content": "#!/bin/sh\r\nping -I @lan@\n"}}
    NodeFiles("db1", files, INTERFACES).write()
    assert script.read_bytes() == b"#!/bin/sh\r\nping -I eth1\n"
    assert script.stat().st_mode & 0o7777 == 0o750
    assert script.parent.stat().st_mode & 0o022 == 0, "keepalived refuses scripts in folders of others"


def test_none_takes_the_place_of_a_file_of_the_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_files, "CONF", str(tmp_path / "keepalived.conf"))
    program = tmp_path / "mysql"
    program.write_text("a program")
    files = NodeFiles("db1", {str(program): {"mode": 0o755, "content": "another"}}, INTERFACES)
    with pytest.raises(SystemExit, match="mysql of db1 is a file of the node image"):
        files.write_at_boot()
    assert program.read_text() == "a program"
