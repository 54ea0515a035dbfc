from __future__ import annotations

from typing import Any

import pytest

from lab.files import load_topology
from lab.keepalived import NOTIFY_FIFO, parse, scripts, settings, write
from lab.topology import Layout, Topology

INTERFACES = {"lan": "eth1", "heartbeat": "eth0"}


@pytest.fixture
def two_node() -> Layout:
    return Layout.numbered("two-node", load_topology("two-node"), 7)


def _with(layout: Layout, **instance: Any) -> Layout:
    data, subnets = layout.to_data()
    data["instances"]["VI_1"] |= instance
    return Layout(layout.name, Topology.model_validate(data), subnets)


def test_reads_back_as_the_topology_says(two_node: Layout) -> None:
    for node, priority in (("db1", 150), ("db2", 100)):
        text = write(two_node, node, INTERFACES)
        found = settings(text)["VI_1"]
        assert (found.priority, found.vrid, found.interface) == (priority, 51, "eth0")
        assert (found.state, found.version, found.interval, found.auth_pass) == ("BACKUP", 2, 1.0, "hatlab")
        assert (found.addresses, found.track_scripts) == (("198.18.7.100",), ("mysql",))
        script = scripts(text)["mysql"]
        assert (script.interval, script.timeout, script.fall, script.rise, script.weight) == (2, 2, 2, 2, 0)
        assert script.command.startswith("/usr/bin/")
        assert f"vrrp_notify_fifo {NOTIFY_FIFO}\n" in text


def test_comments_change_nothing_but_the_look(two_node: Layout) -> None:
    plain, explained = (write(two_node, "db1", INTERFACES, comments=c) for c in (False, True))
    assert "#" not in plain
    assert explained.count(" # ") >= 15
    assert [line.partition(" # ")[0].rstrip() for line in explained.splitlines()] == plain.splitlines()


def test_everything_an_instance_may_have(two_node: Layout) -> None:
    layout = _with(
        two_node,
        members={"db1": {"priority": 150, "nopreempt": True}, "db2": {"priority": 9, "preempt_delay": 2.5}},
        track=["lan"],
        addresses={"lan": [100, 101], "heartbeat": [200]},
    )
    db1, db2 = (write(layout, node, INTERFACES) for node in ("db1", "db2"))
    assert settings(db1)["VI_1"].nopreempt
    assert settings(db2)["VI_1"].preempt_delay == 2.5
    assert len(settings(db1)["VI_1"].addresses) == 3
    assert "track_interface {\n        eth1\n" in db1


def test_version_3_has_no_password(two_node: Layout) -> None:
    found = settings(write(_with(two_node, version=3, interval=0.25), "db1", INTERFACES))["VI_1"]
    assert (found.version, found.interval, found.auth_pass) == (3, 0.25, None)


def test_a_member_s_own_password_and_interval(two_node: Layout) -> None:
    members = {"db1": {"priority": 1, "auth_pass": "two words", "interval": 3}, "db2": {"priority": 2}}
    layout = _with(two_node, members=members)
    first, second = (settings(write(layout, n, INTERFACES))["VI_1"] for n in ("db1", "db2"))
    assert (first.auth_pass, first.interval) == ("two word", 3.0)
    assert (second.auth_pass, second.interval) == ("hatlab", 1.0)


def test_its_own_blocks_are_all_closed(two_node: Layout) -> None:
    root = parse(write(two_node, "db2", INTERFACES, comments=True))
    assert [s.keyword for s in root.body or ()] == ["global_defs", "vrrp_script", "vrrp_instance"]
    assert all(s.closed for s in root.body or ())
