"""What was measured is told in words, of every lesson that ships."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.lessons.conditions.captions import HELD, MEASURED, describe_capture
from hatlab.lessons.conditions.measures import MEASURES
from hatlab.lessons.conditions.parser import parse_capture
from hatlab.lessons.conditions.predicates import CONDITIONS
from hatlab.lessons.library.loader import lesson_files, read_lesson


def test_every_measure_has_words() -> None:
    assert MEASURED.keys() == MEASURES.keys()
    assert HELD.keys() <= CONDITIONS.keys()


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_s_words_leave_no_gap(name: str) -> None:
    assert "{" not in describe_capture(parse_capture(MEASURES[name].example))


@pytest.mark.parametrize(
    ("written", "phrase"),
    [
        ("missing db1", "acknowledged rows missing on db1"),
        ("received db1 db2", "adverts from db2 that reached db1"),
        ("outage", "how long the client was cut off"),
        ("outage client", "how long the client was cut off"),
        ("outage client2", "how long client2 was cut off"),
        ("value db1 accounts 1 balance", "balance of accounts 1 on db1"),
        (
            {"from": "process mysqld db1 down", "to": "state db1 FAULT"},
            "from when mysqld on db1 was down until db1 reported FAULT",
        ),
        (
            {"from": {"not": "cut heartbeat db2"}, "to": "owner db1"},
            "from when heartbeat was healed until db1 alone held the address",
        ),
        (
            {"from": {"not": "cut heartbeat db2"}, "to": "owners 1"},
            "from when heartbeat was healed until one server held the address",
        ),
        (
            {"from": "cut heartbeat", "to": "owners 0"},
            "from when heartbeat was cut until nobody held the address",
        ),
        ({"from": {"any": ["outage", "healthy"]}, "to": "owner db1"}, ""),
    ],
)
def test_a_capture_is_told_in_words(written: str | dict[str, object], phrase: str) -> None:
    assert describe_capture(parse_capture(written)) == phrase


@pytest.mark.parametrize("path", lesson_files(), ids=lambda path: path.stem)
def test_a_shipped_lesson_s_captures_have_words(path: Path) -> None:
    lesson = read_lesson(path)
    for _, task in lesson.tasks():
        for capture in task.capture.values():
            assert describe_capture(capture)
