"""Topology files: shipped ones load, and a fault is pointed at by line and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.errors import FileError, UserError
from hatlab.topology import Layout, Topology
from hatlab.topology.library import find_topology, load_topology, topology_names
from hatlab.util.files import shipped_folder

GOOD = """\
version: 1
title: small
networks: [lan]
nodes: {db1: 11, db2: 12}
instances:
  VI_1:
    network: lan
    vrid: 51
    members: {db1: 150, db2: 100}
    addresses: {lan: [100]}
"""


@pytest.mark.parametrize("name", topology_names())
def test_each_shipped_topology_loads(name: str) -> None:
    layout = Layout.numbered(name, load_topology(name))
    data, subnets = layout.to_data()
    assert Layout(name, Topology.model_validate(data), subnets).to_data() == (data, subnets)


def test_shipped_folders_are_found() -> None:
    for folder in ("topologies", "lessons", "compose"):
        assert shipped_folder(folder).is_dir()


def test_a_layout_names_every_address() -> None:
    layout = Layout.numbered("two-node", load_topology("two-node"), 7)
    assert layout.address("db1", "lan") == "198.18.7.11"
    assert layout.address("db2", "heartbeat") == "198.18.8.12"
    assert layout.vips("VI_1") == (("198.18.7.100", "lan"),)
    assert layout.owner_of("198.18.8.12") == "db2"
    assert layout.owner_of("198.18.7.100") is None


def load(tmp_path: Path, text: str | bytes) -> Topology:
    path = tmp_path / "lab.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_topology(str(path))


def test_the_smallest_topology_loads(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).title == "small"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("vrid: 51", "vrid: 510", 8, "vrid"),
        ("vrid: 51", "vird: 51", 8, "unknown key"),
        ("network: lan\n", "network: lam\n", 7, "'lam', which is not defined"),
        ("db2: 12}", "db2: 11}", 4, "both use .11"),
        ("{db1: 150, db2: 100}", "{db1: 150, db2: 300}", 9, "priority"),
        ("nodes: {db1: 11, db2: 12}", "nodes: {db1: 11, db2: 12", 5, "not valid YAML"),
        ("title: small", "title: [", 4, "not valid YAML"),
        ("title: small", "title: &a small\nx: *a", 3, "aliases"),
        ("db1: 11", "'db1; rm -rf /': 11", 4, "these characters"),
    ],
)
def test_a_mistake_has_its_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    assert old in GOOD
    with pytest.raises(FileError, match=message) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert caught.value.line == line


@pytest.mark.parametrize("text", ["", "- a\n", "just words", b"\xff\xfe", "a: b: c", "\t- x", "[" * 3000])
def test_what_is_no_topology_is_said(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(FileError):
        load(tmp_path, text)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    with pytest.raises(FileError):
        load(tmp_path_factory.mktemp("any"), raw)


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UserError) as caught:
        find_topology("two-nodes")
    assert "two-node" in caught.value.hint
    with pytest.raises(UserError, match="no file"):
        find_topology("./nowhere.yaml")


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="too large"):
        load(tmp_path, "a" * 2_000_000)
