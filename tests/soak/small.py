"""What labs of a soak keep, and what is done to them."""

KEPT = 10_000
"""Events that a lab keeps in memory here, not those of an hour and a half: what it keeps beyond is a leak."""
ROWS = 300
"""Packets and lines of the log that the screen keeps here, instead of thousands."""
FAULTS = (
    "kill mysqld db1",
    "stop keepalived db1",
    "cut heartbeat",
    "power off db2",
    "pause db1",
    "link down lan db1",
    "loss heartbeat 30",
    "sql db1 select 1",
    "set db1 priority 90",
)
KEYS = (
    *("tab", "tab", "1", "2", "3", "4", "question_mark", "escape", "up", "up", "down", "enter", "escape"),
    *("slash", "d", "b", "escape", "space", "space"),
)
"""The panes, help, a row that is opened and closed, a search, time held and let go."""
