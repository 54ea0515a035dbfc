"""Incidents that others told of in public threads, as far as their texts were there; details are replaced.

Each folder has what was posted of each node, and in cause.yaml the cause that its thread settled on.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hatlab.incident.sources import Hints, SourceNote, find_zone, read_source

INCIDENTS = sorted(path.parent for path in Path(__file__).parent.glob("public/*/cause.yaml"))
KINDS = {
    "addresses_differ",
    "check_failed",
    "daemon_failed",
    "multicast_group",
    "addresses_refused",
    "configuration",
    "cut",
    "interface_down",
    "one_way_cut",
    "sending_refused",
    "stalled",
    "stopped",
    "strict",
    "version",
    "vrid_shared",
}
FOREIGN = {"17-an-interface-that-does-not-exist/n1/log": 1}
"""Lines of other programs in a source."""


def test_there_are_enough_of_them() -> None:
    assert len(INCIDENTS) >= 12


@pytest.mark.parametrize("folder", INCIDENTS, ids=[folder.name for folder in INCIDENTS])
def test_all_that_was_posted_is_read(folder: Path) -> None:
    told = yaml.safe_load((folder / "cause.yaml").read_text())
    assert told.keys() == {"cause", "kind", "reference"}
    assert told["kind"] in KINDS
    for path in sorted(folder.glob("*/*")):
        name = f"{folder.name}/{path.parent.name}/{path.name}"
        records = [*read_source(path, name, Hints(find_zone("UTC")))]
        assert any(not isinstance(record, SourceNote) for record in records)
        unknown = [note for note in records if isinstance(note, SourceNote) and "understood" in note.text]
        assert len(unknown) == FOREIGN.get(name, 0)
