"""A run step by step: each event with the state before and after it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hatlab import events as e
from hatlab.state.model import LabState
from hatlab.state.steps import derive_steps, steps
from tests.support.story import story


def test_each_step_begins_where_the_one_before_it_ended() -> None:
    run = list(derive_steps(story(44.0)))
    assert run[0].before == LabState()
    assert all(later.before is earlier.after for earlier, later in pairwise(run))


def test_events_with_derived_ones_among_them_fold_to_the_same_states() -> None:
    run = list(derive_steps(story(44.0)))
    assert any(step.event.derived for step in run)
    assert list(steps((step.event for step in run), LabState())) == run


def test_a_fact_that_no_lab_can_have_observed_is_dropped_and_the_run_goes_on() -> None:
    lab, *rest = story(9.0)
    assert isinstance(lab, e.Lab)
    impossible = replace(lab, topology={**lab.topology, "networks": {"lan": "no subnet"}})
    run = [step.event for step in derive_steps([lab, impossible, *rest])]
    dropped = [event for event in run if isinstance(event, e.Dropped)]
    assert len(dropped) == 1
    assert dropped[0].where.startswith("lab: ")
    assert run[-1] == [step.event for step in derive_steps([lab, *rest])][-1]
