"""A node's texts come back from a topology byte for byte."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hatlab.keepalived.to_topology.yaml_text import topology_lines
from hatlab.topology.file import parse_topology

DATA = {
    "version": 1,
    "title": "x",
    "networks": ["lan"],
    "nodes": {"a": {"octet": 11}},
    "instances": {
        "VI_1": {"network": "lan", "vrid": 51, "members": {"a": {"priority": 1}}, "addresses": {"lan": [100]}}
    },
    "replication": {"kind": "none"},
    "sync_groups": {},
    "checks": {},
    "clients": {},
}


@given(st.text(st.sampled_from("ab #:-'\"\\\n\r\t|\ufeff\u2028é$@{}[]%&*!>"), min_size=1, max_size=30))
def test_any_text_comes_back(text: str) -> None:
    files = {"/opt/a b": {"content": text}, "/opt/c": {"content": text, "mode": "0750"}}
    lines = topology_lines(DATA, {"a": {"conf": text, "files": files}})
    topology = parse_topology("".join(line + "\n" for line in lines).encode()).topology
    assert topology is not None
    node = topology.nodes["a"]
    assert node.conf == text
    assert {path: (file.content, file.mode) for path, file in node.files.items()} == {
        "/opt/a b": (text, None),
        "/opt/c": (text, "0750"),
    }
