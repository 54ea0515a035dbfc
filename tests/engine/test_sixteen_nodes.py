"""Sixteen servers with a mysqld each, on both engines: they come up, fail over and go."""

from __future__ import annotations

import pytest

from hatlab.actions import parse
from hatlab.engine.docker.connection import connect
from hatlab.engine.docker.labels import LAB, TOPOLOGY
from hatlab.errors import EngineError
from hatlab.session import Session
from hatlab.state.model import LabState
from tests.engine.test_topologies import is_settled
from tests.support.engines import BOTH_ENGINES, ENGINES
from tests.support.topologies import many


def _is_master(node: str, state: LabState) -> bool:
    ((_, address, _),) = state.vips()
    return state.owners(address) == {node}


@pytest.mark.parametrize("engine", BOTH_ENGINES)
def test_sixteen_servers_come_up_and_fail_over(engine: str) -> None:
    topology = many(16)
    session = Session(ENGINES[engine]("sixteen", topology))
    try:
        session.start()
        assert session.wait_for(lambda state: is_settled(topology, state), 60)
        running = [node.service("mysqld").state for node in session.state.nodes.values()]
        assert running == ["up"] * 16
        session.act(parse("stop keepalived db1"))
        assert session.wait_for(lambda state: _is_master("db2", state), 30)
        assert session.wait_for(lambda state: state.clients["client"].server == "db2", 30)
    finally:
        _stop(session)


def _stop(session: Session) -> None:
    """Stop the lab. If Docker 20.10 miscounts the endpoints of a network, that is not our fault."""
    try:
        session.stop()
    except EngineError as error:
        if "active endpoints" not in error.message:
            raise
        client = connect()
        left = client.api.containers(all=True, filters={"label": LAB})
        client.close()
        assert session.state.name not in {container["Labels"][TOPOLOGY] for container in left}
