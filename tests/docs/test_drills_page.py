"""docs/drills.md is one with the code: `python -m tests.docs.test_drills_page` makes its tables."""

from __future__ import annotations

import re
from pathlib import Path

from hatlab.drills import Cause, list_shipped
from hatlab.drills.causes import list_causes
from hatlab.drills.generate import TOPOLOGIES
from hatlab.drills.roles import Roles
from hatlab.topology.library import load_topology

PAGE = Path(__file__).parents[2] / "docs" / "drills.md"


def page(text: str) -> str:
    """The page with its tables made of the code."""
    tables = {"shipped": _shipped(), "causes": _causes()}
    marked = r"(<!-- (shipped|causes) -->\n).*?(?=<!-- end -->)"
    return re.sub(marked, lambda found: found[1] + tables[found[2]], text, flags=re.S)


def _shipped() -> str:
    rows = (
        f"| `{entry.id}` | {entry.level} | {entry.title} | {entry.topology} |\n" for entry in list_shipped()
    )
    return f"| id | level | title | topology |\n|---|---|---|---|\n{''.join(rows)}"


def _causes() -> str:
    rows = (
        f"| `{cause.id}` | {cause.name} | {cause.kind} | {cause.level} | {cause.symptom} |\n"
        for cause in every_cause().values()
    )
    head = "| id | offered as | kind of fault | from level | reported as |\n|---|---|---|---|---|\n"
    return head + "".join(rows)


def every_cause() -> dict[str, Cause]:
    """The first cause of each kind, over the topologies that are drawn."""
    found: dict[str, Cause] = {}
    for name in dict.fromkeys(name for names in TOPOLOGIES.values() for name in names):
        for cause in list_causes(Roles(load_topology(name))):
            found.setdefault(cause.id, cause)
    return found


def test_the_page_lists_every_cause_and_every_drill_that_ships() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(text), "run: python -m tests.docs.test_drills_page"


def test_there_are_many_kinds_of_causes_and_twenty_drills_ship() -> None:
    assert len(every_cause()) >= 25
    shipped = list_shipped()
    assert len(shipped) == 20
    assert {entry.level for entry in shipped} == {1, 2, 3}
    kinds = [every_cause()[cause].kind for entry in shipped for cause in entry.causes]
    assert len(set(kinds)) >= 8


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
