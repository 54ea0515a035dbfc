"""Faults inferred from effects, and played again: a short form of `python -m tests.incident.reproduce`."""

from __future__ import annotations

from functools import cache

import pytest

from tests.incident.reproduce.honest import (
    Story,
    effects,
    judge,
    logs,
    logs_and_captures,
    logs_to_the_second,
    one_capture,
    scenario_story,
)
from tests.parity.scenarios import SCENARIOS


@cache
def _story(number: str) -> Story:
    return scenario_story(next(s for s in SCENARIOS if s.number == number))


@pytest.mark.parametrize(
    "number", ["1", "2", "3", "5", "7", "8", "10", "14", "16", "20", "22", "31", "34", "41"]
)
def test_what_a_lab_saw_gives_its_faults(number: str) -> None:
    judgement = judge(_story(number), effects)
    assert judgement.right
    assert judgement.agreement > 0.95


@pytest.mark.parametrize("number", ["1", "3", "5", "7", "8", "14", "16", "20", "22", "31", "41"])
def test_logs_and_captures_give_the_faults(number: str) -> None:
    judgement = judge(_story(number), logs_and_captures)
    assert judgement.right
    assert judgement.found.best.comparison.same


@pytest.mark.parametrize("number", ["2", "10", "45"])
def test_what_cannot_be_told_apart_is_told(number: str) -> None:
    judgement = judge(_story(number), logs_and_captures)
    assert judgement.right or judgement.among
    assert list(judgement.found.undecided())


@pytest.mark.parametrize("shown", [logs, logs_to_the_second, one_capture])
@pytest.mark.parametrize("number", ["3", "5", "7", "11"])
def test_logs_alone_give_the_faults(number: str, shown: type) -> None:
    judgement = judge(_story(number), shown)
    assert judgement.right or judgement.among
    assert judgement.found.best.comparison.same
