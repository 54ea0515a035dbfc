"""Two runs compared: the story, and the story changed in one thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from hatlab import events as e
from hatlab.compare.comparison import Comparison, compare_courses
from hatlab.compare.course import Course, read_course
from hatlab.compare.document import to_document
from hatlab.compare.totals import find_totals
from hatlab.compare.words import comparison_lines, verdict
from hatlab.errors import UserError
from hatlab.state.steps import derive_steps
from tests.support.story import story

FACTS = story(44.0)
KILLED = next(ev.at for ev in FACTS if isinstance(ev, e.Process) and ev.state == "down")


def _course(facts: Sequence[e.Event] = FACTS) -> Course:
    return read_course(derive_steps(facts))


def _changed(change: Callable[[e.Event], e.Event | None]) -> Course:
    return _course([new for fact in FACTS if (new := change(fact)) is not None])


def _compare(other: Course, **options: Any) -> Comparison:
    return compare_courses(_course(), other, **options)


def _later(seconds: float, since: float = 0.0) -> Course:
    return _course([replace(ev, at=ev.at + seconds) if ev.at >= since else ev for ev in FACTS])


def _renamed(event: e.Event) -> e.Event:
    """The same on nodes with other names."""
    names = {"db1": "left", "db2": "right"}
    if isinstance(event, e.Lab):
        text = repr(event.topology)
        for old, new in names.items():
            text = text.replace(repr(old), repr(new))
        return replace(event, topology=eval(text))
    changes: dict[str, Any] = {
        field: names[value] for field in ("node", "server") if (value := getattr(event, field, "")) in names
    }
    return replace(event, **changes) if changes else event


def test_a_run_is_like_itself() -> None:
    comparison = _compare(_course())
    assert comparison.same
    assert comparison.agreement == 1
    assert verdict(comparison).startswith("The same course: ")
    assert "no owner differs" in verdict(comparison)


def test_a_run_that_began_later_is_the_same() -> None:
    assert _compare(_later(100.0)).same


def test_what_comes_after_the_fault_later_is_told_with_how_much() -> None:
    comparison = _compare(_later(0.5, KILLED + 0.2))
    assert not comparison.same
    assert verdict(comparison).startswith("B differs: db1 went to FAULT 0.50 s later")
    assert "the outage of client was" in verdict(comparison)
    assert comparison.agreement < 1


def test_within_the_tolerance_nothing_differs() -> None:
    assert _compare(_later(0.5, KILLED + 0.2), within=0.6).same


def test_a_time_that_is_known_to_the_second_only_is_no_difference() -> None:
    def coarse(event: e.Event) -> e.Event:
        if isinstance(event, e.Vrrp | e.Process | e.Address):
            return replace(event, at=float(int(event.at)), about=1.0)
        return event

    states = [m for m in _compare(_changed(coarse)).differences if m.key.kind == "state"]
    assert states == []


def test_what_never_came_is_told() -> None:
    comparison = _compare(_changed(lambda ev: None if isinstance(ev, e.Vrrp) and ev.node == "db2" else ev))
    assert "db2 did not become Master" in verdict(comparison)


def test_other_names_are_matched_by_priority() -> None:
    comparison = _compare(_changed(_renamed))
    assert comparison.same
    assert comparison.pairing.renamed() == {"db1": "left", "db2": "right"}
    assert "left of B stands for db1 of A." in list(comparison_lines(comparison, ("a", "b")))


def test_who_stands_for_whom_can_be_chosen() -> None:
    comparison = _compare(_changed(_renamed), same_names=["db1=right"])
    assert comparison.pairing.renamed() == {"db1": "right", "db2": "left"}
    assert not comparison.same


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"same_names": ["db1"]}, "names one node only"),
        ({"same_names": ["db9=db1"]}, "has no node 'db9'"),
        ({"same_names": ["db1=db2", "db2=db2"]}, "stands for another one already"),
        ({"align_at": "noon"}, "is no alignment"),
        ({"align_at": "soon=later"}, "is not two moments"),
    ],
)
def test_what_cannot_be_aligned_is_said(options: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError, match=says):
        _compare(_course(), **options)


def test_what_only_the_longer_run_could_see_is_no_difference() -> None:
    assert compare_courses(_course(), _course(FACTS[: len(FACTS) * 2 // 3])).same


def test_where_nothing_can_be_compared_nothing_is_the_same() -> None:
    lab = [ev for ev in FACTS if isinstance(ev, e.Lab)]
    comparison = compare_courses(_course(lab), _course(lab))
    assert not comparison.same
    assert verdict(comparison).startswith("There is nothing to compare")


def test_an_import_without_a_nodes_log_says_nothing_of_its_states() -> None:
    lab = next(ev for ev in FACTS if isinstance(ev, e.Lab))
    known = {"db1": ("log",), "db2": ("capture",)}
    facts = [
        replace(lab, engine="import", sources=known),
        *(ev for ev in FACTS if getattr(ev, "node", "") == "db1" and isinstance(ev, e.Vrrp)),
    ]
    comparison = compare_courses(_course(facts), _course())
    assert not [m for m in comparison.matches if m.key.kind == "state" and m.key.subject[0] == "db2"]
    assert ("state", ("db2", "VI_1")) in comparison.unknown


def _owners(*held: tuple[float, str, bool], engine: str = "sim") -> Course:
    """A run of which only the owners of the address are known: (at, node, whether it holds it)."""
    lab = next(ev for ev in FACTS if isinstance(ev, e.Lab))
    address = next(ev for ev in FACTS if isinstance(ev, e.Address) and ev.vip)
    sources = {"db1": ["addresses"], "db2": ["addresses"]} if engine == "import" else {}
    changes = [replace(address, at=at, node=node, held=holds) for at, node, holds in held]
    return _course([replace(lab, engine=engine, sources=sources), *changes, e.Tick(at=30.0)])


TAKEN_OVER = ((2.0, "db1", True), (10.0, "db1", False), (13.0, "db2", True))
TAKEN_BACK = ((2.0, "db1", True), (10.0, "db1", False), (13.0, "db1", True))


@pytest.mark.parametrize("held", [TAKEN_OVER, TAKEN_BACK])
def test_nobody_in_a_run_is_no_difference_from_an_incident_that_knows_of_none(held: Any) -> None:
    incident = _owners(*held, engine="import")
    for comparison in (
        compare_courses(incident, _owners(*held)),
        compare_courses(_owners(*held), incident),
    ):
        assert comparison.same
        assert {m.value for m in comparison.matches} <= {"db1", "db2"}


def test_an_incident_that_does_not_know_a_gap_may_have_had_none() -> None:
    assert compare_courses(_owners(*TAKEN_BACK, engine="import"), _owners(TAKEN_BACK[0])).same


def test_another_owner_than_that_of_an_incident_is_a_difference() -> None:
    incident = _owners(*TAKEN_OVER, engine="import")
    assert not compare_courses(incident, _owners(*TAKEN_BACK)).same
    assert not compare_courses(incident, _owners(*TAKEN_OVER[:2])).same
    assert not compare_courses(incident, _owners(TAKEN_OVER[0])).same


def test_an_incident_in_which_nobody_is_known_to_hold_an_address_says_so() -> None:
    incident = _owners((1.0, "db2", False), *TAKEN_OVER[:2], engine="import")
    assert compare_courses(incident, _owners(*TAKEN_OVER[:2])).same
    assert not compare_courses(incident, _owners(TAKEN_OVER[0])).same


def test_the_document_says_what_differs() -> None:
    document = to_document(_compare(_later(0.5, KILLED + 0.2)))
    assert document["same"] is False
    fault = next(c for c in document["compared"] if c["value"] == "FAULT")
    assert fault["later"] == pytest.approx(0.5)
    assert fault["text"] == "db1 went to FAULT 0.50 s later"


def test_a_run_with_an_owner_differs_from_an_incident_that_tells_of_none() -> None:
    told = compare_courses(_owners(*TAKEN_OVER), _owners(engine="import"))
    assert told.same is compare_courses(_owners(engine="import"), _owners(*TAKEN_OVER)).same


def test_that_a_state_is_not_known_any_more_is_no_difference() -> None:
    imported = [replace(ev, engine="import") if isinstance(ev, e.Lab) else ev for ev in FACTS]
    last = max(event.at for event in imported)
    name = next(iter(FACTS[0].topology["instances"]))  # type: ignore[attr-defined]
    gone = e.Vrrp(at=last, node="db1", instance=name, state="UNKNOWN", priority=None)
    comparison = compare_courses(_course(FACTS), _course([*imported, gone, e.Tick(at=last + 9)]))
    assert "UNKNOWN" not in {match.value for match in comparison.of("state")}


def test_that_there_was_no_owner_before_the_first_one_may_be_said_or_not() -> None:
    incident = _owners((1.0, "db2", False), (1.5, "db1", False), *TAKEN_OVER[:1], engine="import")
    assert compare_courses(incident, _owners(TAKEN_OVER[0])).same


def test_what_a_run_cost_in_all_comes_first() -> None:
    quiet = _changed(lambda ev: ev if ev.at < KILLED or isinstance(ev, e.Tick) else None)
    comparison = compare_courses(_course(), quiet)
    totals = {total.kind: total for total in find_totals(comparison)}
    assert totals["masters"].first.value > totals["masters"].other.value == 0
    assert totals["outage"].differs(comparison.within)
    lines = list(comparison_lines(comparison, ("a", "b")))
    assert lines.index(next(ln for ln in lines if ln.startswith("In all"))) < lines.index(
        next(ln for ln in lines if ln.startswith("Transitions"))
    )
    assert verdict(comparison).startswith("B differs: 0 changes of VI_1's Master instead of ")


def test_two_owners_that_may_be_a_handover_by_times_in_whole_seconds_are_no_difference() -> None:
    def overlap(event: e.Event) -> e.Event:
        if isinstance(event, e.Address) and not event.held and event.at > KILLED:
            return replace(event, at=event.at + 0.6, about=0.9)
        return replace(event, about=0.9) if isinstance(event, e.Address) and event.at > KILLED else event

    facts = sorted((overlap(fact) for fact in FACTS), key=lambda fact: fact.at)
    comparison = compare_courses(_course(facts), _course())
    assert not [m for m in comparison.differences if m.key.kind == "owners" and m.other is None]
