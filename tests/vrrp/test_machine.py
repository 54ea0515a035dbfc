"""The state machine's rules, one by one, and what holds of any sequence of inputs."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.vrrp import machine, reception
from hatlab.vrrp.router import Announce, Complaint, Enter, Heard, Hold, Router, Rules, Say, Send, State, Step
from hatlab.vrrp.timers import master_down_interval, skew_time

A, B, C = "198.18.1.11", "198.18.1.12", "198.18.1.13"
RULES = Rules("VI_1", 2, 51, 100, 1.0, B, ("198.18.0.100",))
BACKUP = Router(State.BACKUP, 100, until=13.609375, wait=3.609375, master=A)
MASTER = Router(State.MASTER, 100, until=11.0)
BAD = Complaint("bad", "(VI_1) bad")


def texts(step: Step) -> list[str]:
    return [o.text.removeprefix("(VI_1) ") for o in step[1] if isinstance(o, Say)]


def kinds(step: Step) -> list[type]:
    return [type(o) for o in step[1] if not isinstance(o, Say)]


def test_starts_as_backup_for_a_master_down_interval() -> None:
    router, outputs = step = machine.start(RULES, 100, 10.0)
    assert (router.state, router.until) == (State.BACKUP, 13.609375)
    assert texts(step) == ["Entering BACKUP STATE (init)"]
    assert outputs[-1] == Enter(State.BACKUP)


@pytest.mark.parametrize(
    ("priority", "master", "state"), [(255, True, "MASTER"), (255, False, "BACKUP"), (254, True, "BACKUP")]
)
def test_only_the_owner_with_state_master_starts_as_master(priority: int, master: bool, state: str) -> None:
    rules = replace(RULES, priority=priority, master=master)
    router = machine.start(rules, priority, 0.0)[0]
    at_once = router.until < 0.001
    assert (machine.timer_ended(rules, router, 0.0)[0] if at_once else router).state == state


def test_becomes_master_by_advertising_before_it_holds_the_address() -> None:
    step = machine.timer_ended(RULES, BACKUP, 13.609375)
    assert kinds(step) == [Send, Hold, Announce, Enter]
    assert texts(step) == ["Receive advertisement timeout", "Entering MASTER STATE"]
    assert step[0].until == 14.609375


def test_a_master_advertises_each_interval() -> None:
    router, outputs = machine.timer_ended(RULES, MASTER, 11.0)
    assert outputs == (Send(100),)
    assert router.until == 12.0


@pytest.mark.parametrize("priority", [100, 101, 255])
def test_a_backup_follows_its_equals_and_betters(priority: int) -> None:
    router, outputs = reception.hear(RULES, BACKUP, Heard(A, priority, 1.0), 12.0)
    assert router.until == pytest.approx(12.0 + 3.609375)
    assert outputs == ()


def test_a_backup_discards_lower_and_lets_its_timer_run() -> None:
    step = reception.hear(RULES, BACKUP, Heard(A, 99, 1.0), 12.0)
    assert step[0].until == BACKUP.until
    assert texts(step) == [f"received lower priority (99) advert from {A} - discarding"]


def test_a_backup_waits_one_skew_after_priority_0() -> None:
    step = reception.hear(RULES, BACKUP, Heard(A, 0, 1.0), 12.0)
    assert step[0].until == 12.0 + 0.609375
    assert texts(step) == ["Backup received priority 0 advertisement"]
    longer = machine.reprioritise(RULES, step[0], 50, 12.1)[0]
    assert longer.until == pytest.approx(12.0 + 3 + 206 / 256), "keepalived counts from the skew"


def test_nopreempt_follows_anybody() -> None:
    router, _ = reception.hear(replace(RULES, nopreempt=True), BACKUP, Heard(A, 1, 1.0), 12.0)
    assert router.until > 15


def test_a_preempt_delay_follows_lower_until_it_ends() -> None:
    rules = replace(RULES, preempt_delay=5.0)
    router, outputs = reception.hear(rules, BACKUP, Heard(A, 50, 1.0), 12.0)
    assert router.preempt_from == 17.0
    assert router.until > 15
    assert "preempt delay" in outputs[0].text  # type: ignore[union-attr]
    router, _ = reception.hear(rules, router, Heard(A, 50, 1.0), 16.9)
    last = router.until
    router, _ = reception.hear(rules, router, Heard(A, 50, 1.0), 17.1)
    assert router.until == last, "the delay is over: lower adverts are discarded"
    router, _ = reception.hear(rules, replace(router, preempt_from=20.0), Heard(A, 150, 1.0), 18.0)
    assert router.preempt_from is None, "a better Master ends the delay"


def test_version_3_learns_the_interval_and_keeps_its_own_as_master() -> None:
    rules = replace(RULES, version=3, interval=2.0)
    router, outputs = reception.hear(rules, replace(BACKUP, heard_interval=2.0), Heard(A, 150, 0.5), 12.0)
    assert router.until == pytest.approx(12 + 3 * 0.5 + 156 / 256 * 0.5)
    assert "updated from 2000ms to 500ms by master" in outputs[0].text  # type: ignore[union-attr]
    router, _ = machine.timer_ended(rules, router, 14.0)
    assert router.until == 16.0


def test_a_backup_names_each_new_master_once() -> None:
    assert texts(reception.hear(RULES, replace(BACKUP, master=""), Heard(A, 150, 1.0), 1.0)) == [
        f"master set to {A}"
    ]
    step = reception.hear(RULES, BACKUP, Heard(C, 150, 1.0), 1.0)
    assert texts(step) == [f"master changed from {A} to {C}"]
    assert texts(reception.hear(RULES, step[0], Heard(C, 150, 1.0), 2.0)) == []


@pytest.mark.parametrize(("source", "priority"), [(A, 99), (A, 100), (C, 99)])
def test_a_master_answers_lower_with_an_advert_and_gratuitous_arps(source: str, priority: int) -> None:
    step = reception.hear(RULES, MASTER, Heard(source, priority, 1.0), 10.5)
    assert step[0].state is State.MASTER
    assert step[0].until == 11.5
    assert kinds(step) == [Send, Announce]
    assert texts(step)[0].endswith("forcing new election")


def test_a_master_that_must_not_answer_lower_keeps_its_beat() -> None:
    step = reception.hear(replace(RULES, answer_lower=False), MASTER, Heard(A, 99, 1.0), 10.5)
    assert step[0].until == MASTER.until
    assert Send not in kinds(step)


@pytest.mark.parametrize(("source", "priority"), [(A, 101), (C, 100), (C, 101)])
def test_a_master_yields_without_a_farewell(source: str, priority: int) -> None:
    step = reception.hear(RULES, MASTER, Heard(source, priority, 1.0), 10.5)
    assert step[0].state is State.BACKUP
    assert step[0].until == pytest.approx(10.5 + 3.609375)
    assert kinds(step) == [Hold, Enter]


def test_a_master_answers_a_farewell_at_once() -> None:
    assert kinds(reception.hear(RULES, MASTER, Heard(A, 0, 1.0), 10.5)) == [Send]


def test_two_owners_are_a_configuration_error() -> None:
    owner = replace(RULES, priority=255)
    step = reception.hear(owner, replace(MASTER, priority=255), Heard(C, 255, 1.0), 10.5)
    assert texts(step)[0].startswith("CONFIGURATION ERROR")
    assert step[0].state is State.BACKUP


def test_an_owner_gives_way_to_a_second_one_that_does_not_stop() -> None:
    owner, rogue = replace(RULES, priority=255), Heard(A, 255, 1.0)
    step = reception.hear(owner, replace(MASTER, priority=255), rogue, 10.5)
    assert texts(step)[0].startswith("CONFIGURATION ERROR")
    assert step[0].state is State.MASTER
    router = step[0]
    for at in (11.0, 12.0):
        router = machine.timer_ended(owner, router, at)[0]
    stopped = machine.timer_ended(owner, router, 14.0)
    assert texts(stopped) == ["(VI_1): rogue address owner appears to have stopped advertising"]
    step = reception.hear(owner, router, rogue, 12.5)
    assert texts(step)[0].endswith("reducing our priority")
    assert (step[0].state, step[0].priority) == (State.BACKUP, 254)
    assert step[0].wait == pytest.approx(3 + 1 / 256), "its timer is still an owner's"
    back = machine.timer_ended(owner, step[0], 16.0)[0]
    assert (back.state, back.priority) == (State.MASTER, 255)


def test_down_timer_adverts_lengthen_and_shorten_the_wait() -> None:
    rules = replace(RULES, down_adverts=5)
    assert machine.start(rules, 100, 10.0)[0].until == pytest.approx(10 + 5.609375)
    assert reception.hear(rules, BACKUP, Heard(A, 150, 1.0), 12.0)[0].wait == pytest.approx(5.609375)


def test_a_master_may_advertise_once_more_before_it_yields() -> None:
    step = reception.hear(replace(RULES, answer_higher=True), MASTER, Heard(A, 101, 1.0), 10.5)
    assert kinds(step) == [Send, Hold, Enter]


def test_a_priority_0_does_not_move_the_beat_of_a_master_that_keeps_it() -> None:
    step = reception.hear(replace(RULES, answer_lower=False), MASTER, Heard(A, 0, 1.0), 10.5)
    assert (step[0].until, kinds(step)) == (MASTER.until, [Send])


def test_a_weight_counts_from_what_an_ignored_advert_left_of_the_timer() -> None:
    ignored = reception.hear(RULES, BACKUP, Heard(A, 99, 1.0), 12.0)[0]
    router = machine.reprioritise(RULES, ignored, 90, 12.1)[0]
    assert router.until == pytest.approx(12.0 + 3 + 166 / 256)


def test_a_rejected_advert_mutes_a_master_and_is_told_once() -> None:
    step = reception.reject(RULES, MASTER, BAD, A, 10.9)
    assert step[0].until == 11.9
    assert texts(step) == ["bad"]
    again = reception.reject(RULES, step[0], BAD, A, 11.8)
    assert again[0].until == 12.8
    assert again[1] == ()
    assert texts(reception.reject(RULES, step[0], Complaint("worse", "worse"), A, 11.8)) == ["worse"]
    assert reception.reject(replace(RULES, answer_lower=False), MASTER, BAD, A, 10.9)[0].until == 11.0


def test_a_rejected_advert_leaves_a_backup_s_timer_running() -> None:
    step = reception.reject(RULES, BACKUP, BAD, C, 12.0)
    assert step[0].until == BACKUP.until
    assert texts(step) == [f"master changed from {A} to {C}", "bad"]
    assert texts(reception.reject(RULES, step[0], BAD, C, 13.0)) == texts(step), "it never followed that one"
    known = reception.reject(RULES, BACKUP, BAD, A, 12.0)
    assert texts(reception.reject(RULES, known[0], BAD, A, 13.0)) == []


def test_a_remark_on_an_accepted_advert_is_made_once_in_each_state() -> None:
    advert = Heard(A, 150, 1.0, remarks=(BAD,))
    step = reception.hear(RULES, BACKUP, advert, 12.0)
    assert texts(step) == ["bad"]
    assert texts(reception.hear(RULES, step[0], advert, 13.0)) == []
    master = machine.timer_ended(RULES, step[0], 16.0)[0]
    assert texts(reception.hear(RULES, master, advert, 16.1))[0] == "bad"


def test_fault_says_priority_0_twice_and_stopping_once() -> None:
    failed = machine.fail(RULES, MASTER)
    assert [o.priority for o in failed[1] if isinstance(o, Send)] == [0, 0]
    assert failed[0].until == inf
    assert [o.priority for o in machine.stop(RULES, MASTER)[1] if isinstance(o, Send)] == [0]
    assert kinds(machine.fail(RULES, BACKUP)) == [Enter]
    assert machine.stop(RULES, BACKUP)[1] == ()


def test_recovery_waits_a_full_interval() -> None:
    fault = machine.fail(RULES, MASTER)[0]
    assert machine.recover(RULES, fault, 20.0)[0].until == pytest.approx(23.609375)


def test_a_second_recovery_makes_a_master_call_itself_backup_and_keep_its_addresses() -> None:
    master = machine.take_over(RULES, BACKUP, 10.0)[0]
    step = machine.recover(RULES, master, 20.0)
    assert (step[0].state, step[0].holds, kinds(step)) == (State.BACKUP, True, [Enter])
    assert texts(step) == ["Entering BACKUP STATE"]
    back = machine.timer_ended(RULES, step[0], 24.0)
    assert (back[0].state, kinds(back)) == (State.MASTER, [Send])
    assert texts(back) == ["Receive advertisement timeout"]


def test_a_new_priority_moves_the_end_of_a_running_timer_not_its_start() -> None:
    router = machine.reprioritise(RULES, BACKUP, 150, 10.5)[0]
    assert router.until == pytest.approx(10.0 + 3.4140625)
    assert machine.reprioritise(RULES, BACKUP, 100, 10.5) == (BACKUP, ())


def test_a_lost_address_costs_one_skew() -> None:
    step = machine.lose_address(RULES, MASTER, 10.5)
    assert kinds(step) == [Send, Hold, Enter]
    assert step[0].until == 10.5 + 0.609375


@pytest.mark.parametrize(
    ("base", "weights", "priority"),
    [(150, (-60,), 90), (100, (20, 20), 140), (5, (-50,), 1), (250, (50,), 254), (255, (-9,), 255)],
)
def test_effective_priority(base: int, weights: tuple[int, ...], priority: int) -> None:
    assert machine.effective_priority(base, weights) == priority


INPUTS = st.lists(
    st.tuples(
        st.sampled_from(["hear", "reject", "timer", "fail", "recover", "weigh", "lose"]),
        st.integers(0, 255),
        st.sampled_from([A, C]),
        st.floats(0.0, 4.0),
    ),
    max_size=30,
)


@given(INPUTS, st.sampled_from([2, 3]), st.integers(1, 254), st.booleans(), st.sampled_from([0.0, 3.0]))
def test_any_sequence_keeps_the_promises(
    inputs: list[tuple[str, int, str, float]], version: int, priority: int, nopreempt: bool, delay: float
) -> None:
    rules = replace(RULES, version=version, priority=priority, nopreempt=nopreempt, preempt_delay=delay)
    now, held, was_called_backup = 0.0, False, False
    router, outputs = machine.start(rules, priority, now)
    for what, number, source, wait in inputs:
        now += wait
        advert = Heard(source, number, 1.0)
        match what:
            case "hear":
                router, outputs = reception.hear(rules, router, advert, now)
            case "reject":
                router, outputs = reception.reject(rules, router, BAD, source, now)
            case "timer":
                router, outputs = machine.timer_ended(rules, router, now)
            case "fail":
                router, outputs = machine.fail(rules, router)
            case "recover":
                router, outputs = machine.recover(rules, router, now)
            case "weigh":
                router, outputs = machine.reprioritise(rules, router, max(1, min(254, number)), now)
            case _:
                router, outputs = machine.lose_address(rules, router, now)
        for output in outputs:
            if isinstance(output, Hold):
                held = output.held
        assert held == router.holds
        assert held or router.state is not State.MASTER, "a Master holds the addresses"
        if what != "recover" and not was_called_backup:
            assert held == (router.state is State.MASTER), "and nobody else does"
        was_called_backup = held and router.state is not State.MASTER
        if router.state is State.FAULT:
            assert router.until == inf
        elif router.state is State.MASTER:
            assert router.until <= now + rules.interval
        else:
            skew = skew_time(version, 1, 1.0)
            assert router.until <= now + max(skew, master_down_interval(version, 1, 1.0))
