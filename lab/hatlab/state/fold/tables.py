"""Facts about tables: which ones servers hold differently, and since when."""

from __future__ import annotations

from hatlab import events as e
from hatlab.state.model import LabState, evolve, with_entry
from hatlab.state.table_diff import is_settled, unequal_tables


def fold_table(state: LabState, event: e.Table) -> LabState:
    """A server's table was looked at; without rows it is gone."""
    node = state.nodes.get(event.node)
    if node is None:
        return state
    tables = {name: seen for name, seen in node.tables.items() if name != event.name}
    if event.rows is not None:
        tables[event.name] = event
    node = evolve(node, tables=tables, looked=event.gtid_executed)
    return update_differing(evolve(state, nodes=with_entry(state.nodes, node.name, node)), event.at)


def update_differing(state: LabState, at: float) -> LabState:
    """Notes which tables servers hold differently with nothing outstanding: until they are seen equal."""
    found = {
        name: state.differing.get(name, at)
        for name in unequal_tables(state)
        if name in state.differing or is_settled(state, name)
    }
    return evolve(state, differing=found) if found != state.differing else state
