"""A solution in words: keys and lines."""

from __future__ import annotations

import pytest

from hatlab.lessons.model import Task
from hatlab.tui.lesson.solution_text import format_solution, key_hint


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("kill mysqld db1", "or press `k` while ▸ marks db1"),
        ("kill keepalived db2", "or press `K` while ▸ marks db2"),
        ("cut heartbeat", "or press `c`"),
        ("cut heartbeat db2", ""),
        ("start mysqld db1", ""),
    ],
)
def test_a_solution_names_the_key_that_does_it(line: str, key: str) -> None:
    assert key_hint(line) == key


def solution_lines(*solution: object) -> list[str]:
    return format_solution(
        Task.model_validate({"id": "it", "do": "Do it.", "when": "owner db2", "solution": solution})
    ).split("\n")


def test_a_solution_of_several_steps_numbers_them() -> None:
    assert solution_lines(
        "stop keepalived db1",
        {"wait": "owner db2"},
        {"edit": "db1", "drop": ["nopreempt"], "change": {"from": "x", "to": "y {\n    z\n}"}},
        "reload db1",
    ) == [
        "The answer: press `:` and type",
        "1. `stop keepalived db1` (or press `t` while ▸ marks db1)",
        "2. wait until db2 alone holds the address",
        "3. press `e` on db1: remove nopreempt, write y { z }",
        "4. `reload db1`",
    ]


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (3, "wait 3 s"),
        (
            {"held": 3, "when": ["owner db1", "master db1"]},
            "wait until db1 alone holds the address and db1 alone is Master, for 3 s",
        ),
        ("owners 2", "wait until 2 servers hold the address"),
        ("owner db2 10.0.0.1", "wait until this is true: owner db2 10.0.0.1"),
        (
            {"held": 2, "when": ["owners 2", "outage"]},
            "wait until this is true: owners 2; outage",
        ),
    ],
)
def test_a_wait_is_described_in_words_where_there_are_some(condition: object, text: str) -> None:
    assert solution_lines({"wait": condition}, "heal heartbeat")[1] == f"1. {text}"
