"""What public incidents tell beyond changes of state is the cause on which their threads settled."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hatlab.incident.brought import find_files
from hatlab.incident.recording import import_incident
from hatlab.incident.signs import find_signs
from hatlab.incident.sources import find_zone

INCIDENTS = sorted(path.parent for path in Path(__file__).parent.glob("public/*/cause.yaml"))
CALLED = {"one_way_cut": "not_heard", "configuration": "interface_missing"}
"""Kind of cause → the sign that says it, where they have different names."""
NO_SIGN = {"cut", "stopped", "strict", "version", "multicast_group"}
"""Kinds of which no line tells: transitions, adverts and configurations do."""
MISSED = {
    "08-a-snapshot-of-the-master",  # the daemon of that version writes nothing of having stood still
    "20-two-groups-of-an-operator",  # nothing tells that the one which it yields to is a stranger
}


@pytest.mark.parametrize("folder", INCIDENTS, ids=[folder.name for folder in INCIDENTS])
def test_the_cause_is_among_the_signs(folder: Path) -> None:
    kind = yaml.safe_load((folder / "cause.yaml").read_text())["kind"]
    nodes = [str(node) for node in sorted(folder.iterdir()) if node.is_dir()]
    signs = find_signs(import_incident(find_files(nodes), zone=find_zone("UTC")).events)
    if kind in NO_SIGN or folder.name in MISSED:
        assert not signs
    else:
        assert CALLED.get(kind, kind) in {sign.kind for sign in signs}
        assert all(sign.evidence and sign.text.endswith((".", '".')) for sign in signs)
