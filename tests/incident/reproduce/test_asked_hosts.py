"""Checks that ask other machines, or run what no lab has: a cut that makes one fail is no fault of mysqld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hatlab import events as e
from hatlab.incident.reproduce.report import report_lines, to_document
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.incident.reproduce.foreign_lab import bring, faults, run

QUORUM = {"quorum": ["db1", "db2", "witness"], "network": "heartbeat", "interval": 1, "timeout": 1}
REACH = {"reach": "witness", "network": "heartbeat", "interval": 1, "timeout": 1}


def _with_check(check: dict[str, Any]) -> Topology:
    """The pair, with a check of its own beside that of mysqld, and a third machine."""
    data: dict[str, Any] = load_topology("two-node").model_dump(mode="json", exclude_defaults=True)
    data["nodes"]["witness"] = {"octet": 13, "service": "router"}
    data["checks"]["other"] = check
    data["instances"]["VI_1"]["checks"].append("other")
    return Topology.model_validate({"version": 1, **data, "clients": {}})


@pytest.mark.parametrize(
    ("check", "cut", "captures"),
    [
        (QUORUM, "cut heartbeat db1", ("db1", "db2")),
        (QUORUM, "cut heartbeat", ()),
        (REACH, "cut heartbeat db1", ()),
        (REACH, "cut heartbeat", ("db1", "db2")),
    ],
)
def test_a_check_that_asks_others_fails_by_a_cut(
    tmp_path: Path, check: dict[str, Any], cut: str, captures: tuple[str, ...]
) -> None:
    events = run(tmp_path, _with_check(check), f"3 {cut}\n", 10)
    found = bring(events, tmp_path, captures=captures)
    assert faults(found) == [cut]
    assert found.best.agreement > 0.95


def _as_if_it_ran(command: str, events: Sequence[e.Event]) -> list[e.Event]:
    """The events with another command in the configurations: a lab's nodes have nothing like it."""
    asks = "/usr/bin/mysql --user=root --silent --execute 'SELECT 1'"
    confs = [event for event in events if isinstance(event, e.Conf)]
    assert all(asks in conf.text for conf in confs)
    return [
        replace(event, text=event.text.replace(asks, command)) if isinstance(event, e.Conf) else event
        for event in events
    ]


def test_a_check_of_which_a_lab_has_nothing_asks_mysqld(tmp_path: Path) -> None:
    events = run(tmp_path, load_topology("two-node"), "3 kill mysqld db1\n9 start mysqld db1\n", 18)
    found = bring(_as_if_it_ran("/etc/keepalived/haproxy_is_up.sh 6033", events), tmp_path)
    assert faults(found) == ["kill mysqld db1", "start mysqld db1"]
    assert found.best.comparison.same
    said = "\n".join(report_lines(found, found.best.comparison, ("a", "b"), details=False))
    assert "No lab has what the check mysql runs" in said
    assert to_document(found, found.best.comparison)["assumed"] == {"mysql": "mysqld"}


@pytest.mark.parametrize("command", ["/usr/bin/pgrep haproxy", "/usr/bin/systemctl is-active --quiet nginx"])
def test_a_process_that_no_lab_has(tmp_path: Path, command: str) -> None:
    events = run(tmp_path, load_topology("two-node"), "3 kill mysqld db1\n", 10)
    found = bring(_as_if_it_ran(command, events), tmp_path, captures=())
    assert faults(found) == ["kill mysqld db1"]
    assert found.best.comparison.same
