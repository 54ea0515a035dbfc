"""What a reproduction says of what it cannot play, and of an incident that lasted for hours."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from hatlab.incident.brought import find_files
from hatlab.incident.recording import import_incident
from hatlab.incident.reproduce import trial
from hatlab.incident.reproduce.report import report_lines, to_document
from hatlab.incident.reproduce.search import Reproduction, Search
from hatlab.incident.reproduce.seen import Seen
from hatlab.incident.sources import find_zone
from hatlab.session import Session

PUBLIC = Path(__file__).parents[1] / "public"


def _reproduced(folder: str) -> Reproduction:
    imported = import_incident(find_files([str(PUBLIC / folder)]), zone=find_zone("UTC"))
    return Search(Seen(list(imported.events))).run()


def test_what_no_lab_plays_is_said() -> None:
    found = _reproduced("04-a-container-may-not-send/ka")
    said = "\n".join(report_lines(found, found.best.comparison, ("a", "b"), details=False))
    assert "No lab plays this: ka cannot send adverts" in said
    assert "(ka/" in said
    assert "Nothing had to happen" not in said  # it is not the same course
    told, *_ = to_document(found, found.best.comparison)["not_played"]
    assert (told["kind"], told["node"]) == ("sending_refused", "ka")


def test_what_a_stranger_causes_is_told_by_the_run_too() -> None:
    found = _reproduced("01-another-cluster-has-the-same-vrid/lb4")
    said = "\n".join(report_lines(found, found.best.comparison, ("a", "b"), details=False))
    assert "set stranger virtual_router_id 51" in said
    assert "lb4/messages:" in said
    assert "The run shows this, too: lb4 receives adverts that have its virtual router's number" in said
    document = to_document(found, found.best.comparison)
    assert document["told_again"] == [{"kind": "vrid_shared", "node": "lb4"}]
    assert document["not_played"] == []


def test_time_goes_on_for_hours() -> None:
    now, most = 0.0, 3600.0

    def seek(at: float) -> None:
        nonlocal now
        assert now < at <= now + most
        now = at

    engine = SimpleNamespace(now=lambda: now)
    session: Any = SimpleNamespace(engine=engine, time=object(), seek=seek)
    trial._wait_until(cast(Session, session), 6 * 3600.0)
    assert now == 6 * 3600.0
