"""Conditions of every kind, step by step over the story and over made-up moments."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.lessons.conditions import trace as traces
from hatlab.lessons.conditions.compiler import compile_condition
from hatlab.lessons.conditions.parser import parse_condition
from hatlab.lessons.conditions.syntax import (
    All,
    Condition,
    Ever,
    Held,
    Interval,
    Order,
    Predicate,
    find_held,
    lines_of,
    walk,
)
from hatlab.lessons.conditions.trace import Observation, Trace
from hatlab.state.fold import fold
from hatlab.state.model import LabState
from tests.support.story import layout, story

LAYOUT = layout()


def seen_at(at: float) -> Observation:
    return Observation(LabState(at=at, layout=LAYOUT), Trace(0.0))


def compiled(written: Any) -> Condition:
    return compile_condition(parse_condition(written), LAYOUT)


class Switch(Predicate):
    """A condition that holds when a test says so."""

    def __init__(self) -> None:
        super().__init__("switch", ())
        self.on = False

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def step(self, memo: Any, _seen: Observation) -> tuple[bool, Any]:
        return self.on, memo


def over_story(written: Any, since: float = 5.0) -> list[float]:
    """The moments at which a condition becomes true."""
    tested = compiled(written)
    state, trace, memo, before, found = LabState(), Trace(since), None, False, []
    for event in story():
        was, state = state, fold(state, event)
        if state.at < since:
            continue
        trace = traces.update(trace, was, event, state)
        holds, memo = tested.step(memo, Observation(state, trace))
        if holds and not before:
            found.append(round(state.at, 2))
        before = holds
    return found


@pytest.mark.parametrize(
    ("written", "moments"),
    [
        ("owner db2", [13.81]),
        ({"not": "owner db1"}, [13.2, 33.22]),
        (["process mysqld db1 down", "owner db2"], [13.81]),
        ({"all": ["process mysqld db1 down", "owner db2"]}, [13.81]),
        ({"any": ["state db1 FAULT", "owners 2"]}, [13.2, 24.61, 33.22]),
        ({"ever": "state db1 FAULT"}, [13.2]),
        ({"held": 4, "when": "owner db2"}, [17.81]),
        ({"held": 4, "when": {"not": "owner db1"}}, [17.2, 37.22]),
        ({"held": 20, "when": "owner db2"}, []),
        ({"order": ["state db1 FAULT", "master db2", "owner db1"]}, [24.62]),
        ({"order": ["master db2", "state db1 FAULT"]}, [13.81]),
        ({"order": ["master db2", "state db1 FAULT", "state db2 FAULT"]}, []),
        ({"order": ["owners 2", {"held": 2, "when": "owners 2"}]}, [35.22]),
        ({"order": ["state db1 FAULT", "became db2 MASTER"]}, [13.81]),
        ({"order": [{"held": 1, "when": "owner db2"}, "became db2 MASTER"]}, [33.22]),
        ({"order": ["state db1 FAULT", "adverts db1 0 >= 1"]}, []),
        ({"order": ["state db1 FAULT", "adverts db2 > 2"]}, [15.81]),
        ({"not": {"ever": "state db1 FAULT"}}, [5.0]),
        ("adverts db1 > 3", [8.61]),
        ("adverts db1 0 = 2", [13.2]),
        ("priority db1 >= 150", [5.0]),
        ("owner != db1", [13.2, 33.22]),
        ("owner = db2", [13.81]),
        ("owner = 'db1 and db2'", [24.61, 33.22]),
        ("takeover db2 < 1", [13.81]),
        ("outage client <= 0", []),
    ],
    ids=str,
)
def test_a_condition_comes_to_hold_at_its_moments(written: Any, moments: list[float]) -> None:
    found = over_story(written)
    assert found[: len(moments)] == pytest.approx(moments, abs=0.06)
    assert bool(found) == bool(moments)


def test_held_begins_anew_at_a_break() -> None:
    switch = Switch()
    held = Held(None, (), (switch,), 3.0)
    memo, steps = None, []
    for at, on in [
        (0, True),
        (2, True),
        (2.5, False),
        (3, True),
        (5.9, True),
        (6, True),
        (7, False),
        (8, True),
    ]:
        switch.on = on
        holds, memo = held.step(memo, seen_at(at))
        steps.append(holds)
    assert steps == [False, False, False, False, False, True, False, False]


def test_ever_does_not_forget_and_order_waits_for_its_first() -> None:
    one, two = Switch(), Switch()
    ever, order = Ever(None, (), (one,)), Order(None, (), (one, two))
    memos: list[Any] = [None, None]

    def step() -> tuple[bool, bool]:
        first, memos[0] = ever.step(memos[0], seen_at(1))
        second, memos[1] = order.step(memos[1], seen_at(1))
        return first, second

    two.on = True
    assert step() == (False, False)
    one.on, two.on = True, False
    assert step() == (True, False)
    one.on = False
    assert step() == (True, False)
    two.on = True
    assert step() == (True, True)
    two.on = False
    assert step() == (True, True)


def test_an_interval_ends_once() -> None:
    one, two = Switch(), Switch()
    watch = Interval(None, (), (one, two))
    memo, steps = None, []
    for at, first, then in [(0, 0, 1), (1, 1, 0), (2, 0, 0), (3.5, 0, 1), (9, 1, 0), (10, 0, 1)]:
        one.on, two.on = bool(first), bool(then)
        seconds, memo = watch.step(memo, seen_at(at))
        steps.append(seconds)
    assert steps == [None, None, None, 2.5, 2.5, 2.5]


def test_a_word_never_compares_as_a_number() -> None:
    seen = _observations()[-1]
    assert compiled("field db1 priority != 3").step(None, seen)[0]
    for line in ("field db1 priority != x", "field db1 source != 3"):
        assert compiled(line).step(None, seen) == (False, None)
    assert compiled("outage client != 1").step(None, seen_at(0)) == (False, None)


NESTED = {"order": ["owner db1", {"held": 3, "when": {"any": ["healthy", {"not": "owners 2"}]}}]}


def test_every_part_knows_where_it_stands() -> None:
    assert [node.loc for node in walk(parse_condition(NESTED, ("until",)))] == [
        ("until", "order", 0),
        ("until", "order", 1, "when", "any", 0),
        ("until", "order", 1, "when", "any", 1, "not"),
        ("until", "order", 1, "when", "any", 1),
        ("until", "order", 1, "when"),
        ("until", "order", 1),
        ("until",),
    ]


def test_its_lines_are_those_of_all_its_parts() -> None:
    assert list(lines_of(parse_condition(NESTED))) == ["owner db1", "healthy", "owners 2"]


_SIMPLE = st.sampled_from(
    ["owner db1", "owners 2", "state db1 FAULT", "adverts db1 > 3", "healthy", "outage"]
)
_WRITTEN = st.recursive(
    _SIMPLE,
    lambda part: st.one_of(
        st.lists(part, min_size=1, max_size=3),
        st.builds(lambda p: {"not": p}, part),
        st.builds(lambda p: {"ever": p}, part),
        st.builds(lambda s, p: {"held": s, "when": p}, st.sampled_from([0.5, 3]), part),
        st.builds(lambda p: {"order": p}, st.lists(part, min_size=1, max_size=3)),
        st.builds(lambda p: {"any": p}, st.lists(part, min_size=1, max_size=3)),
    ),
    max_leaves=6,
)


@cache
def _observations() -> list[Observation]:
    found, state, trace = [], LabState(), Trace(0.0)
    for event in story(16.0):
        was, state = state, fold(state, event)
        if state.layout is not None:
            trace = traces.update(trace, was, event, state)
            found.append(Observation(state, trace))
    return found[::7]


@given(_WRITTEN)
def test_a_condition_is_what_its_parts_make_it(written: Any) -> None:
    """Any condition can be stepped through; `ever` stays, `not` is the opposite, `held` follows its part."""
    whole: list[Condition] = [
        compiled(each)
        for each in (written, {"not": written}, {"ever": written}, {"held": 1, "when": written})
    ]
    memos: list[Any] = [None] * 4
    once = False
    since: float | None = None
    for seen in _observations():
        found = []
        for k, each in enumerate(whole):
            holds, memos[k] = each.step(memos[k], seen)
            found.append(holds)
        plain, opposite, ever, held = found
        once = once or plain
        since = (since if since is not None else seen.state.at) if plain else None
        assert opposite is not plain
        assert ever is once
        assert held is (since is not None and seen.state.at - since >= 1)


def test_what_must_last_counts_for_the_learner_only_where_nothing_else_is_missing() -> None:
    """A client that is cut off by another fault than the one asked for is not nearly what was asked."""
    frozen, cut_off = Switch(), Switch()
    condition = Order(
        "", (), (Ever("", (), (cut_off,)), All("", (), (frozen, Held("", (), (cut_off,), 8.0))))
    )
    cut_off.on, memo = True, None
    for at in (1.0, 4.0):
        _, memo = condition.step(memo, seen_at(at))
    assert find_held(condition, memo, seen_at(4.0)) == (None, 8.0)
    frozen.on = True
    assert find_held(condition, memo, seen_at(4.0)) == (1.0, 8.0)
