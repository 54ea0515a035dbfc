"""How the result of an SQL statement is written as text."""

from __future__ import annotations

from hatlab.engine.sql_table import MAX_WIDTH, format_rows


def test_rows_that_fit_become_a_table() -> None:
    assert format_rows(("id", "v"), [(1, None), (2, "x")]) == "id | v\n1 | NULL\n2 | x"
    assert format_rows(("id", "v"), []) == "no rows"


def test_wide_rows_get_one_line_per_value_in_the_order_of_the_columns() -> None:
    names = [f"Column_{k}" for k in range(9)]
    wide = format_rows(names, [["", 1062, None, *"abcdef"]])
    assert wide.splitlines()[:3] == ["Column_0:", "Column_1: 1062", "Column_2: NULL"]
    assert len(wide.splitlines()) == 9
    two = format_rows(names, [range(9), range(9)]).splitlines()
    assert [k for k, line in enumerate(two) if line.startswith("***")] == [0, 10]
    assert two[10] == "*** 2. row ***"


def test_a_value_stays_on_its_line() -> None:
    assert format_rows(("set",), [["a:1-5,\nb:1-7"]]) == "set\na:1-5, b:1-7"
    assert format_rows(("set",), [["x" * MAX_WIDTH * 2]]) == f"set\n{'x' * MAX_WIDTH * 2}"
