"""When a lab that is starting has elected, and when it never will."""

from __future__ import annotations

import pytest

from hatlab.engine.election import ENDED, STUCK, Election
from hatlab.topology import Layout
from hatlab.topology.library import load_topology


@pytest.fixture
def election() -> Election:
    return Election(Layout.numbered("two-node", load_topology("two-node")))


def begin(election: Election, *nodes: str) -> None:
    for node in nodes:
        election.process(0.0, node, True)


def test_a_master_decides(election: Election) -> None:
    begin(election, "db1", "db2")
    election.state(0.1, "db1", "VI_1", "BACKUP")
    assert not election.decided(100)
    election.state(3.5, "db1", "VI_1", "MASTER")
    assert election.decided(3.5)
    assert election.told() == ""
    assert not election.hopeless(3.5), "it is about to hold the address"
    election.address(3.6, "db1", "lan", "198.18.0.100", True)
    assert not election.hopeless(100)


def test_a_backup_may_still_become_master(election: Election) -> None:
    begin(election, "db1", "db2")
    election.process(0.1, "db1", False)
    election.state(0.1, "db2", "VI_1", "BACKUP")
    assert not election.decided(1000)


def test_a_node_that_did_not_begin_yet_may_still_become_master(election: Election) -> None:
    begin(election, "db1")
    election.process(0.1, "db1", False)
    assert not election.decided(1000)


def test_where_every_keepalived_ended_there_is_no_master(election: Election) -> None:
    begin(election, "db1", "db2")
    election.state(0.1, "db1", "VI_1", "MASTER")
    for node in ("db1", "db2"):
        election.process(1.0, node, False)
    assert not election.decided(1.0 + ENDED - 0.01)
    assert election.decided(1.0 + ENDED)
    assert election.told() == "no node became Master: keepalived ended on db1 and db2"
    assert election.hopeless(1.0 + ENDED)


def test_a_master_of_another_address_helps_no_client(election: Election) -> None:
    begin(election, "db1", "db2")
    election.state(3.0, "db1", "VI_1", "MASTER")
    election.address(3.0, "db1", "lan", "198.18.0.11", True)
    election.address(3.0, "db1", "lan", "1.0.0.122", True)
    assert not election.hopeless(3.0 + ENDED - 0.01)
    assert election.hopeless(3.0 + ENDED)


def test_fault_and_silence_take_longer_to_be_believed(election: Election) -> None:
    begin(election, "db1", "db2")
    election.state(1.0, "db1", "VI_1", "FAULT")
    assert not election.decided(1.0 + ENDED)
    assert election.decided(1.0 + STUCK)
    told = "no node became Master: FAULT on db1, keepalived says nothing of VI_1 on db2"
    assert election.told() == told


def test_each_instance_is_told_of_by_itself() -> None:
    election = Election(Layout.numbered("load-sharing", load_topology("load-sharing")))
    begin(election, "db1", "db2")
    election.state(1.0, "db1", "VI_1", "MASTER")
    for node in ("db1", "db2"):
        election.state(1.0, node, "VI_2", "FAULT")
    assert election.decided(1.0 + STUCK)
    assert election.told() == "no node became Master of VI_2: FAULT on db1 and db2"


def test_begins_anew(election: Election) -> None:
    begin(election, "db1", "db2")
    for node in ("db1", "db2"):
        election.process(1.0, node, False)
    election.forget()
    assert not election.decided(1000)
