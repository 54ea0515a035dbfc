"""Functions of SQL about transactions: GTID_SUBSET, GTID_SUBTRACT, WAIT_FOR_EXECUTED_GTID_SET."""

from __future__ import annotations

from hatlab.engine.simulator.mysql.interface import DatabaseServer
from hatlab.engine.simulator.mysql.storage import SqlError, Value
from hatlab.util.ranges import parse_gtids, subtract

FUNCTIONS = ("gtid_subset", "gtid_subtract", "wait_for_executed_gtid_set")
"""Names of those that are known."""


def call_function(server: DatabaseServer, name: str, arguments: list[Value]) -> Value:
    """Return a function's value.

    Raises:
        SqlError: 1582 the wrong number of arguments, 1772 a text is no set of GTIDs, 1235 it would have to
            wait.
    """
    counts = {"wait_for_executed_gtid_set": (1, 2)}.get(name, (2,))
    if len(arguments) not in counts:
        raise SqlError(1582, f"Incorrect parameter count in the call to native function '{name.upper()}'")
    if None in arguments:
        return None
    first = str(arguments[0])
    match name:
        case "gtid_subset":
            return int(not _subtract(first, str(arguments[1])))
        case "gtid_subtract":
            return _subtract(first, str(arguments[1]))
        case _ if not _subtract(first, server.data.gtid_executed):
            return 0
        case _:
            raise SqlError(
                1235, "the simulated server does not wait for transactions: WAIT_FOR_EXECUTED_GTID_SET"
            )


def _subtract(first: str, second: str) -> str:
    """The set of GTIDs that are in the first and not in the second, as MySQL prints it."""
    ours, theirs = (_parse(text) for text in (first, second))
    left = {name: subtract(ranges, theirs.get(name, ())) for name, ranges in sorted(ours.items())}
    return ",".join(
        ":".join([name, *(f"{a}-{b}" if b > a else str(a) for a, b in ranges)])
        for name, ranges in left.items()
        if ranges
    )


def _parse(text: str) -> dict[str, tuple[tuple[int, int], ...]]:
    try:
        return parse_gtids(text)
    except ValueError:
        raise SqlError(1772, f"Malformed GTID set specification '{text}'.") from None
