"""When tables differ for good, and when replication has only not come yet."""

from __future__ import annotations

from typing import Any

from hatlab import events as e
from hatlab.state.derive import LOOKED_AGAIN
from hatlab.state.model import LabState
from hatlab.state.summary import summarize, summary_lines
from hatlab.state.table_diff import describe_difference
from hatlab.views.lab_view import condition_sentences
from tests.state.test_fold import run
from tests.support.story import story

A, B = "0000000a-0000-4000-8000-00000000000a", "0000000b-0000-4000-8000-00000000000b"
COLUMNS = ("id", "owner", "balance")


def accounts(at: float, node: str, balance: int | None, executed: str, rows: int = 1) -> e.Table:
    content = (("1", "alice", None if balance is None else str(balance)),) if rows == 1 else ()
    said: dict[str, Any] = {"name": "lab.accounts", "columns": COLUMNS, "checksum": f"{balance}"}
    return e.Table(at=at, node=node, rows=rows, gtid_executed=executed, content=content, **said)


def replica(at: float, node: str, applier: bool = True, errno: int = 0) -> e.Replication:
    return e.Replication(at=at, node=node, receiver=True, applier=applier, errno=errno)


def told(*events: e.Event, until: float = 20.0) -> tuple[LabState, list[e.Condition]]:
    """A healthy pair at 8 s, then these, then silence."""
    begun, _ = run(story(8.0))
    ticks: list[e.Event] = [e.Tick(at=8 + k / 4) for k in range(1, round((until - 8) * 4) + 1)]
    state, derived = run(sorted([*events, *ticks], key=lambda event: event.at), begun)
    return state, [c for c in derived if isinstance(c, e.Condition) and c.name == "tables_differ"]


BEFORE = (accounts(8, "db1", 0, ""), accounts(8, "db2", 0, ""))
SWAPPED = (accounts(10, "db1", 1, f"{A}:1,{B}:1"), accounts(10.3, "db2", 10, f"{A}:1,{B}:1"))


def test_the_same_transactions_and_another_content() -> None:
    state, conditions = told(*BEFORE, *SWAPPED)
    assert [(c.present, c.detail) for c in conditions] == [
        (True, "lab.accounts: id 1: balance is 1 on db1, 10 on db2")
    ]
    assert conditions[0].at >= 10.3 + LOOKED_AGAIN
    assert condition_sentences(state) == [
        "⚠ TABLES DIFFER  lab.accounts: id 1: balance is 1 on db1, 10 on db2. Replication will not fix this."
    ]
    assert "⚠ tables differ: lab.accounts: id 1" in "\n".join(summary_lines(summarize(state)))
    assert summarize(state)["nodes"]["db1"]["tables"]["lab.accounts"]["content"] == [["1", "alice", "1"]]


def test_a_replica_that_lags_differs_from_nothing() -> None:
    state, conditions = told(*BEFORE, accounts(10, "db1", 1, f"{A}:1"))
    assert conditions == []
    assert state.differing == {}


def test_a_split_is_no_difference_before_it_is_healed() -> None:
    _, conditions = told(*BEFORE, accounts(10, "db1", 10, f"{A}:1"), accounts(10, "db2", 1, f"{B}:1"))
    assert conditions == []


def test_a_look_in_the_middle_of_another_server_s_look() -> None:
    """db2's other table is told first: for an instant it seems to have come as far as db1."""

    def other(at: float, node: str, executed: str) -> e.Table:
        return e.Table(at=at, node=node, name="lab.x", rows=0, checksum="0", gtid_executed=executed)

    begin = (*BEFORE, other(8, "db1", ""), other(8, "db2", ""))
    look = other(12, "db2", f"{A}:1"), accounts(12, "db2", 1, f"{A}:1")
    state, conditions = told(*begin, accounts(10, "db1", 1, f"{A}:1"), look[0], until=12)
    assert state.differing
    state, conditions = told(*begin, accounts(10, "db1", 1, f"{A}:1"), *look)
    assert not state.differing
    assert conditions == []


def test_a_replica_that_stopped_has_said_so_itself() -> None:
    _, conditions = told(*BEFORE, replica(9, "db1", applier=False, errno=1062), *SWAPPED)
    assert conditions == []


def test_it_is_found_when_the_replicas_run_again() -> None:
    _, conditions = told(*BEFORE, replica(9, "db1", applier=False), *SWAPPED, replica(12, "db1"))
    assert [c.present for c in conditions] == [True]
    assert conditions[0].at >= 12 + LOOKED_AGAIN


def test_it_lasts_until_the_tables_are_equal_whatever_replication_does() -> None:
    grown = accounts(14, "db1", 2, f"{A}:1-2,{B}:1"), replica(15, "db2", applier=False)
    state, conditions = told(*BEFORE, *SWAPPED, *grown)
    assert [c.present for c in conditions] == [True]
    assert "tables_differ" in state.conditions
    mended = accounts(16, "db2", 2, f"{A}:1-2,{B}:1")
    _, conditions = told(*BEFORE, *SWAPPED, *grown, mended)
    assert [(c.at, c.present) for c in conditions][1:] == [(16, False)]


def test_words_for_each_kind_of_difference() -> None:
    def words(one: e.Table, other: e.Table) -> str:
        return describe_difference(told(one, other)[0], "lab.accounts")

    different = words(accounts(9, "db1", None, ""), accounts(9, "db2", 3, ""))
    assert different.endswith("balance is NULL on db1, 3 on db2")
    empty = accounts(9, "db2", 7, "", rows=0)
    assert words(accounts(9, "db1", 5, ""), empty) == "lab.accounts: id 1 only on db1"
    many = accounts(9, "db1", 5, "", rows=100)
    assert words(many, empty) == "lab.accounts: 100 rows on db1, 0 rows on db2, and they differ"
    gone = e.Table(at=9, node="db2", name="lab.accounts", rows=None, checksum="", gtid_executed="")
    assert words(many, gone) == "lab.accounts exists only on db1"
