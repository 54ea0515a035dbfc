"""keepalived's states, from its notify FIFO and its log."""

from __future__ import annotations

from typing import Any

import pytest

from compose.agent.event_loop import EventLoop
from compose.agent.interfaces import Interfaces
from compose.agent.keepalived import Keepalived, read_notify, read_state


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        ('INSTANCE "VI_1" MASTER 150', {"instance": "VI_1", "state": "MASTER", "priority": 150}),
        ('INSTANCE "VI_1" STOP 150', {"instance": "VI_1", "state": "STOPPED", "priority": 150}),
        ('INSTANCE "VI_1" MASTER_PRIORITY 90', {"instance": "VI_1", "state": "MASTER", "priority": 90}),
        ('INSTANCE "VI_1" MASTER_RX_LOWER_PRI 150', None),
        ('GROUP "G" MASTER 150', None),
        ("nonsense", None),
    ],
)
def test_lines_of_the_notify_fifo_become_facts(line: str, fact: dict[str, Any] | None) -> None:
    assert read_notify(line) == fact


def test_a_changed_priority_leaves_the_state_as_it_was() -> None:
    loop = EventLoop()
    keepalived = Keepalived("db1", "", Interfaces("db1", {}, {}, {}, loop), loop)

    assert keepalived.follow_notify('INSTANCE "VI_1" BACKUP_PRIORITY 90') is None
    keepalived.follow_notify('INSTANCE "VI_1" FAULT 90')
    told = keepalived.follow_notify('INSTANCE "VI_1" BACKUP_PRIORITY 60')

    assert told == {"instance": "VI_1", "state": "FAULT", "priority": 60}


def test_states_are_read_from_the_log_where_there_is_no_fifo() -> None:
    assert read_state("(VI_1) Entering MASTER STATE") == {
        "instance": "VI_1",
        "state": "MASTER",
        "priority": None,
    }
    assert read_state("(VI_1) Receive advertisement timeout") is None
