"""A link that loses frames by chance: found in captures and logs, played by seed, and just as it was seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.incident.reproduce import search
from hatlab.incident.reproduce.report import report_lines, to_document
from hatlab.incident.reproduce.search import run_faults
from hatlab.incident.reproduce.timetable import AS_SEEN, files_of
from hatlab.topology.library import load_topology
from tests.incident.reproduce.foreign_lab import BROUGHT, bring, run

ONE_WAY, BOTH_WAYS = (
    "3 loss heartbeat 60 db2\n43 heal heartbeat\n",
    "3 loss heartbeat 60\n43 heal heartbeat\n",
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[e.Event, ...]]:
    return {
        script: run(tmp_path_factory.mktemp("run"), load_topology("two-node"), script, 38)
        for script in (ONE_WAY, BOTH_WAYS)
    }


@pytest.mark.parametrize(
    ("script", "logs", "captures"),
    [
        (ONE_WAY, (), BROUGHT),
        (ONE_WAY, BROUGHT, ("db2",)),
        (ONE_WAY, BROUGHT, ()),
        (BOTH_WAYS, BROUGHT, BROUGHT),
    ],
)
def test_it_is_found(
    runs: dict[str, tuple[e.Event, ...]],
    tmp_path: Path,
    script: str,
    logs: tuple[str, ...],
    captures: tuple[str, ...],
) -> None:
    found = bring(runs[script], tmp_path, logs=logs, captures=captures)
    loss, heal = found.best.faults
    assert (loss.verb, loss.targets[0], heal.words) == ("loss", "heartbeat", "heal heartbeat")
    assert abs(int(loss.targets[1]) - 60) < 20
    if captures == BROUGHT:
        assert loss.targets[2:] == (("db2",) if script is ONE_WAY else ())
    assert found.best.seed < search.SEEDS
    assert found.as_seen() is not None


def test_as_it_was_seen_it_is_the_same(runs: dict[str, tuple[e.Event, ...]], tmp_path: Path) -> None:
    found = bring(runs[ONE_WAY], tmp_path)
    exact = found.as_seen()
    assert exact is not None
    cuts, agreement = exact
    assert agreement > 0.95
    said = "\n".join(report_lines(found, found.best.comparison, ("a", "b"), details=False))
    assert f"With the adverts lost as they were seen ({cuts.name})" in said
    assert "It cannot be told apart" not in said
    best = found.best
    _, again = run_faults(found.seen, found.incident, found.topology, best.faults, best.lead, seed=best.seed)
    assert again.agreement == best.agreement
    document = to_document(found, found.best.comparison)
    assert (document["seed"], document["as_seen"]) == (best.seed, round(agreement, 4))
    files = files_of(found.seen, found.topology, best.faults, best.lead, "x", cuts.faults)
    assert "cut heartbeat db2" in files[AS_SEEN]


@pytest.mark.parametrize(
    "script",
    [
        "3 cut heartbeat db2\n11 heal heartbeat\n15 cut heartbeat db2\n23 heal heartbeat\n"
        "27 cut heartbeat db2\n35 heal heartbeat\n",
        "3 kill keepalived db1\n12 start keepalived db1\n",
    ],
)
def test_what_was_cut_or_ended_is_no_chance(tmp_path: Path, script: str) -> None:
    found = bring(run(tmp_path, load_topology("two-node"), script, 38), tmp_path)
    assert not any(fault.verb == "loss" for fault in found.best.faults)
    assert found.as_seen() is None
