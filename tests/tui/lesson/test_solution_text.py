"""A solution in words: keys and lines."""

from __future__ import annotations

import pytest

from hatlab.lessons.model import Task
from hatlab.tui.lesson.solution_text import format_solution, key_hint


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("kill mysqld db1", "or the key `k`, while ▸ marks db1"),
        ("kill keepalived db2", "or the key `K`, while ▸ marks db2"),
        ("cut heartbeat", "or the key `c`"),
        ("cut heartbeat db2", ""),
        ("start mysqld db1", ""),
    ],
)
def test_an_answer_tells_the_key_that_does_it(line: str, told: str) -> None:
    assert key_hint(line) == told


def answer_of(*solution: object) -> list[str]:
    return format_solution(
        Task.model_validate({"id": "it", "do": "Do it.", "when": "owner db2", "solution": solution})
    ).split("\n")


def test_an_answer_of_several_parts_tells_their_order() -> None:
    assert answer_of(
        "stop keepalived db1",
        {"wait": "owner db2"},
        {"edit": "db1", "drop": ["nopreempt"], "change": {"from": "x", "to": "y {\n    z\n}"}},
        "reload db1",
    ) == [
        "The answer, with the key `:` and then typed:",
        "1. `stop keepalived db1` (or the key `t`, while ▸ marks db1)",
        "2. wait until db2 alone holds the address",
        "3. with the key `e` on db1: take out nopreempt, write y { z }",
        "4. `reload db1`",
    ]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (3, "wait 3 s"),
        (
            {"held": 3, "when": ["owner db1", "master db1"]},
            "wait until db1 alone holds the address and db1 alone is Master, for 3 s",
        ),
        ("owners 2", "wait until 2 servers hold the address"),
        ("owner db2 10.0.0.1", "wait until this holds: owner db2 10.0.0.1"),
        (
            {"held": 2, "when": ["owners 2", "outage"]},
            "wait until this holds: owners 2; outage",
        ),
    ],
)
def test_a_wait_is_said_in_words_where_it_has_some(condition: object, said: str) -> None:
    assert answer_of({"wait": condition}, "heal heartbeat")[1] == f"1. {said}"
