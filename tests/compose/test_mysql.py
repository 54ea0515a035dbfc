"""mysqld's settings."""

from __future__ import annotations

from compose.agent.mysql import node_config


def test_the_node_s_configuration_holds_what_differs() -> None:
    text = node_config("db1", {"server_id": 11, "increment": 2, "offset": 1})
    assert "server-id = 11\nreport-host = db1\n" in text
    assert "auto-increment-increment = 2\nauto-increment-offset = 1" in text
    assert "read-only" not in text
    assert "super-read-only = ON\n" in node_config("db1", {"server_id": 11, "fenced": True})
