"""What stands in braces, put in place of its names; and sums of it."""

from __future__ import annotations

import pytest

from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.templates import render
from tests.support.lesson_findings import locations, only_message
from tests.support.lesson_lab import LessonLab
from tests.support.lesson_texts import LESSON

VALUES: dict[str, Value] = {
    "outage": 4.25,
    "noticed": 2.5,
    "interval": 1.0,
    "owner": "db2",
    "port": "40",
    "lost": None,
}


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{outage}", "4.25"),
        ("{outage:1}", "4.2"),
        ("{interval} s", "1 s"),
        ("{owner}", "db2"),
        ("{outage - noticed}", "1.75"),
        ("{outage - noticed:3}", "1.750"),
        ("{3 * interval + noticed}", "5.50"),
        ("{noticed - outage + 0.5}", "-1.25"),
        ("{noticed - 2.504}", "0.00"),
        ("{port + 2}", "42"),
        ("{outage - lost}", "(not measured)"),
        ("{outage - owner}", "(not measured)"),
        ("{outage - nothing}", "{outage - nothing}"),
        ("{outage-noticed}", "{outage-noticed}"),
        ("a{3}, {2 - 1}, { outage }, {{outage}}", "a{3}, {2 - 1}, { outage }, {{outage}}"),
    ],
)
def test_braces_are_filled_by_values_and_sums(text: str, rendered: str) -> None:
    assert render(text, VALUES) == rendered


def test_each_name_of_a_sum_must_be_known() -> None:
    text = LESSON.replace("It took {outage} s", "It took {outage - cut_off} s, {2 * outage} s")
    assert locations(text) == []
    assert only_message(LESSON.replace("It took {outage}", "It took {outage - outag}")) == (
        "nothing before this captures {outag}; did you mean `outage`?"
    )


WHYS = LESSON.replace("owner db2]", "owner db2, outage]").replace(
    'why: "It was {outage} s."',
    """why:
  - "It was {outage} s."
  - {when: outage client < 100, say: "That is short: {2 * outage:0} s would be long."}
  - {when: outage client > 100, say: That is long.}""",
)


def test_every_fitting_part_of_why_is_said() -> None:
    lab = LessonLab(WHYS)
    lab.runner.answer("4")
    lab.do("kill mysqld db1", wait=8)
    outage = lab.progress.captures["outage"]
    assert isinstance(outage, float)
    assert lab.said("truth") == [f"It was {outage:.2f} s. That is short: {2 * outage:.0f} s would be long."]


def test_a_condition_of_why_is_checked() -> None:
    text = WHYS.replace("outage client < 100", "outagge client < 100")
    assert [code for code, _, _ in locations(text)] == ["LS021"]
    assert [code for code, _, _ in locations(WHYS.replace("{2 * outage:0}", "{2 * outag:0}"))] == ["LS025"]


def test_what_was_not_measured_has_no_unit() -> None:
    assert (
        render("it takes {waited} s to become one", {"waited": None})
        == "it takes (not measured) to become one"
    )
    assert render("{waited} seconds", {"waited": None}) == "(not measured) seconds"
