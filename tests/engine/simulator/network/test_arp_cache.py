"""What a client's ARP cache does to it."""

from __future__ import annotations

from hatlab import events as e
from tests.support.simulated_lab import SimLab


def test_a_client_stays_with_the_one_that_gave_way_unannounced(lab: SimLab) -> None:
    """After a split the better Master speaks first: the other yields, and nobody announces the address."""
    lab.run(6)
    lab.do("cut heartbeat", wait=10)
    assert lab.owners() == {"db1", "db2"}
    while not _spoke(lab, "db2"):
        lab.run(0.05)
    lab.do("heal heartbeat", wait=2)
    assert lab.owners() == {"db1"}
    lab.run(20)
    assert _answered(lab) is None
    lost = lab.state.conditions["misdirected"]
    assert lost.detail == (
        "client still sends to db2, but db1 holds 198.18.0.100. db2 announced it last, and the client's ARP "
        "entry says so until it expires, in less than a minute"
    )
    lab.run(20)
    assert _answered(lab) == "db1"
    assert not lab.state.conditions
    why = lab.state.whys[-1]
    assert (why.node, why.cause) == ("client", lost.detail)


def test_whoever_announces_the_address_is_found_and_nothing_is_misdirected(lab: SimLab) -> None:
    broken = ("kill mysqld db1", "start mysqld db1", "cut heartbeat db2", "heal heartbeat", "power off db1")
    for line in broken:
        lab.do(line, wait=9)
    assert not [x for x in lab.events if isinstance(x, e.Condition) and x.name == "misdirected"]


def _answered(lab: SimLab) -> str | None:
    last = lab.state.clients["client"].last
    assert last is not None
    return last.server if last.ok else None


def _spoke(lab: SimLab, node: str) -> bool:
    """Whether a node sent an advert just now."""
    return any(
        isinstance(x, e.Advert) and x.direction == "sent" and x.node == node and lab.now - x.at <= 0.05
        for x in lab.events[-200:]
    )
