"""A state as plain data and as lines, for `hatlab status`. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hatlab.describe import POWER_SYMBOLS, PROCESS_SYMBOLS, UNKNOWN, format_state
from hatlab.describe.times import format_milliseconds
from hatlab.state.derive import condition_detail
from hatlab.state.faults import find_faults
from hatlab.state.model import LabState, NodeState
from hatlab.state.table_diff import missing_rows
from hatlab.util.ranges import format_ranges
from hatlab.util.text import join_names, plural


def summarize(state: LabState, *, facts_only: bool = False) -> dict[str, Any]:
    """A state as plain data; the JSON of `hatlab status --json` (documented in docs/events.md).

    Args:
        state: of the lab.
        facts_only: leave out what hatlab concludes: faults, conditions and missing rows.
    """
    return {
        "name": state.name,
        "engine": state.engine,
        "at": round(state.at, 3),
        "ready": state.ready,
        "stopping": state.stopping,
        "subnets": {n: str(s) for n, s in state.layout.subnets.items()} if state.layout else {},
        "nodes": {n.name: _summarize_node(state, n, facts_only) for n in state.nodes.values()},
        "addresses": {a: {"network": net, "owners": sorted(state.owners(a))} for _, a, net in state.vips()},
        "clients": {
            c.name: {
                "ok": c.last.ok if c.last else None,
                "server": c.server,
                "pinged": c.last.pinged if c.last else "",
                "latency_ms": c.last.latency_ms if c.last else None,
                "error": c.last.error if c.last else "",
                "failed": c.failed,
                "outages": [round(o.seconds, 3) for o in c.outages],
                "acknowledged": dict(c.acknowledged),
            }
            for c in state.clients.values()
        },
        "facts_only": facts_only,
        "faults": [
            {"what": what, "mend": str(action)} for what, action in (() if facts_only else find_faults(state))
        ],
        "conditions": {
            name: condition_detail(state, name) for name in (() if facts_only else state.conditions)
        },
    }


def _summarize_node(state: LabState, node: NodeState, facts_only: bool) -> dict[str, Any]:
    replica = node.replica
    return {
        "power": node.power,
        "instances": {
            name: {"state": i.reported, "priority": i.priority, "since": round(i.since, 3)}
            for name, i in node.instances.items()
        },
        "services": {name: {"state": s.state, "reason": s.reason} for name, s in node.services.items()},
        "read_only": node.read_only,
        "replication": replica and {name: getattr(replica, name) for name in _REPLICA_FIELDS},
        "tables": {
            name: {"rows": t.rows, "checksum": t.checksum, "content": [list(row) for row in t.content]}
            for name, t in sorted(node.tables.items())
        },
        "missing": {} if facts_only else _missing_rows(state, node),
        "addresses": sorted(address for _, address in node.addresses),
    }


_REPLICA_FIELDS = ("receiver", "applier", "errno", "error")


def _missing_rows(state: LabState, node: NodeState) -> dict[str, str]:
    """Rows that it lacks, by client; none where no replication would bring it any."""
    if state.layout is None or state.layout.topology.replication.kind == "none":
        return {}
    return {client: format_ranges(rows) for client, rows in missing_rows(state, node).items()}


def summary_lines(found: dict[str, Any], do: str = "hatlab do ") -> Iterator[str]:
    """A summary as lines for people; `do` stands before an action that fixes a fault."""
    where = "ready" if found["ready"] else "starting"
    if found["stopping"] is not None:
        where = f"ending: {found['stopping']}" if found["stopping"] else "ending"
    title = f"lab {found['lab']}  " if "lab" in found else ""
    yield f"{title}{found['name']} on {found['engine']}, {where}, running for {found['at']:.0f} s"
    for name, node in found["nodes"].items():
        yield f"  {name:<8} {_node_line(node)}"
    for address, entry in found["addresses"].items():
        owners = join_names(entry["owners"]) or "nobody"
        mark = "◆" if len(entry["owners"]) == 1 else "⚠"
        yield f"  {mark} {address} is held by {owners}"
    for name, client in found["clients"].items():
        yield f"  {name:<8} {_client_line(client)}"
    if lesson := found.get("lesson"):
        yield _LESSON_LINE.format(**lesson)
    if found.get("facts_only"):
        yield "  Facts only: a drill or a lesson asks somebody to find out what is broken."
    for name, what in found["conditions"].items():
        yield f"  ⚠ {name.replace('_', ' ')}: {what}"
    for fault in found["faults"]:
        yield f"  ✖ {fault['what']}   ({do}{fault['mend']})"


_LESSON_LINE = "  lesson   {title}, step {step} of {steps}"


def _node_line(node: dict[str, Any]) -> str:
    if node["power"] != "on":
        return f"{POWER_SYMBOLS.get(node['power'], UNKNOWN).glyph} power {node['power']}"
    parts = [f"{n} {format_state(i['state'])} priority {i['priority']}" for n, i in node["instances"].items()]
    parts += [
        f"{n} {PROCESS_SYMBOLS.get(s['state'], UNKNOWN).glyph} {s['state']}"
        for n, s in node["services"].items()
    ]
    replica = node["replication"]
    if replica is not None:
        fine = replica["receiver"] and replica["applier"]
        parts.append("replica ✔ running" if fine else f"replica ✖ {replica['error'] or 'stopped'}")
    parts += [f"missing rows {rows} of {client}" for client, rows in node["missing"].items()]
    return "   ".join(parts)


def _client_line(client: dict[str, Any]) -> str:
    if client["ok"] is None:
        return "has not asked anything yet"
    if not client["ok"]:
        one, many = "✖ no answer ({count} failed try): {error}", "✖ no answer ({count} failed tries): {error}"
        return plural(client["failed"], one, many, error=client["error"])
    who = f"{client['pinged']} through {client['server']}" if client["pinged"] else client["server"]
    answer = f"✔ answered by {who} in {format_milliseconds(client['latency_ms'])}"
    outages = len(client["outages"])
    return (
        f"{answer}; {plural(outages, '{count} outage so far', '{count} outages so far')}"
        if outages
        else answer
    )
