from __future__ import annotations

import gc
from functools import partial

import pytest

from hatlab.util.collection import (
    AT_LATEST,
    EVERY,
    IDLE,
    THOROUGH_EVERY,
    IdleCollector,
    pause_collection,
    resume_collection,
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


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the collector."""
    asked: list[str] = []
    for name in ("collect", "freeze", "unfreeze"):
        monkeypatch.setattr(gc, name, partial(asked.append, name))
    return asked


def test_garbage_is_looked_for_while_nobody_types(looks: list[str]) -> None:
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


def test_who_never_pauses_has_garbage_looked_for_too(looks: list[str]) -> None:
    now, times = 0.0, list[float]()
    collector = IdleCollector(lambda: now)
    for second in range(100):
        now = float(second)
        collector.note_key()
        if collector.collect_if_idle():
            times.append(now)
    assert times == [AT_LATEST * k for k in range(1, 5)]
    assert looks.count("freeze") == len(times)


def test_what_was_left_out_is_looked_through_now_and_then(looks: list[str]) -> None:
    now = 0.0
    collector = IdleCollector(lambda: now)
    for _ in range(THOROUGH_EVERY):
        now += EVERY
        assert collector.collect_if_idle()
    assert looks[-3:] == ["unfreeze", "collect", "freeze"]
    assert looks.count("unfreeze") == 1
