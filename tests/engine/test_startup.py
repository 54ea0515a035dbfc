"""What is done before a lab is ready, by the topology's `sql` and `faults`; and what its client writes."""

from __future__ import annotations

from typing import Any

import pytest

from hatlab import events as e
from hatlab.actions import Action
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.errors import EngineError
from hatlab.session import Session
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.support.engines import BOTH_ENGINES, ENGINES
from tests.support.sessions import all_events, running_session
from tests.support.waiting import wait_until

CREATE = "CREATE TABLE lab.stock (id INT PRIMARY KEY, left_over INT)"
FILL = "INSERT INTO lab.stock VALUES (1, 7)"


def two_node_with(**changes: Any) -> Topology:
    return Topology.model_validate(load_topology("two-node").model_dump(mode="json") | changes)


@pytest.mark.parametrize("name", BOTH_ENGINES)
def test_statements_and_faults_are_applied_before_ready_and_again_after_a_reset(name: str) -> None:
    topology = two_node_with(
        sql={"db1": [CREATE, FILL], "db2": ["UPDATE lab.accounts SET balance = 3 WHERE id = 2"]},
        faults=["cut heartbeat", "stop keepalived db2"],
    )
    ready: list[tuple[bool, str]] = []
    with running_session(ENGINES[name]("two-node", topology)) as session:
        for _ in range(2):
            state = session.state
            assert state.ready
            keepalived = state.nodes["db2"].services["keepalived"]
            rows = session.act(Action("sql", ("db1", "SELECT * FROM lab.stock")))
            ready.append((keepalived.state == "down", rows))
            balance = session.act(Action("sql", ("db2", "SELECT balance FROM lab.accounts WHERE id = 2")))
            assert "3" in balance
            if len(ready) < 2:
                session.act(Action("reset"))
    assert ready == [(True, "id | left_over\n1 | 7")] * 2
    events = all_events(session)
    order = [p.name for p in events if isinstance(p, e.Phase) and p.done and p.name != "stopping"]
    assert order.index("replication") < order.index("sql") < order.index("ready")
    ready_at = next(p.at for p in events if isinstance(p, e.Phase) and p.name == "ready" and p.done)
    assert any(isinstance(f, e.Filter) and f.percent == 100 and f.at <= ready_at for f in events)
    down = [p for p in events if isinstance(p, e.Process) and p.service == "keepalived" and p.state == "down"]
    assert down[0].at <= ready_at
    assert not [a for a in events if isinstance(a, e.Action) and a.at < ready_at], "nobody did it"


@pytest.mark.parametrize("name", BOTH_ENGINES)
def test_the_error_names_a_failed_statement(name: str) -> None:
    topology = two_node_with(sql={"db2": [CREATE, "INSERT INTO lab.nothing VALUES (1)"]})
    session = Session(ENGINES[name]("two-node", topology))
    with pytest.raises(EngineError, match=r"start SQL failed: MySQL says: \(1146, .*lab\.nothing") as failed:
        session.start()
    assert failed.value.hint == "statement 2 of `sql: db2`: INSERT INTO lab.nothing VALUES (1)"


def test_the_error_names_a_fault_that_cannot_be_applied() -> None:
    topology = two_node_with(faults=["kill mysqld db1", "freeze mysqld db1"])
    session = Session(SimulatorEngine("two-node", topology))
    message = "the lab cannot start with `freeze mysqld db1`: mysqld is not running"
    with pytest.raises(EngineError, match=message):
        session.start()


@pytest.mark.parametrize("name", BOTH_ENGINES)
def test_an_update_workload_counts_each_write(name: str) -> None:
    client = {"network": "lan", "octet": 50, "target": "VI_1", "writes": 20, "workload": "update"}
    topology = two_node_with(clients={"client": client})
    with running_session(ENGINES[name]("two-node", topology)) as session:

        def select_number(query: str) -> int:
            return int(session.act(Action("sql", ("db1", query))).split()[-1])

        count = "SELECT COUNT(*) FROM lab.writes"
        wait_until(lambda: select_number(count) >= 3, 40, "three writes")
        rows = select_number(count)
        balance = select_number("SELECT balance FROM lab.accounts WHERE id = 1")
        later = select_number(count)
    assert 3 <= rows <= balance <= later
