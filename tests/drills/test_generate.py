"""What a seed makes: the same drill each time, with eight answers that all fit the report."""

from __future__ import annotations

import pytest

from hatlab.drills import Drill, load_shipped, make_drill
from hatlab.drills.generate import CHOICES, TOPOLOGIES, build_drill
from hatlab.drills.lesson import CAUSE, REPAIR
from hatlab.drills.model import Kind
from hatlab.errors import UserError
from hatlab.lessons.compile import compile_lesson
from hatlab.lessons.key_markup import render_for_screen
from hatlab.topology import Layout
from hatlab.topology.library import load_topology

DRILLS = [make_drill(seed) for seed in range(120)]


def test_a_seed_gives_the_same_drill_again() -> None:
    assert make_drill(17) == make_drill(17)
    assert make_drill(17).causes != make_drill(19).causes or make_drill(17).story != make_drill(19).story


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_level_can_be_asked_for(level: int) -> None:
    drill = make_drill(5, level)  # type: ignore[arg-type]
    assert drill.level == level
    assert len(drill.causes) == (2 if level == 3 else 1)


def test_a_topology_can_be_asked_for_by_name_or_as_it_is() -> None:
    assert make_drill(5, 2, "ipv6").topology == "ipv6"
    assert make_drill(5, 2, load_topology("ipv6")).spec == load_topology("ipv6")


def test_a_topology_in_which_nothing_can_be_wrong_is_refused_in_words() -> None:
    with pytest.raises(UserError, match="no drill of level 3 can be made"):
        make_drill(1, 3, "three-node")


def test_each_has_eight_answers_and_the_truth_is_among_them() -> None:
    for drill in DRILLS:
        names = [choice.name for choice in drill.choices]
        assert len(set(names)) == CHOICES, drill.seed
        assert all(cause in drill.choices for cause in drill.causes)


def test_every_answer_fits_what_is_reported() -> None:
    for drill in DRILLS:
        reported = {cause.symptom for cause in drill.causes}
        assert all(reported & set(choice.fits) for choice in drill.choices), drill.seed


def test_the_story_tells_no_cause() -> None:
    for drill in DRILLS:
        assert not any(choice.name in drill.story for choice in drill.choices)


def test_routers_take_no_orders() -> None:
    for seed in range(12):
        assert "order" not in make_drill(seed, 2, "gateway").story


def test_an_expert_rules_out_everything_else_and_ends_at_what_shows_the_cause() -> None:
    for drill in DRILLS:
        ruled_out = [name for look in drill.expert for name in look.rules_out]
        others = {choice.name for choice in drill.choices} - {cause.name for cause in drill.causes}
        assert len(ruled_out) == len(set(ruled_out)), drill.seed
        assert set(ruled_out) <= others, drill.seed
        assert {cause.signs[-1].place for cause in drill.causes} <= {look.place for look in drill.expert}


def test_most_answers_are_ruled_out_on_the_way() -> None:
    left = [(len(drill.choices) - len(drill.causes)) - _ruled_out(drill) for drill in DRILLS]
    assert sum(left) / len(left) < 1.0


def _ruled_out(drill: Drill) -> int:
    return sum(len(look.rules_out) for look in drill.expert)


def test_it_is_an_ordinary_lesson_that_compiles() -> None:
    for drill in DRILLS:
        layout = Layout.numbered("lab", drill.spec)
        compiled = compile_lesson(drill.lesson, layout)
        assert compiled.questions.keys() == {CAUSE}
        assert compiled.tasks.keys() == {REPAIR}
        assert drill.lesson.steps[0].hides()


def test_wrong_answers_are_answered_with_what_would_be_seen() -> None:
    drill = load_shipped("two-shops")
    (_, item), *_ = drill.lesson.questions()
    wrong = [choice.wrong for choice in item.question.choices if choice.text != drill.causes[0].name]
    assert all(text and text.startswith("If that were it, ") for text in wrong)
    assert not any("`status`" in render_for_screen(text) for text in wrong if text), "the screen has a map"


def test_every_kind_of_fault_is_drawn() -> None:
    drawn = {kind for seed in range(300) for kind in make_drill(seed).kinds}
    assert drawn == set(Kind)


def test_causes_can_be_asked_for_by_id() -> None:
    drill = build_drill(1, 2, "two-node", causes=("nopreempt",), name="mine", title="T", story="S")
    assert [cause.id for cause in drill.causes] == ["nopreempt"]
    assert (drill.name, drill.title, drill.story) == ("mine", "T", "S")
    with pytest.raises(UserError, match="no drill nonsense can be made"):
        build_drill(1, 2, "two-node", causes=("nonsense",))


def test_every_level_draws_from_topologies_that_ship() -> None:
    for names in TOPOLOGIES.values():
        assert all(load_topology(name) for name in names)
