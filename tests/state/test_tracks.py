from collections.abc import Callable
from itertools import pairwise
from math import inf

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hatlab.state.tracks import FAIL, GOOD, NOBODY, FactTrack, ProbeTrack, Run, Track, Window, severity


def track(*changes: tuple[float, str], patient: bool = False) -> Track:
    made = Track(patient=patient)
    made.starts = [at for at, _ in changes]
    made.values = [value for _, value in changes]
    return made


def owner_track(own: Callable[[frozenset[str], str], frozenset[str]]) -> FactTrack[frozenset[str], str]:
    return FactTrack(frozenset(), own, lambda owners: "+".join(sorted(owners)) or NOBODY)


def cells(made: Track, window: Window, now: float = 1e6) -> list[str]:
    out = [" "] * window.width
    for run in made.runs(window, now):
        for cell in range(run.first, run.last + 1):
            out[cell] = run.value
    return out


def test_a_value_holds_until_the_next() -> None:
    made = track((1, "INIT"), (2, "BACKUP"), (2, "MASTER"), (5, "MASTER"), (6, "FAULT"))
    assert [(s.start, s.end, s.value) for s in made.segments(1.5)] == [
        (1, 2, "INIT"),
        (2, 2, "BACKUP"),
        (2, 6, "MASTER"),
        (6, inf, "FAULT"),
    ]
    assert [made.at(t) for t in (0.5, 1, 5.5, 9)] == ["", "INIT", "MASTER", "FAULT"]


def test_changes_are_found_in_both_directions_and_repeats_are_none() -> None:
    made = track((1, "INIT"), (2, "MASTER"), (5, "MASTER"), (6, "FAULT"))
    assert [made.next_change(t) for t in (0, 1, 2, 5.5, 6)] == [1, 2, 6, 6, None]
    assert [made.last_change(t) for t in (9, 6, 5.5, 2, 1)] == [6, 2, 2, 1, None]


def test_a_short_gap_never_vanishes_at_any_zoom() -> None:
    made = track((0, "db1"), (13.2, NOBODY), (13.811, "db2"), patient=True)
    for scale in (0.05, 0.25, 1, 10, 60):
        assert NOBODY in cells(made, Window(0, scale, 300), 60), scale


def test_a_single_failed_probe_never_vanishes() -> None:
    made = ProbeTrack()
    for k in range(2000):
        made.add(k / 20, f"{FAIL}refused" if k == 777 else f"{GOOD}db1")
    assert made.values == [f"{GOOD}db1", f"{FAIL}refused", f"{GOOD}db1"]
    for scale in (0.05, 1, 60):
        assert f"{FAIL}refused" in cells(made, Window(0, scale, 2000), 100)


def test_an_orderly_handover_is_no_split_unless_zoomed_in_on() -> None:
    made = track((0, "db2"), (24.615, "db1+db2"), (24.6162, "db1"), patient=True)
    assert set(cells(made, Window(0, 0.25, 120), 30)) == {"db1", "db2"}
    lasting = track((0, "db2"), (24.6, "db1+db2"), (24.9, "db1"), patient=True)
    assert "db1+db2" in cells(lasting, Window(0, 10, 12), 100)


def test_a_spell_that_is_shorter_than_a_cell_is_shown_rather_than_its_neighbours() -> None:
    made = track((0, "BACKUP"), (5.2, "MASTER"), (5.6, "BACKUP"))
    assert cells(made, Window(0, 1, 10), 9.5)[5] == "MASTER"


def test_the_future_is_blank_and_so_is_what_was_before_the_first_fact() -> None:
    made = track((2, "BACKUP"))
    assert cells(made, Window(0, 1, 6), 3.5) == [" ", " ", "BACKUP", "BACKUP", " ", " "]


@pytest.mark.parametrize("patient", [False, True])
def test_a_window_that_begins_late_shows_what_has_held_for_long(patient: bool) -> None:
    made = track((2, "BACKUP"), (3, "MASTER"), patient=patient)
    assert made.runs(Window(100, 1, 5), 200) == [Run(0, 4, "MASTER", 3, inf)]


def test_late_facts_are_put_in_their_place() -> None:
    def own(known: frozenset[str], fact: str) -> frozenset[str]:
        return known | {fact[1:]} if fact[0] == "+" else known - {fact[1:]}

    made = owner_track(own)
    made.add(1.0, "+a")
    made.add(2.001, "+b")
    made.add(2.000, "-a")
    assert [(s.start, s.value) for s in made.segments()] == [(1.0, "a"), (2.0, NOBODY), (2.001, "b")]


def test_a_probe_reported_late_is_shown_where_it_began() -> None:
    made = ProbeTrack()
    for k in (0, 1, 2, 5, 6):
        made.add(k / 20, f"{GOOD}db1")
    made.add(3 / 20, f"{FAIL}timeout")
    made.add(4 / 20, f"{FAIL}timeout")
    found = [(round(s.start, 3), round(s.end, 3), s.value) for s in made.segments()]
    assert found == [(0, 0.15, f"{GOOD}db1"), (0.15, 0.25, f"{FAIL}timeout"), (0.25, inf, f"{GOOD}db1")]


VALUES = st.sampled_from(["INIT", "BACKUP", "MASTER", "FAULT", "STOPPED", "OFF"])
CHANGES = st.lists(st.tuples(st.floats(0, 300, width=32), VALUES), max_size=60).map(sorted)
SCALES = st.sampled_from([0.05, 0.25, 1.0, 5.0, 60.0])


@settings(max_examples=200)
@given(CHANGES, SCALES, st.integers(0, 400), st.integers(1, 80), st.floats(0, 400))
def test_runs_are_in_order_and_never_overlap(
    changes: list[tuple[float, str]], scale: float, index: int, width: int, now: float
) -> None:
    window = Window(index, scale, width)
    runs = track(*changes).runs(window, now)
    for run in runs:
        assert 0 <= run.first <= run.last < width
        assert run.start <= window.time(run.last + 1) + 1e-6
        assert run.end >= window.time(run.first) - 1e-6
    for one, next_ in pairwise(runs):
        assert one.last < next_.first
        assert one.value != next_.value or one.last + 1 <= next_.first


@settings(max_examples=200)
@given(CHANGES, SCALES)
def test_each_cell_shows_the_worst_of_its_time(changes: list[tuple[float, str]], scale: float) -> None:
    made = track(*changes)
    window = Window(0, scale, 100)
    shown = cells(made, window, 1e6)
    for cell in range(window.width):
        begin, end = window.time(cell), window.time(cell + 1)
        there = [s for s in made.segments(begin, end) if s.start < end - 1e-6 and s.end > begin + 1e-6]
        worst = max((severity(s.value) for s in there), default=0)
        assert (severity(shown[cell]) if shown[cell] != " " else 0) >= worst


@settings(max_examples=100)
@given(st.permutations([(0.0, "+a"), (1.0, "-a"), (1.5, "+b"), (2.0, "+a"), (3.0, "-b"), (4.0, "off a")]))
def test_the_order_of_arrival_does_not_matter(facts: list[tuple[float, str]]) -> None:
    def own(known: frozenset[str], fact: str) -> frozenset[str]:
        return known | {fact[1:]} if fact[0] == "+" else known - {fact[-1]}

    made = owner_track(own)
    for at, fact in facts:
        made.add(at, fact)
    assert [s.value for s in made.segments()] == ["a", NOBODY, "b", "a+b", "a", NOBODY]


@given(st.lists(st.tuples(st.integers(0, 200), st.booleans()), max_size=80))
@example([(199, False), (200, False), (118, True), (119, False)])  # 118/20 + 1/20 > 119/20
def test_no_failed_probe_is_lost_in_whatever_order_they_come(probes: list[tuple[int, bool]]) -> None:
    made = ProbeTrack()
    for k, ok in probes:
        made.add(k / 20, f"{GOOD}db1" if ok else f"{FAIL}refused")
    for k, ok in probes:
        if not ok:
            assert severity(made.at(k / 20)) == 9
    assert made.starts == sorted(made.starts)
