"""`hatlab topology-from` of the field cases' files: a topology that has the incident, and no errors."""

from __future__ import annotations

import pytest

from hatlab.topology.file import parse_topology
from tests.field_cases.lab import make_topology
from tests.field_cases.table import FieldCase, parameters


@pytest.mark.parametrize("case", parameters("topology", lambda case: bool(case.confs)))
def test_the_topology_keeps_the_incident_or_says_what_is_changed(case: FieldCase) -> None:
    made = make_topology(*case.paths)
    errors = [f for f in parse_topology(made.text.encode()).findings if f.severity == "error"]
    assert errors == [], made.text
    assert [text for text in case.keeps if text not in made.text] == [], made.text
    assert [text for text in case.told if text not in made.comment] == [], made.comment
    assert [text for text in case.told if text not in made.said] == [], made.said
