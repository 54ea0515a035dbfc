"""System variables of a simulated server: what SELECT @@name and SHOW VARIABLES print, what SET may change.

Those that a lab follows, and those of failover scripts that it can only remember. Any other is unknown, and
SET of it is refused.
"""

from __future__ import annotations

import re

from hatlab.engine.simulator.mysql.interface import DatabaseServer
from hatlab.engine.simulator.mysql.storage import SqlError, Value
from hatlab.util.bounded_pattern import compile_bounded

_MOST_INCREMENT = 65535
_SWITCHES = {"0": 0, "off": 0, "false": 0, "1": 1, "on": 1, "true": 1}
_REMEMBERED: dict[str, Value] = {
    "event_scheduler": 1,
    "general_log": 0,
    "innodb_flush_log_at_trx_commit": 1,
    "long_query_time": 10,
    "max_connections": 151,
    "slow_query_log": 0,
    "sync_binlog": 1,
    "wait_timeout": 28800,
}
"""Variables without effect in a lab → their defaults."""
_FIXED = {"hostname", "server_id", "server_uuid", "gtid_executed", "gtid_mode", "version"}


def read_variables(server: DatabaseServer) -> dict[str, Value]:
    """Return the value of each variable that is known, by name."""
    node, data = server.node, server.data
    return {
        **_REMEMBERED,
        **server.settings,
        "auto_increment_increment": data.increment,
        "auto_increment_offset": data.offset,
        "gtid_executed": data.gtid_executed,
        "gtid_mode": "ON",
        "hostname": node.name,
        "read_only": int(server.read_only),
        "server_id": node.environment.layout.topology.nodes[node.name].octet,
        "server_uuid": data.uuid,
        "super_read_only": int(server.super_read_only),
        "version": "9.7.4",
    }


def list_variables(server: DatabaseServer, pattern: str) -> list[tuple[Value, ...]]:
    """Return (name, value) of those that a LIKE pattern fits, as SHOW VARIABLES prints them."""
    fits = compile_bounded(_to_regex(pattern), re.IGNORECASE)
    switches = {"read_only", "super_read_only", "event_scheduler", "general_log", "slow_query_log"}
    return [
        (name, ("ON" if value else "OFF") if name in switches else str(value))
        for name, value in sorted(read_variables(server).items())
        if fits.fullmatch(name)
    ]


def is_known(name: str) -> bool:
    """True if SET GLOBAL may name it."""
    return name in _REMEMBERED or name in _FIXED or name in {*_INCREMENTS, *_READ_ONLY}


_INCREMENTS = ("auto_increment_increment", "auto_increment_offset")
_READ_ONLY = ("read_only", "super_read_only")


def set_globals(server: DatabaseServer, values: dict[str, str]) -> None:
    """Set variables for all connections, until the server ends.

    super_read_only turns read_only on with it, not off; without read_only there is neither.

    Raises:
        SqlError: 1238 one cannot be set, 1231 and 1232 a value is none for it.
    """
    read_only, super_read_only = server.read_only, server.super_read_only
    for name, word in values.items():
        match name:
            case "super_read_only":
                on = _read_switch(name, word)
                read_only, super_read_only = read_only or on, on
            case "read_only":
                on = _read_switch(name, word)
                read_only, super_read_only = on, super_read_only and on
            case "auto_increment_increment":
                server.data.increment = _read_number(name, word)
            case "auto_increment_offset":
                server.data.offset = _read_number(name, word)
            case _ if name in _FIXED:
                raise SqlError(1238, f"Variable '{name}' is a read only variable")
            case _:
                server.settings[name] = _SWITCHES.get(word.lower(), word)
    server.set_read_only(read_only, super_read_only)


def _read_switch(name: str, word: str) -> bool:
    if word.lower() not in _SWITCHES:
        raise SqlError(1231, f"Variable '{name}' can't be set to the value of '{word}'")
    return bool(_SWITCHES[word.lower()])


def _read_number(name: str, word: str) -> int:
    """A number outside its range is cut, as MySQL does with a warning."""
    if not word.isdecimal():
        raise SqlError(1232, f"Incorrect argument type to variable '{name}'")
    return min(_MOST_INCREMENT, max(1, int(word)))


def _to_regex(pattern: str) -> str:
    """A LIKE pattern as a regular expression: `%` any text, `_` any letter, `\\_` an underscore."""
    parts = re.findall(r"\\.|.", pattern)
    wild = {"%": ".*", "_": "."}
    return "".join(wild.get(part) or re.escape(part[-1]) for part in parts)
