"""Steps of a solution as a person reads them."""

from __future__ import annotations

from hatlab.lessons.model import Edit
from hatlab.lessons.solution import format_step


def test_an_edit_says_what_is_replaced_and_what_is_written_in_full() -> None:
    short = {"from": ".109/", "to": ".100/"}
    long = {"from": "state BACKUP", "to": "state BACKUP\n    nopreempt"}
    assert format_step(Edit.model_validate({"edit": "db1", "change": short})) == (
        "edit db1: replace .109/ with .100/"
    )
    told = format_step(Edit.model_validate({"edit": "db1", "drop": "weight", "change": long}))
    assert told == "edit db1: remove weight, write state BACKUP\n    nopreempt"
