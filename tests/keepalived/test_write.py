from __future__ import annotations

from typing import Any

import pytest

from hatlab.keepalived import NOTIFY_FIFO, parse_config, read_scripts, read_settings, write_config
from hatlab.keepalived.diagnose import diagnose_config
from hatlab.topology import PING_WAIT, Layout, Topology
from hatlab.topology.library import load_topology
from hatlab.util.files import shipped_folder

INTERFACES = {"lan": "eth1", "heartbeat": "eth0"}


@pytest.fixture
def two_node() -> Layout:
    return Layout.numbered("two-node", load_topology("two-node"), 7)


def _with(layout: Layout, **instance: Any) -> Layout:
    data, subnets = layout.to_data()
    data["instances"]["VI_1"] |= instance
    return Layout(layout.name, Topology.model_validate(data), subnets)


def test_a_written_configuration_reads_back_as_the_topology_says(two_node: Layout) -> None:
    for node, priority in (("db1", 150), ("db2", 100)):
        text = write_config(two_node, node, INTERFACES)
        found = read_settings(text)["VI_1"]
        assert (found.priority, found.vrid, found.interface) == (priority, 51, "eth0")
        assert (found.state, found.version, found.interval, found.auth_pass) == ("BACKUP", 2, 1.0, "hatlab")
        assert (found.addresses, found.track_scripts) == (("198.18.7.100",), ("mysql",))
        script = read_scripts(text)["mysql"]
        assert (script.interval, script.timeout, script.fall, script.rise, script.weight) == (2, 2, 2, 2, 0)
        assert script.command.startswith("/usr/bin/")
        assert f"vrrp_notify_fifo {NOTIFY_FIFO}\n" in text


def test_comments_change_nothing_but_the_look(two_node: Layout) -> None:
    plain, explained = (write_config(two_node, "db1", INTERFACES, comments=c) for c in (False, True))
    assert "#" not in plain
    assert explained.count(" # ") >= 15
    assert [line.partition(" # ")[0].rstrip() for line in explained.splitlines()] == plain.splitlines()


def test_everything_that_an_instance_may_have_is_written(two_node: Layout) -> None:
    layout = _with(
        two_node,
        members={"db1": {"priority": 150, "nopreempt": True}, "db2": {"priority": 9, "preempt_delay": 2.5}},
        track=["lan"],
        addresses={"lan": [100, 101], "heartbeat": [200]},
    )
    db1, db2 = (write_config(layout, node, INTERFACES) for node in ("db1", "db2"))
    assert read_settings(db1)["VI_1"].nopreempt
    assert read_settings(db2)["VI_1"].preempt_delay == 2.5
    assert len(read_settings(db1)["VI_1"].addresses) == 3
    assert "track_interface {\n        eth1\n" in db1


@pytest.mark.parametrize(
    ("check", "command"),
    [
        ({}, "/usr/bin/mysql --user=root --silent --execute 'SELECT 1'"),
        ({"tcp": 3306}, "/usr/bin/bash -c '</dev/tcp/127.0.0.1/3306'"),
        ({"process": "mysqld"}, "/usr/bin/pgrep --exact mysqld"),
        ({"reach": "db2", "network": "heartbeat"}, "/usr/bin/ping -c 1 -W 0.5 198.18.8.12"),
        ({"reach": "db1"}, "/usr/bin/ping -c 1 -W 0.5 198.18.7.11"),
        ({"reach": "client"}, "/usr/bin/ping -c 1 -W 0.5 198.18.7.50"),
        ({"reach": "lan.100"}, "/usr/bin/ping -c 1 -W 0.5 198.18.7.100"),
        ({"quorum": ["db1", "db2", "client"]}, "/usr/bin/quorum 198.18.7.12 198.18.7.50"),
    ],
)
def test_each_kind_of_check_has_its_command(two_node: Layout, check: dict[str, Any], command: str) -> None:
    data, _ = two_node.to_data()
    layout = Layout.numbered("two-node", Topology.model_validate({**data, "checks": {"mysql": check}}), 7)
    text = write_config(layout, "db1", INTERFACES)
    assert read_scripts(text)["mysql"].command == command
    wrong = [f.code for f in diagnose_config(text) if f.severity != "note"]
    assert wrong == []


def test_quorum_waits_as_long_as_it_is_said_to() -> None:
    program = (shipped_folder("compose") / "quorum").read_text(encoding="utf-8")
    assert f"ping -q -c 1 -W {PING_WAIT} " in program


def test_fencing_is_told_to_mysqld_on_each_change(two_node: Layout) -> None:
    text = write_config(_with(two_node, fence="super_read_only"), "db1", INTERFACES)
    found = {s.keyword: s.value() for s in next(parse_config(text).all("vrrp_instance")).body or ()}
    on, off = "super_read_only = 1'", "super_read_only = 0, GLOBAL read_only = 0'"
    assert found["notify_master"].endswith(off)
    assert all(found[f"notify_{state}"].endswith(on) for state in ("backup", "fault", "stop"))
    assert {f.severity for f in diagnose_config(text)} <= {"note"}


def test_version_3_has_no_password(two_node: Layout) -> None:
    found = read_settings(write_config(_with(two_node, version=3, interval=0.25), "db1", INTERFACES))["VI_1"]
    assert (found.version, found.interval, found.auth_pass) == (3, 0.25, None)


def test_a_member_s_own_password_and_interval(two_node: Layout) -> None:
    members = {"db1": {"priority": 1, "auth_pass": "two words", "interval": 3}, "db2": {"priority": 2}}
    layout = _with(two_node, members=members)
    first, second = (read_settings(write_config(layout, n, INTERFACES))["VI_1"] for n in ("db1", "db2"))
    assert (first.auth_pass, first.interval) == ("two word", 3.0)
    assert (second.auth_pass, second.interval) == ("hatlab", 1.0)


def test_its_own_blocks_are_all_closed(two_node: Layout) -> None:
    root = parse_config(write_config(two_node, "db2", INTERFACES, comments=True))
    assert [s.keyword for s in root.body or ()] == ["global_defs", "vrrp_script", "vrrp_instance"]
    assert all(s.closed for s in root.body or ())
