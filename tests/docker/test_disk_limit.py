"""A node may write so much, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from hatlab.engine.docker import disk_watch
from hatlab.events import Node
from tests.docker.watched import Watched

pytestmark = pytest.mark.docker


def test_a_node_that_fills_the_disk_loses_its_files(
    client: Any, running: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = running.engine
    fill = ["sh", "-c", "head -c 300M /dev/zero > /root/big"]
    client.api.exec_start(client.api.exec_create(lab.containers["db2"], fill)["Id"])
    began = lab.now()
    with monkeypatch.context() as small:
        small.setattr(disk_watch, "MOST_OF_A_NODE", 300 * 2**20)
        assert "a node may write" in running.wait(Node, began, node="db2", state="off").reason
    running.do("power on db2")
    run = client.api.exec_create(lab.containers["db2"], ["ls", "/root"])["Id"]
    assert b"big" not in client.api.exec_start(run)
    assert lab.off == set()
