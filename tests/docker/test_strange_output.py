"""What a learner writes to a node's own standard output, and a stream that ends while its container runs."""

from __future__ import annotations

from typing import Any

import pytest

from hatlab import events as e
from hatlab.engine.docker.agent_link import MOST_OF_A_LINE
from tests.docker.watched import Watched

pytestmark = pytest.mark.docker

STRANGE = rf"""
echo '{{"t":1}}'
echo plain text
printf '\xff\xfe\n'
head -c 200000 /dev/zero | tr '\0' '['; echo
head -c 3000000 /dev/zero | tr '\0' x; echo
head -c {MOST_OF_A_LINE + 10} /dev/zero | tr '\0' y; echo
echo '{{"t":9e99,"kind":"process","service":"mysqld","state":"down","reason":"","pid":null}}'
echo '{{"t":1,"kind":"node","node":"db2","state":"off"}}'
for k in 1 2 3; do
  echo '{{"t":'$(cut -d' ' -f1 /proc/uptime)',"kind":"vrrp","instance":"VI_1","state":"FAULT","priority":1}}'
done
printf 'no end of a line'
"""


def _run_inside(lab: Watched, command: str) -> str:
    run = lab.engine.client.api.exec_create(lab.engine.containers["db1"], ["bash", "-c", command])["Id"]
    return str(lab.engine.client.api.exec_start(run).decode())


def test_a_strange_line_is_counted_and_says_nothing(running: Watched) -> None:
    since = running.now()
    assert _run_inside(running, f"{{ {STRANGE} }} > /proc/1/fd/1") == ""

    def dropped() -> int:
        return sum(event.count for event in running.all(e.Dropped, since))

    running.until(lambda: dropped() >= 11, "the lines are told as dropped")
    assert len(running.all(e.Dropped, since)) <= 3, "once with a count, not line by line"
    assert "kept" in _run_inside(running, "echo kept")
    assert running.do("freeze mysqld db1")
    running.wait(e.Process, since, node="db1", service="mysqld", state="frozen")
    running.do("thaw mysqld db1")
    assert not running.all(e.Node, since)
    assert not running.all(e.Vrrp, since, state="FAULT")
    assert not running.all(e.Process, since, state="down")


def test_a_stream_that_ends_is_attached_again(running: Watched) -> None:
    since = running.now()
    containers: Any = running.engine._containers
    containers._links["db1"].close()
    running.until(
        lambda: any("again" in event.text for event in running.all(e.Log, since, service="hatlab")),
        "db1 is seen again",
    )
    running.do("freeze mysqld db1")
    running.wait(e.Process, since, node="db1", service="mysqld", state="frozen")
    running.do("thaw mysqld db1")
    assert not running.all(e.Node, since)
    running.do("power off db1")
    running.wait(e.Node, since, node="db1", state="off")
    running.do("power on db1")
    running.wait(e.Node, since, node="db1", state="on")
    running.wait(e.Process, since, node="db1", service="mysqld", state="up")
