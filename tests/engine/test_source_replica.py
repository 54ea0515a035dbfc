"""A source and its replica, on both engines: after a failover writes are refused till the source is back."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.actions import parse
from hatlab.state.model import LabState
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.support.engines import BOTH_ENGINES, ENGINES
from tests.support.sessions import running_session


def source_replica() -> Topology:
    data = load_topology("two-node").model_dump(mode="json")
    data["replication"] = {"kind": "source-replica", "network": "heartbeat"}
    return Topology.model_validate(data)


def last_write_was(state: LabState, ok: bool, server: str) -> bool:
    last = state.clients["client"].write
    return last is not None and (last.ok, last.server) == (ok, server)


@pytest.mark.parametrize("engine", BOTH_ENGINES)
def test_a_replica_takes_no_writes(engine: str) -> None:
    with running_session(ENGINES[engine]("two-node", source_replica())) as session:
        assert session.wait_for(lambda s: last_write_was(s, True, "db1"), 40)
        nodes = session.state.nodes
        assert (nodes["db1"].replication, nodes["db2"].replication is not None) == (None, True)
        session.act(parse("kill mysqld db1", session.state.layout))
        assert session.wait_for(lambda s: last_write_was(s, False, "db2"), 40)
        assert session.wait_for(lambda s: s.clients["client"].server == "db2", 40), "reading goes on"
        client = session.state.clients["client"]
        assert isinstance(client.write, e.Write)
        assert client.write.error == "mysql 1290"
        session.act(parse("start mysqld db1", session.state.layout))
        assert session.wait_for(lambda s: last_write_was(s, True, "db1"), 40)
