"""Each measure at a moment of a simulated lab at which its value is known, and where there is none."""

from __future__ import annotations

import pytest

from hatlab.lessons.conditions.measures import MEASURES
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.conditions.vocabulary import parse_number
from tests.lessons.conditions.moments import measured

TABLE: list[tuple[str, str, Value]] = [
    ("owner", "healthy", "db1"),
    ("owner .100", "split", "db1 and db2"),
    ("owner", "mysqld just killed", "db1"),
    ("master", "mysqld killed", "db2"),
    ("master VI_1", "split", "db1 and db2"),
    ("outage", "healthy", None),
    ("outage client", "mysqld just killed", None),
    ("unanswered client", "healthy", 0.0),
    ("unanswered", "keepalived killed", 0.0),
    ("failed client", "healthy", None),
    ("answered", "mysqld killed", "db2"),
    ("answered client", "mysqld just killed", "nobody"),
    ("takeover db2", "healthy", None),
    ("takeover db2 VI_1", "mysqld just killed", None),
    ("handovers", "split", 1.0),
    ("handovers VI_1", "healthy", 0.0),
    ("skew db1", "healthy", 106 / 256),
    ("skew db2", "healthy", 156 / 256),
    ("skew db2", "edited", 136 / 256),
    ("master_down db2", "healthy", 3 + 156 / 256),
    ("master_down db2 VI_1", "edited", 3 + 136 / 256),
    ("priority db1", "healthy", 150.0),
    ("priority db2 VI_1", "edited", 120.0),
    ("interval db1", "healthy", 1.0),
    ("setting db1 fall", "healthy", 2.0),
    ("setting db2 priority", "edited", 120.0),
    ("setting db1 interface", "healthy", "eth1"),
    ("setting db1 nopreempt", "healthy", None),
    ("adverts db2", "healthy", 0.0),
    ("adverts db1 0", "mysqld killed", 2.0),
    ("adverts db1 0", "keepalived stopped", 1.0),
    ("adverts db1 0", "keepalived killed", 0.0),
    ("received db2 db1", "split", 0.0),
    ("received db1 db2", "healthy", 0.0),
    ("field db1 priority", "healthy", 150.0),
    ("field db1 priority", "mysqld killed", 0.0),
    ("field db1 vrid", "healthy", 51.0),
    ("field db1 version", "healthy", 2.0),
    ("field db1 interval", "healthy", 1.0),
    ("field db1 source", "healthy", "198.18.1.11"),
    ("field db1 destination", "healthy", "224.0.0.18"),
    ("field db1 auth", "healthy", "hatlab"),
    ("field db1 address", "healthy", "198.18.0.100"),
    ("field db1 ttl", "healthy", 255.0),
    ("field db2 ttl", "healthy", None),
    ("missing db2", "healthy", 0.0),
    ("value db1 accounts 1 owner", "healthy", "alice"),
    ("value db2 accounts 1 balance", "healthy", 0.0),
    ("value db2 accounts 9 balance", "healthy", None),
    ("errno db2", "healthy", 0.0),
    ("errno db2", "duplicate key", 1062.0),
    ("errno db1", "off", None),
]
BETWEEN = [
    ("outage client", "mysqld killed", 2.4, 5),
    ("unanswered client", "mysqld killed", 2.4, 5),
    ("unanswered client", "mysqld just killed", 0.1, 3),
    ("outage", "off", 2.5, 4),
    ("failed client", "mysqld killed", 40, 100),
    ("takeover db2", "keepalived stopped", 0.60, 0.62),
    ("takeover db2", "keepalived killed", 3.60, 3.62),
    ("takeover db2", "split", 3.60, 3.62),
    ("adverts db1", "healthy", 5, 7),
    ("adverts db1 150", "healthy", 5, 7),
    ("adverts db2", "split", 2, 4),
    ("received db2 db1", "healthy", 5, 7),
    ("acknowledged db1", "healthy", 5, 100),
    ("missing db2", "split", 1, 100),
]


@pytest.mark.parametrize(("line", "moment", "value"), TABLE)
def test_a_measure_has_its_value(line: str, moment: str, value: Value) -> None:
    assert measured(line, moment) == value


@pytest.mark.parametrize(("line", "moment", "least", "most"), BETWEEN)
def test_a_measure_lies_between_bounds(line: str, moment: str, least: float, most: float) -> None:
    found = measured(line, moment)
    assert isinstance(found, float)
    assert least <= found <= most


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ttl", 255.0),
        ("version", 3.0),
        ("source", "fe80::42:c6ff:fe12:10b"),
        ("destination", "ff02::12"),
        ("address", "fd00:198:18::100"),
        ("auth", "none"),
    ],
)
def test_an_advert_over_ipv6_has_the_same_fields(field: str, value: Value) -> None:
    assert measured(f"field db1 {field}", "healthy", "ipv6") == value


def test_every_measure_is_tried() -> None:
    lines = [*(row[0] for row in TABLE), *(row[0] for row in BETWEEN)]
    assert {line.split()[0] for line in lines} == set(MEASURES)


def test_a_word_is_a_number_only_if_it_is_a_finite_one() -> None:
    assert [parse_number(word) for word in ("3", "-0.5", "db1", "nan", "inf", "1e999", "")] == [
        3.0,
        -0.5,
        "db1",
        "nan",
        "inf",
        "1e999",
        "",
    ]
