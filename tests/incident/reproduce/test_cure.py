"""The same faults with changed configurations: what they would have spared."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.errors import UserError
from hatlab.incident.brought import find_files
from hatlab.incident.recording import import_incident
from hatlab.incident.reproduce.cure import read_changed, try_cure
from hatlab.incident.reproduce.report import cure_lines, cure_verdict, to_document
from hatlab.incident.reproduce.search import Reproduction, Search
from hatlab.incident.reproduce.seen import Seen
from hatlab.incident.sources import find_zone
from tests.incident.field_files import write_files
from tests.parity.play import on_simulator
from tests.parity.scenarios import SCENARIOS


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Reproduction, Path]:
    """keepalived on db1 is stopped and comes back, told by two logs in whole seconds and one capture."""
    folder = tmp_path_factory.mktemp("incident")
    events = on_simulator(next(s for s in SCENARIOS if s.number == "11")).events
    files = find_files(write_files(events, folder, captures=("db2",)))
    imported = import_incident(files, zone=find_zone("UTC"))
    return Search(Seen(imported.events)).run(), folder


def _changed(folder: Path, tmp_path: Path, old: str, new: str) -> dict[str, str]:
    words = []
    for node in ("db1", "db2"):
        text = (folder / node / "keepalived.conf").read_text()
        assert old in text or node == "db1" or old not in text
        (tmp_path / f"{node}.conf").write_text(text.replace(old, new))
        words.append(f"{node}={tmp_path / f'{node}.conf'}")
    return read_changed(find_files(words))


def test_a_cure_that_spares_a_change_holds(found: tuple[Reproduction, Path], tmp_path: Path) -> None:
    reproduction, folder = found
    cure = try_cure(reproduction, _changed(folder, tmp_path, " priority", " nopreempt\n priority"), "sim")
    assert cure.holds
    assert cure_verdict(cure).startswith("The cure holds: with the same faults, 1 change of VI_1's Master")
    text = "\n".join(cure_lines(cure))
    assert "In all" in text
    assert "+nopreempt" in text
    document = to_document(reproduction, reproduction.best.comparison, cure)["cure"]
    assert document["holds"]
    assert {total["kind"] for total in document["comparison"]["totals"]} >= {"masters"}


def test_what_changes_nothing_is_no_cure(found: tuple[Reproduction, Path], tmp_path: Path) -> None:
    reproduction, folder = found
    cure = try_cure(reproduction, _changed(folder, tmp_path, "nothing", "nothing"), "sim")
    assert not cure.holds
    assert cure_verdict(cure).startswith("The change makes no difference")


def test_mistakes_in_the_changed_file_are_told(found: tuple[Reproduction, Path], tmp_path: Path) -> None:
    reproduction, folder = found
    changed = _changed(folder, tmp_path, " priority", " no_preempt\n priority")
    cure = try_cure(reproduction, changed, "sim")
    assert any("no_preempt" in note for note in cure.notes)


def test_a_node_that_had_no_configuration_cannot_be_changed(found: tuple[Reproduction, Path]) -> None:
    with pytest.raises(UserError, match="no configuration of db9"):
        try_cure(found[0], {"db9": "vrrp_instance VI_1 {\n}\n"}, "sim")


def test_files_without_a_configuration_are_refused(found: tuple[Reproduction, Path]) -> None:
    with pytest.raises(UserError, match=r"no keepalived\.conf"):
        read_changed(find_files([f"db1={found[1] / 'db1' / 'messages'}"]))
