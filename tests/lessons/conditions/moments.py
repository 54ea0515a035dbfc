"""Simulated labs a while after something happened to them, as conditions and measures see them."""

from __future__ import annotations

from functools import cache

from hatlab.lessons.conditions import trace as traces
from hatlab.lessons.conditions.measures import MEASURES
from hatlab.lessons.conditions.parser import tokenize
from hatlab.lessons.conditions.predicates import CONDITIONS
from hatlab.lessons.conditions.trace import Observation, Trace, Value
from hatlab.state.fold import fold
from hatlab.state.model import LabState
from hatlab.topology.library import load_topology
from tests.support.simulated_lab import SimLab

MOMENTS: dict[str, tuple[str, ...]] = {
    "healthy": (),
    "mysqld killed": ("kill mysqld db1",),
    "mysqld just killed": ("kill mysqld db1", "0.5"),
    "mysqld frozen": ("freeze mysqld db1",),
    "keepalived killed": ("kill keepalived db1",),
    "keepalived stopped": ("stop keepalived db1",),
    "split": ("cut heartbeat",),
    "deaf": ("cut heartbeat db2",),
    "off": ("power off db1",),
    "paused": ("pause db2",),
    "unplugged": ("link down lan db1",),
    "edited": ("edit db1", "set db1 nopreempt on", "set db2 priority 120"),
    "unasked": ("ask nobody",),
    "written": ('sql client "SELECT 1"',),
    "read only": ('sql db1 "SET GLOBAL super_read_only = 1"',),
    "duplicate key": (
        "cut heartbeat",
        "3",
        "sql db1 \"INSERT INTO accounts VALUES (7, 'eve', 1)\"",
        "sql db2 \"INSERT INTO accounts VALUES (7, 'eve', 2)\"",
        "heal heartbeat",
    ),
}
WRONG_SCRIPT = '\nvrrp_script odd {\n    script "/usr/bin/no such"\n}\n'
TRACKED = "    track_script {\n        mysql\n    }\n"
AFTER = 6.0
"""Seconds of the lab after the last line; a line that is a number waits itself, and is the last wait then."""


@cache
def moment(name: str, topology: str = "two-node") -> Observation:
    """The lab at that moment, and what has happened since the first line."""
    lab = SimLab(load_topology(topology))
    lab.run(3)
    began = lab.now
    wait = AFTER
    for line in MOMENTS[name]:
        conf = lab.state.nodes["db1"].conf
        if line.startswith("edit"):
            lab.do(f"{line} keepalived.conf", conf + WRONG_SCRIPT)
        elif line == "ask nobody":
            lab.edit_conf("db1", TRACKED, "")
        elif line[0].isdigit():
            lab.run(float(line))
            wait = AFTER if line != MOMENTS[name][-1] else 0.0
        else:
            lab.do(line)
    lab.run(wait)
    state, trace = LabState(), Trace(began)
    for event in lab.events:
        was, state = state, fold(state, event)
        trace = traces.update(trace, was, event, state)
    return Observation(state, trace)


def holds(line: str, name: str, topology: str = "two-node") -> bool:
    """Whether a condition does at a moment."""
    seen = moment(name, topology)
    assert seen.state.layout is not None
    return CONDITIONS.resolve(tokenize(line), seen.state.layout)(seen)


def measured(line: str, name: str, topology: str = "two-node") -> Value:
    """What a measure says at a moment."""
    seen = moment(name, topology)
    assert seen.state.layout is not None
    return MEASURES.resolve(tokenize(line), seen.state.layout)(seen)
