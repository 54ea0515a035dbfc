"""What a split does to data, on both engines: the same actions, and the same facts afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from hatlab.actions import parse
from hatlab.engine.docker.engine import DockerEngine
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.session import Session
from hatlab.state.model import LabState
from hatlab.state.table_diff import missing_rows
from hatlab.topology.library import load_topology
from tests.support.engines import BOTH_ENGINES
from tests.support.sessions import running_session

LONG = 60.0
"""Seconds after which a wait is given up; a busy machine may need many of them."""


class Story:
    """A two-node lab whose time goes on until something is true."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._simulator = session.engine if isinstance(session.engine, SimulatorEngine) else None

    def do(self, *lines: str) -> None:
        for line in lines:
            self.session.act(parse(line, self.state.layout))

    @property
    def state(self) -> LabState:
        return self.session.state

    def until(self, true: Callable[[LabState], bool], what: str) -> None:
        if self._simulator is None:
            seen = self.session.wait_for(true, LONG)
            assert seen, f"not within {LONG} s: {what}; {[n.replica for n in self.state.nodes.values()]}"
            return
        end = self._simulator.now() + LONG
        while not true(self.state):
            assert self._simulator.now() < end, f"not within {LONG} s: {what}"
            self._simulator.run_until(self._simulator.now() + 0.05)

    def split(self) -> None:
        """Both write for themselves from now on."""
        self.do("cut heartbeat")
        self.until(lambda s: "split_brain" in s.conditions, "split brain")

    def heal(self) -> None:
        """Both replicas have noticed that they were cut off, and are let together again."""
        self.until(lambda s: not any(receiving(s)), "receivers stopped")
        self.do("heal heartbeat")


def receiving(state: LabState) -> list[bool]:
    return [node.replica is not None and node.replica.receiver for node in state.nodes.values()]


def balances(state: LabState) -> dict[str, str | None]:
    """Node → the balance of alice as it was seen in its table."""
    tables = {node.name: node.tables.get("lab.accounts") for node in state.nodes.values()}
    return {name: table.content[0][2] for name, table in tables.items() if table and table.content}


def has_every_row(state: LabState) -> bool:
    """Return whether both have every row that a client was told is written."""
    return not any(missing_rows(state, node) for node in state.nodes.values())


@pytest.fixture(params=BOTH_ENGINES)
def story(request: pytest.FixtureRequest) -> Iterator[Story]:
    topology = load_topology("two-node")
    engine = (
        SimulatorEngine("two-node", topology, paced=False)
        if request.param == "sim"
        else DockerEngine("two-node", topology)
    )
    with running_session(engine) as session:
        yield Story(session)


def test_lost_updates_are_silent(story: Story) -> None:
    story.until(lambda s: balances(s) == {"db1": "0", "db2": "0"}, "both tables seen")
    story.split()
    story.do('sql db1 "UPDATE lab.accounts SET balance = balance + 10 WHERE id = 1"')
    story.do('sql db2 "UPDATE lab.accounts SET balance = balance + 1 WHERE id = 1"')
    story.until(lambda s: balances(s) == {"db1": "10", "db2": "1"}, "each its own")
    assert "tables_differ" not in story.state.conditions, "they have not met yet"
    story.heal()
    story.until(lambda s: "tables_differ" in s.conditions, "the difference")
    assert balances(story.state) == {"db1": "1", "db2": "10"}, "swapped"
    detail = story.state.conditions["tables_differ"].detail
    assert detail == "lab.accounts: id 1: balance is 1 on db1, 10 on db2"
    for node in story.state.nodes.values():
        assert node.replica is not None
        assert (node.replica.receiver, node.replica.applier, node.replica.errno) == (True, True, 0)
    story.until(has_every_row, "every acknowledged row on both")
    story.do('sql db1 "UPDATE lab.accounts SET balance = 11 WHERE id = 1"')
    story.until(lambda s: "tables_differ" not in s.conditions, "the end of the difference")
    assert balances(story.state) == {"db1": "11", "db2": "11"}


def test_the_same_key_stops_both_appliers_until_the_row_is_gone(story: Story) -> None:
    story.split()
    for node in ("db1", "db2"):
        story.do(f"sql {node} \"INSERT INTO lab.accounts VALUES (9, '{node}', 0)\"")
    story.heal()

    def stopped(state: LabState) -> bool:
        replicas = [node.replica for node in state.nodes.values()]
        return all(r is not None and (r.errno, r.applier) == (1062, False) for r in replicas)

    story.until(stopped, "1062 on both")
    assert "tables_differ" not in story.state.conditions, "an error that is seen is not silent"
    for statement in ("DELETE FROM lab.accounts WHERE id = 9", "START REPLICA"):
        story.do(f'sql db1 "{statement}"', f'sql db2 "{statement}"')
    story.until(lambda s: all(receiving(s)) and not stopped(s), "both run again")
    story.until(has_every_row, "every acknowledged row on both")

    def equal(state: LabState) -> bool:
        one, other = (node.tables["lab.accounts"] for node in state.nodes.values())
        return one.checksum == other.checksum and one.rows == 2

    story.until(equal, "the row gone from both tables")
    assert "tables_differ" not in story.state.conditions
