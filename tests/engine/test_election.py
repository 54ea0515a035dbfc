"""When the election of a starting lab is decided, and when it never will be."""

from __future__ import annotations

import pytest

from hatlab.engine.election import ENDED_FOR, STUCK_FOR, UNANSWERED_FOR, Election
from hatlab.topology import Layout
from hatlab.topology.library import load_topology


@pytest.fixture
def election() -> Election:
    return Election(Layout.numbered("two-node", load_topology("two-node")))


def start_keepalived(election: Election, *nodes: str) -> None:
    for node in nodes:
        election.on_process(0.0, node, True)


def test_a_master_decides_the_election(election: Election) -> None:
    start_keepalived(election, "db1", "db2")
    election.on_state(0.1, "db1", "VI_1", "BACKUP")
    assert not election.is_decided(100)
    election.on_state(3.5, "db1", "VI_1", "MASTER")
    assert election.is_decided(3.5)
    assert election.summary() == ""
    assert not election.cannot_serve_clients(3.5), "it is about to hold the address"
    election.on_address(3.6, "db1", "lan", "198.18.0.100", True)
    assert not election.cannot_serve_clients(4.5)


def test_a_backup_may_still_become_master(election: Election) -> None:
    start_keepalived(election, "db1", "db2")
    election.on_process(0.1, "db1", False)
    election.on_state(0.1, "db2", "VI_1", "BACKUP")
    assert not election.is_decided(1000)


def test_a_node_that_has_not_started_yet_may_still_become_master(election: Election) -> None:
    start_keepalived(election, "db1")
    election.on_process(0.1, "db1", False)
    assert not election.is_decided(1000)


def test_there_is_no_master_once_every_keepalived_has_ended(election: Election) -> None:
    start_keepalived(election, "db1", "db2")
    election.on_state(0.1, "db1", "VI_1", "MASTER")
    for node in ("db1", "db2"):
        election.on_process(1.0, node, False)
    assert not election.is_decided(1.0 + ENDED_FOR - 0.01)
    assert election.is_decided(1.0 + ENDED_FOR)
    assert election.summary() == "no node became Master: keepalived ended on db1 and db2"
    assert election.cannot_serve_clients(1.0 + ENDED_FOR)


def test_a_master_of_another_address_serves_no_client(election: Election) -> None:
    start_keepalived(election, "db1", "db2")
    election.on_state(3.0, "db1", "VI_1", "MASTER")
    election.on_address(3.0, "db1", "lan", "198.18.0.11", True)
    election.on_address(3.0, "db1", "lan", "1.0.0.122", True)
    assert not election.cannot_serve_clients(3.0 + ENDED_FOR - 0.01)
    assert election.cannot_serve_clients(3.0 + ENDED_FOR)


def test_fault_and_silence_take_longer_to_decide(election: Election) -> None:
    start_keepalived(election, "db1", "db2")
    election.on_state(1.0, "db1", "VI_1", "FAULT")
    assert not election.is_decided(1.0 + ENDED_FOR)
    assert election.is_decided(1.0 + STUCK_FOR)
    summary = "no node became Master: FAULT on db1, keepalived says nothing about VI_1 on db2"
    assert election.summary() == summary


def test_the_summary_names_each_instance_without_a_master() -> None:
    election = Election(Layout.numbered("load-sharing", load_topology("load-sharing")))
    start_keepalived(election, "db1", "db2")
    election.on_state(1.0, "db1", "VI_1", "MASTER")
    for node in ("db1", "db2"):
        election.on_state(1.0, node, "VI_2", "FAULT")
    assert election.is_decided(1.0 + STUCK_FOR)
    assert election.summary() == "no node became Master of VI_2: FAULT on db1 and db2"


def test_reset_starts_a_new_election(election: Election) -> None:
    start_keepalived(election, "db1", "db2")
    for node in ("db1", "db2"):
        election.on_process(1.0, node, False)
    election.reset()
    assert not election.is_decided(1000)


def test_a_client_that_gets_no_answer_does_not_hold_the_start_up(election: Election) -> None:
    """As with vrrp_strict: the Master holds the address, and its own firewall drops every packet to it."""
    start_keepalived(election, "db1", "db2")
    election.on_state(3.5, "db1", "VI_1", "MASTER")
    election.on_address(3.6, "db1", "lan", "198.18.0.100", True)
    assert not election.cannot_serve_clients(3.6 + UNANSWERED_FOR - 0.01)
    assert election.cannot_serve_clients(3.6 + UNANSWERED_FOR)
    assert election.unanswered() == "no client gets an answer at the virtual address"
