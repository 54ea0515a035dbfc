"""Drills are proved on the simulator: thirty seeds, and all that ship."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hatlab.commands.support.verify_drills import parse_seeds, verify_drill_simulated, verify_simulated
from hatlab.drills import list_shipped, load_shipped, make_drill
from hatlab.drills.model import Look
from hatlab.errors import UserError
from hatlab.lessons.model import TaskItem


@pytest.mark.parametrize("seed", range(30))
def test_a_seed_gives_a_drill_that_holds(seed: int) -> None:
    result = verify_simulated(seed)
    assert result.ok, (result.causes, result.topology, result.problems)


@pytest.mark.parametrize("name", [entry.id for entry in list_shipped()])
def test_a_drill_that_ships_holds(name: str) -> None:
    result = verify_drill_simulated(load_shipped(name))
    assert result.ok, result.problems


def test_a_cause_that_nothing_tells_apart_is_found() -> None:
    drill = make_drill(3, 1)
    other = next(choice for choice in drill.choices if choice not in drill.causes)
    twin = replace(other, signs=drill.causes[0].signs)
    choices = tuple(twin if choice is other else choice for choice in drill.choices)
    problems = verify_drill_simulated(replace(drill, choices=choices)).problems
    assert any("nothing that can be seen rules this out" in problem for problem in problems)


def test_a_look_that_rules_out_what_it_does_not_is_found() -> None:
    drill = load_shipped("two-shops")
    other = next(choice for choice in drill.choices if choice not in drill.causes)
    sign = other.signs[0]
    look = Look(sign.place, sign.shows, (other.name,))
    problems = verify_drill_simulated(replace(drill, expert=(look,))).problems
    assert any("does not rule this out" in problem for problem in problems)


def test_a_cure_that_does_not_help_is_found() -> None:
    drill = load_shipped("the-debugger")
    step = drill.lesson.steps[0]
    items = tuple(
        replace(item, task=item.task.model_copy(update={"solution": (), "within": 6.0}))
        if isinstance(item, TaskItem)
        else item
        for item in step.items
    )
    lesson = replace(drill.lesson, steps=(replace(step, items=items),))
    problems = verify_drill_simulated(replace(drill, lesson=lesson)).problems
    assert any("the cure does not fix it" in problem for problem in problems)


def test_seeds_are_read_and_nonsense_is_refused() -> None:
    assert list(parse_seeds("7")) == [7]
    assert parse_seeds("0-29") == range(30)
    for text in ("", "a", "5-", "9-3", "0-1000000"):
        with pytest.raises(UserError, match="is no range of seeds"):
            parse_seeds(text)
