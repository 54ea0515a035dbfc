from __future__ import annotations

import gc
import weakref
from functools import partial

import pytest

from hatlab.util import collection
from hatlab.util.collection import (
    AT_LATEST,
    EVERY,
    IDLE,
    MAY_GROW,
    RETURN_EVERY,
    THOROUGH_AFTER,
    IdleCollector,
    pause_collection,
    resume_collection,
    return_freed_memory,
)


def test_collection_resumes_without_what_was_loaded() -> None:
    assert gc.isenabled()
    try:
        pause_collection()
        assert not gc.isenabled()
        resume_collection()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.enable()
        gc.unfreeze()


def test_resuming_what_was_not_paused_freezes_nothing() -> None:
    frozen = gc.get_freeze_count()
    resume_collection()
    assert gc.isenabled()
    assert gc.get_freeze_count() == frozen


def test_freed_memory_is_returned_now_and_then(looks: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "return_freed_memory", lambda: looks.append("return"))
    now = 0.0
    collector = IdleCollector(lambda: now)
    while now < 3 * RETURN_EVERY:
        now += 1
        collector.collect_if_idle()
    assert looks.count("return") == 3
    while now < 6 * RETURN_EVERY:
        now += IDLE / 2
        collector.note_key()
        collector.collect_if_idle()
    assert 5 <= looks.count("return") <= 6


def test_returning_memory_takes_nothing_away() -> None:
    kept = [bytes(100) for _ in range(10_000)]
    return_freed_memory()
    assert len(kept[-1]) == 100


class Asked(list[str]):
    """What is asked of the collector; `left_out` objects are."""

    left_out = 0


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Asked:
    asked = Asked()
    for name in ("collect", "freeze", "unfreeze"):
        monkeypatch.setattr(gc, name, partial(asked.append, name))
    monkeypatch.setattr(gc, "get_freeze_count", lambda: asked.left_out)
    return asked


def test_garbage_is_looked_for_while_nobody_types(looks: Asked) -> None:
    now = 0.0
    collector = IdleCollector(lambda: now)
    while now < EVERY:
        assert not collector.collect_if_idle()
        now += 0.5
    collector.note_key()
    assert not collector.collect_if_idle()
    now += IDLE
    assert collector.collect_if_idle()
    assert looks == ["collect", "freeze"]


def test_who_never_pauses_has_garbage_looked_for_too(looks: Asked) -> None:
    now, times = 0.0, list[float]()
    collector = IdleCollector(lambda: now)
    for second in range(100):
        now = float(second)
        collector.note_key()
        if collector.collect_if_idle():
            times.append(now)
    assert times == [AT_LATEST * k for k in range(1, 5)]
    assert looks.count("freeze") == len(times)


def test_what_was_left_out_is_looked_through_once_it_has_grown(looks: Asked) -> None:
    now, looks.left_out = 0.0, 1000
    collector = IdleCollector(lambda: now)

    def look() -> list[str]:
        nonlocal now
        looks.clear()
        now += EVERY
        assert collector.collect_if_idle()
        return [*looks]

    assert look() == ["unfreeze", "collect", "freeze"]
    assert look() == ["collect", "freeze"]
    looks.left_out = int(1000 * MAY_GROW) + 1
    assert look() == ["unfreeze", "collect", "freeze"]
    assert look() == ["collect", "freeze"]


def test_what_is_left_out_is_counted_only_where_it_may_have_grown(
    looks: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, counted = 0.0, list[float]()

    def count() -> int:
        counted.append(now)
        return 100_000

    monkeypatch.setattr(gc, "get_freeze_count", count)
    monkeypatch.setattr(gc, "get_objects", lambda: [None] * 2100)
    collector = IdleCollector(lambda: now)
    while now < 20 * EVERY:
        now += EVERY
        assert collector.collect_if_idle()
    assert counted == [EVERY, EVERY, 7 * EVERY, 12 * EVERY, 17 * EVERY]
    assert looks.count("unfreeze") == 1


def test_who_types_waits_for_it_once_a_minute_at_most(looks: Asked) -> None:
    now, looks.left_out = 0.0, 1000
    collector = IdleCollector(lambda: now)
    times = []
    for second in range(int(3 * THOROUGH_AFTER) + 1):
        now = float(second)
        looks.left_out *= 2
        collector.note_key()
        looks.clear()
        if collector.collect_if_idle() and "unfreeze" in looks:
            times.append(now)
    assert times == [AT_LATEST, AT_LATEST + THOROUGH_AFTER, AT_LATEST + 2 * THOROUGH_AFTER]


def test_what_became_garbage_after_it_was_left_out_goes() -> None:
    class Screen:
        def __init__(self) -> None:
            self.itself = self

    now = 0.0
    collector = IdleCollector(lambda: now)
    screens = [Screen() for _ in range(10)]
    gone = weakref.ref(screens[0])
    try:
        gc.freeze()
        screens.clear()
        gc.collect()
        assert gone() is not None, "it was left out"
        now += EVERY
        assert collector.collect_if_idle()
        assert gone() is None
    finally:
        gc.unfreeze()
