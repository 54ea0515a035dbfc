"""Differences between the tables of servers that replicate from each other. Pure.

A difference alone says little: the other may be about to make the same change. It is *settled* once each
server has executed every transaction that led to the other's content; then replication will never fix it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from hatlab import events as e
from hatlab.state.model import LabState, NodeState
from hatlab.util.ranges import Ranges, add_number, has_executed, subtract
from hatlab.util.text import plural

ARRIVES = 2.0
"""Seconds after which a row that was acknowledged has been replicated, and seen, if nothing is in the way."""
MOST = 2
"""Rows that a sentence names."""


def replicating_pairs(state: LabState) -> Iterator[tuple[NodeState, NodeState]]:
    """The nodes that replicate from each other, and whose tables are known."""
    if state.layout is not None and state.layout.topology.replication.kind == "two-sources":
        known = [node for node in state.nodes.values() if node.looked is not None and node.replication]
        yield from combinations(known, 2)


def unequal_tables(state: LabState) -> set[str]:
    """Tables of which two servers were last seen with different content, for whatever reason."""
    found = set()
    for one, other in replicating_pairs(state):
        for name in one.tables.keys() | other.tables.keys():
            if _table_checksum(one, name) != _table_checksum(other, name):
                found.add(name)
    return found


def _table_checksum(node: NodeState, name: str) -> str | None:
    table = node.tables.get(name)
    return table.checksum if table else None


def is_settled(state: LabState, name: str) -> bool:
    """True if servers differ in a table although both replicas run and nothing is outstanding."""
    return any(
        _table_checksum(one, name) != _table_checksum(other, name)
        and _is_replicating(one)
        and _is_replicating(other)
        and _has_executed_all(one, other.tables.get(name))
        and _has_executed_all(other, one.tables.get(name))
        for one, other in replicating_pairs(state)
    )


def _is_replicating(node: NodeState) -> bool:
    replica = node.replica
    return replica is not None and replica.receiver and replica.applier and not replica.errno


def _has_executed_all(node: NodeState, table: e.Table | None) -> bool:
    """True if a server had executed, when last looked at, all that led to another's content."""
    return table is None or has_executed(node.looked or "", table.gtid_executed)


def describe_difference(state: LabState, name: str) -> str:
    """`lab.accounts: id 1: balance 1 on db1, 10 on db2`: a row or two in which servers differ."""
    for one, other in replicating_pairs(state):
        if _table_checksum(one, name) == _table_checksum(other, name):
            continue
        ours, theirs = one.tables.get(name), other.tables.get(name)
        if ours is None or theirs is None:
            return f"{name} exists only on {(one if ours else other).name}"
        parts = list(_differing_rows(ours, theirs))
        if not parts:
            counts = f"{_row_count(ours)} on {one.name}, {_row_count(theirs)} on {other.name}"
            return f"{name}: {counts}, and they differ"
        more = [f"and {len(parts) - MOST} more"] if len(parts) > MOST else []
        return f"{name}: {'; '.join([*parts[:MOST], *more])}"
    return name


def _row_count(table: e.Table) -> str:
    return plural(table.rows or 0, "{count} row", "{count} rows")


def _differing_rows(ours: e.Table, theirs: e.Table) -> Iterator[str]:
    """Each row that differs, found by its first column; nothing if the rows are too many to be told."""
    if not ours.columns or ours.columns != theirs.columns:
        return
    left, right = ({row[0]: row for row in table.content if row} for table in (ours, theirs))
    if (len(left), len(right)) != (ours.rows, theirs.rows):
        return
    for key in [*left, *(key for key in right if key not in left)]:
        which = f"{ours.columns[0]} {key}"
        if key not in right:
            yield f"{which} only on {ours.node}"
        elif key not in left:
            yield f"{which} only on {theirs.node}"
        else:
            for column, a, b in zip(ours.columns, left[key], right[key], strict=False):
                if a != b:
                    here, there = _value_text(a), _value_text(b)
                    yield f"{which}: {column} is {here} on {ours.node}, {there} on {theirs.node}"


def _value_text(value: str | None) -> str:
    return "NULL" if value is None else value


def missing_rows(state: LabState, node: NodeState) -> dict[str, Ranges]:
    """Rows that were acknowledged to clients and that a server does not have, by client; no empty entries.

    Not yet, or not any more: in a split, what the other one took; after a lost transaction, for good.
    """
    if node.written is None:
        return {}
    found = {}
    for client in state.clients.values():
        fresh: Ranges = ()
        for at, number in client.fresh:
            if state.at - at < ARRIVES:
                fresh = add_number(fresh, number)
        if left := subtract(subtract(client.kept, fresh), node.written.get(client.name, ())):
            found[client.name] = left
    return found
