"""The fold over a known story: what is true at each moment, and what follows from it."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatlab import events as e
from hatlab.actions import Action
from hatlab.state.derive import derive
from hatlab.state.faults import find_faults
from hatlab.state.fold import fold
from hatlab.state.model import LabState
from tests.support.simulated_lab import SimLab
from tests.support.story import VIP, story
from tests.test_events import any_event


def run(events: list[e.Event], state: LabState | None = None) -> tuple[LabState, list[e.Event]]:
    state, derived = state or LabState(), []
    for event in events:
        before = state
        state = fold(state, event)
        for extra in derive(before, event, state):
            state = fold(state, extra)
            derived.append(extra)
    return state, derived


@cache
def at(moment: float) -> LabState:
    return run(story(moment))[0]


def whys(node: str, to: str) -> list[e.Why]:
    _, derived = run(story())
    return [w for w in derived if isinstance(w, e.Why) and w.node == node and w.to == to]


def test_an_election_gives_one_owner() -> None:
    assert at(4.0).owners(VIP) == frozenset()
    assert at(5.0).owners(VIP) == {"db1"}
    assert at(5.0).conditions == {}


def test_a_failed_check_moves_the_address() -> None:
    state = at(14.0)
    assert state.owners(VIP) == {"db2"}
    db1 = state.nodes["db1"]
    assert db1.instances["VI_1"].reported == "FAULT"
    assert not db1.checks["mysql"].ok
    assert db1.service("mysqld").reason == "signal 9"
    assert ("mysqld is down on db1", Action("start", ("mysqld", "db1"))) in find_faults(state)


def test_a_dead_mysqld_replicates_nothing() -> None:
    assert at(9.0).nodes["db1"].replica is not None
    assert at(14.0).nodes["db1"].replica is None
    assert at(20.0).nodes["db1"].replica is not None, "told once, true again with mysqld"


def test_a_backups_timer_counts_down() -> None:
    db2 = at(8.0).nodes["db2"].instances["VI_1"]
    assert db2.timeout == pytest.approx(3.609, abs=0.001)
    assert db2.takeover_in(8.0) == pytest.approx(7.614 + 3.609 - 8.0, abs=0.01)
    leaving = at(13.5).nodes["db2"].instances["VI_1"]
    assert leaving.timeout == pytest.approx(0.609, abs=0.001)
    assert leaving.zero_from == "db1"


def test_claimed_reported_and_held_are_three_facts() -> None:
    state = at(35.0)
    db2 = state.nodes["db2"]
    assert db2.instances["VI_1"].reported == "MASTER"
    assert db2.instances["VI_1"].claims(state.at)
    assert db2.holds(VIP)
    stale = at(24.0).nodes["db1"].instances["VI_1"]
    assert not stale.claims(24.0), "its last advert said priority 0"


def test_a_split_brain_begins_and_ends() -> None:
    state, derived = run(story())
    found = [c for c in derived if isinstance(c, e.Condition) and c.name == "split_brain"]
    assert [c.present for c in found] == [True, False]
    assert found[0].at == pytest.approx(33.22 + 0.2, abs=0.3)
    assert found[1].at == pytest.approx(38.62, abs=0.1)
    assert at(35.0).owners(VIP) == {"db1", "db2"}
    assert state.conditions == {}


def test_a_handover_of_milliseconds_is_no_split_brain() -> None:
    _, derived = run(story(29.0))
    assert not [c for c in derived if isinstance(c, e.Condition) and c.name == "split_brain"]


def test_nobody_owning_the_address_is_a_condition() -> None:
    _, derived = run(story(20.0))
    found = [c for c in derived if isinstance(c, e.Condition) and c.name == "no_owner"]
    assert [c.present for c in found] == [True, False]


def test_two_macs_announcing_one_address_are_told() -> None:
    assert "duplicate_address" in at(35.0).conditions


def test_an_outage_runs_from_the_last_good_answer_to_the_first() -> None:
    _, derived = run(story(20.0))
    outage = next(o for o in derived if isinstance(o, e.Outage))
    assert outage.before == "db1"
    assert outage.after == "db2"
    assert outage.began == pytest.approx(9.9518, abs=0.001)
    assert outage.ended == pytest.approx(13.8518, abs=0.001)
    assert outage.seconds == pytest.approx(outage.ended - outage.began)
    assert outage.failed == 76
    why = next(w for w in derived if isinstance(w, e.Why) and w.node == "client")
    assert "3.25 s until db1 was FAULT + 0.61 s until db2 was MASTER" in why.arithmetic


def test_a_try_that_failed_while_another_was_answered_is_no_outage() -> None:
    tries: list[e.Event] = [
        e.Probe(at=9.0, client="client", ok=True, server="db1", latency_ms=120.0),
        e.Probe(at=9.05, client="client", ok=False, error="timeout"),
        e.Probe(at=9.1, client="client", ok=True, server="db1", latency_ms=2.0),
    ]
    _, derived = run(tries, run(story(8.0))[0])
    assert not [x for x in derived if isinstance(x, e.Outage | e.Why)]


def test_tries_that_overlap_make_no_outage_of_nothing() -> None:
    tries: list[e.Event] = [
        e.Probe(at=9.0, client="client", ok=True, server="db1", latency_ms=10.0),
        e.Probe(at=9.011, client="client", ok=False, error="refused"),
        e.Probe(at=9.011, client="client", ok=False, error="refused"),
        e.Probe(at=9.005, client="client", ok=True, server="db1", latency_ms=9.0),
    ]
    _, derived = run(tries, run(story(8.0))[0])
    assert not [x for x in derived if isinstance(x, e.Outage | e.Why)]


def test_a_try_that_hung_through_an_outage_ends_it() -> None:
    tries: list[e.Event] = [
        e.Probe(at=9.0, client="client", ok=True, server="db1", latency_ms=10.0),
        e.Probe(at=9.05, client="client", ok=False, error="refused"),
        e.Probe(at=9.005, client="client", ok=True, server="db1", latency_ms=900.0),
    ]
    _, derived = run(tries, run(story(8.0))[0])
    assert [round(x.seconds, 3) for x in derived if isinstance(x, e.Outage)] == [0.895]


def test_an_outage_may_end_before_keepalived_reports() -> None:
    late = [v for v in story(20.0) if not (isinstance(v, e.Vrrp) and v.node == "db2" and v.state == "MASTER")]
    why = next(w for w in run(late)[1] if isinstance(w, e.Why) and w.node == "client")
    assert "0.61 s until db2 held the address" in why.arithmetic


def test_priority_zero_explains_a_quick_takeover() -> None:
    why = whys("db2", "MASTER")[0]
    assert why.cause == "db1 sent priority 0"
    assert "(256 − 100)/256 = 0.609 s" in why.arithmetic
    assert "measured 0.611 s" in why.arithmetic
    assert why.line.endswith("priority 100")


def test_silence_explains_a_slow_takeover() -> None:
    why = whys("db2", "MASTER")[1]
    assert "db2 drops 100 % of what arrives on heartbeat" in why.cause
    assert "3 × 1 s + skew 0.609 s = 3.609 s" in why.arithmetic
    assert why.line.endswith("advert_int 1")


def test_the_advert_that_a_backup_yielded_to_is_the_last_it_heard() -> None:
    cut = [v for v in story(24.7) if not (isinstance(v, e.Advert) and v.at > 24.7)]
    filters = e.Filter(at=24.9, node="db2", network="heartbeat", percent=100.0)
    master = e.Vrrp(at=28.226, node="db2", instance="VI_1", state="MASTER", priority=100)
    why = [w for w in run([*cut, filters, master])[1] if isinstance(w, e.Why)][-1]
    assert why.cause == "nothing heard from db1: db2 drops 100 % of what arrives on heartbeat"


def test_a_backup_that_came_back_from_fault_did_not_wait_since_an_earlier_advert() -> None:
    cut = [v for v in story(24.6) if not (isinstance(v, e.Advert) and v.node == "db1" and v.at > 21.2)]
    filters = e.Filter(at=21.3, node="db1", network="heartbeat", percent=100.0)
    master = e.Vrrp(at=24.615, node="db1", instance="VI_1", state="MASTER", priority=150)
    why = [w for w in run([*cut, filters, master])[1] if isinstance(w, e.Why)][-1]
    assert why.text == "db1 heard no Master after becoming Backup, so it took over after 3.41 s."


def test_a_failed_check_explains_fault() -> None:
    why = whys("db1", "FAULT")[0]
    assert why.cause == "check mysql failed (exited with status 1)"
    assert "because mysqld is down (signal 9)" in why.text
    assert "fall 2, interval 2" in why.arithmetic
    assert "first failure at 0:11.20" in why.arithmetic


def test_preemption_explains_the_return() -> None:
    why = whys("db1", "MASTER")[1]
    assert "it heard only a lower priority (db2 has 100)" in why.cause
    assert "3.414 s" in why.arithmetic


def test_a_higher_priority_explains_yielding() -> None:
    assert whys("db2", "BACKUP")[-1].cause == "db1 advertises priority 150"


def test_every_transition_is_explained() -> None:
    events = story()
    reported = [v for v in events if isinstance(v, e.Vrrp)]
    assert len([w for w in run(events)[1] if isinstance(w, e.Why) and w.instance]) == len(reported)


def test_a_killed_keepalived_is_a_silent_zombie() -> None:
    killed = e.Process(at=9.0, node="db1", service="keepalived", state="down", reason="signal 9")
    state, derived = run([*story(8.9), killed])
    assert state.nodes["db1"].instances["VI_1"].reported == "STOPPED"
    assert state.owners(VIP) == {"db1"}
    assert "zombie owner" in [w for w in derived if isinstance(w, e.Why)][-1].text


def test_power_off_takes_everything_but_the_disk() -> None:
    state, derived = run([*story(8.9), e.Node(at=9.0, node="db1", state="off", reason="killed")])
    db1 = state.nodes["db1"]
    assert state.owners(VIP) == frozenset()
    assert db1.service("mysqld").state == "down"
    assert db1.conf
    assert find_faults(state) == (("db1 is off", Action("power on", ("db1",))),)
    assert [w for w in derived if isinstance(w, e.Why)][-1].cause == "db1 is off"


def test_a_wrong_password_is_a_rejected_advert() -> None:
    events = [
        e.Advert(**{f: getattr(v, f) for f in _FIELDS} | {"auth": "wrong"})
        if isinstance(v, e.Advert) and v.direction == "received" and v.at > 6
        else v
        for v in story(9.0)
    ]
    db2 = run(events)[0].nodes["db2"].instances["VI_1"]
    assert db2.rejected is not None
    assert "password 'wrong'" in db2.rejected.reason
    assert db2.heard["db1"].at < 6, "a refused advert is not heard"


_FIELDS = [
    *("at", "node", "direction", "network", "source", "destination", "version", "vrid", "priority"),
    *("interval", "auth", "addresses", "defects", "frame"),
]


def test_a_muted_master_is_told() -> None:
    quiet = [v for v in story(37.9) if not (isinstance(v, e.Advert) and v.node == "db2" and v.at > 34)]
    conditions = run(quiet)[0].conditions
    assert "db2 is Master of VI_1 as well, but only db1 sends adverts" in conditions["muted_master"].detail


@settings(max_examples=60)
@given(st.lists(st.one_of([any_event(c) for k, c in e.KINDS.items() if k != "lab"]), max_size=20))
def test_no_sequence_of_facts_breaks_the_fold(events: list[e.Event]) -> None:
    state, _ = run(events, at(5.0))
    assert set(state.nodes) == {"db1", "db2"}


def test_a_frozen_master_is_not_muted() -> None:
    lab = SimLab()
    lab.do("freeze keepalived db1", wait=8)
    assert "split_brain" in lab.state.conditions
    assert "muted_master" not in lab.state.conditions
