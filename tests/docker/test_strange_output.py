"""What a learner writes to a node's own standard output, and a stream that ends while its container runs."""

from __future__ import annotations

from typing import Any

import pytest

from hatlab import events as e
from hatlab.engine.docker import containers
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


def _run_inside(lab: Watched, command: str, node: str = "db1") -> str:
    run = lab.engine.client.api.exec_create(lab.engine.containers[node], ["bash", "-c", command])["Id"]
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
    followed: Any = running.engine._containers
    followed._links["db1"].close()
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


def test_what_happened_while_a_stream_was_gone_is_asked(
    running: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """db1's mysqld is frozen, its keepalived killed and its address removed while neither node is seen."""
    vip = running.vip
    running.do("reset")
    running.until(
        lambda: [event.held for event in running.all(e.Address, node="db1", address=vip)][-1], "db1 is Master"
    )
    since, attach = running.now(), containers.attach
    followed: Any = running.engine._containers
    taken_over = f"until ip addr | grep -q {vip}/; do sleep 0.2; done; sleep 1"
    removed = f"ip -o addr | grep {vip}/ | while read _ dev _ held _; do ip addr del $held dev $dev; done"

    def attach_after_changes(client: Any, container: str) -> Any:
        if followed.ids["db1"] == container:
            _run_inside(running, f"pkill -STOP mysqld; pkill -KILL keepalived; sleep 0.5; {removed}")
        else:
            _run_inside(running, taken_over, "db2")
        return attach(client, container)

    monkeypatch.setattr(containers, "attach", attach_after_changes)
    followed._links["db2"].close()
    followed._links["db1"].close()
    running.wait(e.Process, since, node="db1", service="mysqld", state="frozen")
    running.wait(e.Process, since, node="db1", service="keepalived", state="down")
    running.wait(e.Address, since, node="db1", address=vip, held=False)
    running.wait(e.Vrrp, since, node="db2", state="MASTER")
    running.wait(e.Address, since, node="db2", address=vip, held=True)
    assert not running.all(e.Process, since, node="db2", service="keepalived"), (
        "what is as before is not told"
    )
