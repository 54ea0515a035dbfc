"""How the result of a statement is written."""

from __future__ import annotations

from hatlab.engine.sql_table import WIDEST, printed


def test_what_fits_is_a_table() -> None:
    assert printed(("id", "v"), [(1, None), (2, "x")]) == "id | v\n1 | NULL\n2 | x"
    assert printed(("id", "v"), []) == "no rows"


def test_what_is_too_wide_has_a_line_a_value_in_the_order_of_the_columns() -> None:
    names = [f"Column_{k}" for k in range(9)]
    wide = printed(names, [["", 1062, None, *"abcdef"]])
    assert wide.splitlines()[:3] == ["Column_0:", "Column_1: 1062", "Column_2: NULL"]
    assert len(wide.splitlines()) == 9
    two = printed(names, [range(9), range(9)]).splitlines()
    assert [k for k, line in enumerate(two) if line.startswith("***")] == [0, 10]
    assert two[10] == "*** 2. row ***"


def test_a_value_stays_in_its_line() -> None:
    assert printed(("set",), [["a:1-5,\nb:1-7"]]) == "set\na:1-5, b:1-7"
    assert printed(("set",), [["x" * WIDEST * 2]]) == f"set\n{'x' * WIDEST * 2}"
